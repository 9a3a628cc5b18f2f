package dev.jenny.cli;

import dev.jenny.GoRuntime;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code jenny version}. */
@Command(
        name = "version",
        header = "Print the versions of Jenny and of the JDK, and the mode.",
        synopsisHeading = "%nUsage: ",
        optionListHeading = "%nOptions:%n")
final class VersionCommand implements Runnable {
    @Spec private CommandSpec spec;

    @Mixin
    @SuppressWarnings("UnusedVariable") // picocli acts on it
    private HelpOption help;

    @SuppressWarnings("NullAway.Init") // picocli sets the fields
    VersionCommand() {}

    @Override
    public void run() {
        spec.commandLine()
                .getOut()
                .printf(
                        "jenny %s (%s scheduler), JDK %s %s%n",
                        jennyVersion(),
                        GoRuntime.mode(),
                        Runtime.version(),
                        System.getProperty("java.vendor"));
    }

    /** From the jar's manifest; "dev" when run from class folders. */
    static String jennyVersion() {
        String version = VersionCommand.class.getPackage().getImplementationVersion();
        return version == null ? "dev" : version;
    }
}
