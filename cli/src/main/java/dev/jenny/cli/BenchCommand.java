package dev.jenny.cli;

import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Unmatched;

/**
 * {@code jenny bench} is a program of its own, which the script starts; here only so that it stands
 * in the list of commands.
 */
@Command(
        name = "bench",
        header = "Compare with Go and other runtimes; needs Jenny's sources.",
        synopsisHeading = "%nUsage: ",
        customSynopsis = {
            "jenny bench [options] [WORKLOAD...]",
            "       jenny bench scale [options]",
            "       jenny bench jmh [JMH options]",
            "       jenny bench tools [options]"
        },
        optionListHeading = "%nOptions:%n",
        footer = {"", "'./jenny bench --help' lists the options; see bench/README.md."})
final class BenchCommand implements Runnable {
    @Mixin
    @SuppressWarnings("UnusedVariable") // picocli acts on it
    private HelpOption help;

    @Unmatched
    @SuppressWarnings("UnusedVariable")
    private List<String> args = new ArrayList<>();

    @SuppressWarnings("NullAway.Init") // picocli sets the fields
    BenchCommand() {}

    @Override
    public void run() {
        throw new UserError(
                ExitCode.USAGE, "start it with ./jenny in the folder of Jenny's sources");
    }
}
