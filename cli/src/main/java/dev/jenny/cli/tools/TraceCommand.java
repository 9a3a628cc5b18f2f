package dev.jenny.cli.tools;

import dev.jenny.cli.UserError;
import dev.jenny.inspect.Trace;
import dev.jenny.inspect.internal.Json;
import dev.jenny.internal.event.ChannelOps;
import java.io.PrintWriter;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code jenny trace}: everything the scheduler does for some seconds, into a file. */
@Command(
        name = "trace",
        header = "Record what the scheduler does, for 'go tool trace' or Perfetto.",
        customSynopsis = {"jenny trace [PID] [options]", "       jenny trace analyze [FILE|PID]"},
        subcommands = AnalyzeCommand.class,
        commandListHeading = "%nCommands:%n",
        description = {
            "A program can also be traced from its start to its end:",
            "'jenny run --trace=FILE ...'."
        },
        footer = {
            "  jenny trace --seconds=5 -o app.trace && go tool trace app.trace",
            "  jenny trace --last=10                   what has led to this",
            "  jenny trace 4711 -o app.pftrace         for https://ui.perfetto.dev",
            "  jenny trace analyze app.trace           what is wrong in it"
        })
public final class TraceCommand extends ToolCommand {
    /** What can open the file. */
    enum Format {
        go(".trace"),
        perfetto(".pftrace");

        final String suffix;

        Format(String suffix) {
            this.suffix = suffix;
        }
    }

    @Parameters(arity = "0..1", paramLabel = "PID", description = "The program, if several run.")
    private @Nullable Long pid;

    @Option(names = "--seconds", paramLabel = "N", description = "How long to record (default: 5).")
    private int seconds = 5;

    @Option(
            names = "--last",
            arity = "0..1",
            fallbackValue = "0",
            paramLabel = "N",
            description = {
                "Take the last N seconds of what has been recorded already (default: all),",
                "by 'jenny run --flight' or FlightRecorder, or unasked with the tools on, while",
                "that costs little."
            })
    private @Nullable Integer last;

    @Option(
            names = "--channels",
            arity = "0..1",
            fallbackValue = "1",
            paramLabel = "N",
            description = "With operations on channels, one in N of them (default: all).")
    private @Nullable Integer channels;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FILE",
            description =
                    "Where to write it; - is standard output (default: trace-PID.trace, or .pftrace).")
    private @Nullable String output;

    @Option(
            names = "--format",
            paramLabel = "FORMAT",
            description = "go or perfetto (default: perfetto if FILE ends in .pftrace, else go).")
    private @Nullable Format asked;

    @SuppressWarnings("NullAway.Init") // picocli sets the fields
    TraceCommand() {}

    @Override
    void run(PrintWriter out) {
        if (seconds < 1 || seconds > 600) {
            throw usage("--seconds=" + seconds + ": must be 1 to 600");
        }
        Integer past = last;
        if (past != null && (past < 0 || past > 3600)) {
            throw usage("--last=" + past + ": must be 1 to 3600, or --last alone for all there is");
        }
        if (past != null && spec.commandLine().getParseResult().hasMatchedOption("--seconds")) {
            throw usage("--last is of the past, --seconds of what comes: give one of them");
        }
        checkChannels(past != null);
        Format format = format();
        Client client = program();
        long id = client.program().pid();
        if (!json && past == null) {
            err().println("recording for " + seconds + " s …");
        }
        Download file =
                Download.to(
                        output == null ? "trace-" + id + format.suffix : output,
                        client,
                        Client.query(
                                "/debug/pprof/trace",
                                past == null ? "seconds" : "last",
                                past == null ? seconds : past,
                                "format",
                                format == Format.go ? null : format,
                                "channels",
                                channels),
                        PATIENCE.plusSeconds(past == null ? seconds : 0));
        if (file.isStandardOutput()) {
            return;
        }
        if (json) {
            out.println(
                    Json.string(j ->
                            j.object()
                                    .field("pid", id)
                                    .field("format", format.name())
                                    .field(
                                            past == null ? "seconds" : "last",
                                            past == null ? seconds : past)
                                    .field("file", file.name())
                                    .field("bytes", file.bytes())
                                    .end()));
            return;
        }
        out.println("wrote " + file.name() + " (" + file.size() + "); look at it with");
        out.println(
                format == Format.go
                        ? "  go tool trace "
                                + file.quoted()
                                + "\n  jenny trace analyze "
                                + file.quoted()
                        : "  https://ui.perfetto.dev, Open trace file");
    }

    /** A number behind an option whose value may be left out is a PID. */
    private Client program() {
        try {
            return client(pid);
        } catch (UserError e) {
            String alone =
                    Integer.valueOf(1).equals(channels)
                            ? "--channels"
                            : Integer.valueOf(0).equals(last) ? "--last" : null;
            if (pid == null || alone == null) {
                throw e;
            }
            throw new UserError(
                    e.exitCode(),
                    "%s; if %d was to go with %s, write %s=%d"
                            .formatted(e.getMessage(), pid, alone, alone, pid));
        }
    }

    private void checkChannels(boolean past) {
        if (channels == null) {
            return;
        }
        if (channels < 1 || channels > ChannelOps.MAX) {
            throw usage("--channels=" + channels + ": must be 1 to " + ChannelOps.MAX);
        }
        if (past) {
            throw usage(
                    "--channels is of what comes: for --last, start the program with"
                            + " 'jenny run --trace-channels'");
        }
    }

    /** What was asked for; else what the file's name says, as for {@code jenny run --trace}. */
    private Format format() {
        if (asked != null) {
            return asked;
        }
        boolean perfetto = output != null && Trace.format(Path.of(output)) == Trace.Format.PERFETTO;
        return perfetto ? Format.perfetto : Format.go;
    }
}
