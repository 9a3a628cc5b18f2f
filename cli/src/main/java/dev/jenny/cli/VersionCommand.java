package dev.jenny.cli;

import dev.jenny.GoRuntime;
import dev.jenny.inspect.internal.Json;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
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

    @Option(names = "--json", description = "Print JSON instead of text.")
    private boolean json;

    @SuppressWarnings("NullAway.Init") // picocli sets the fields
    VersionCommand() {}

    @Override
    public void run() {
        if (json) {
            spec.commandLine()
                    .getOut()
                    .println(
                            Json.string(j ->
                                    j.object()
                                            .field("jenny", jennyVersion())
                                            .field("mode", GoRuntime.mode())
                                            .field("jdk", Runtime.version().toString())
                                            .field("vendor", System.getProperty("java.vendor", ""))
                                            .end()));
            return;
        }
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
