package dev.jenny.cli;

import picocli.CommandLine.Option;

/** {@code --help}, the same for all commands. */
public final class HelpOption {
    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Show this help.")
    @SuppressWarnings("UnusedVariable") // picocli acts on it
    private boolean help;
}
