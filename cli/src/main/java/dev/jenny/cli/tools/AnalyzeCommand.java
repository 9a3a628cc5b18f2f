package dev.jenny.cli.tools;

import dev.jenny.cli.UserError;
import dev.jenny.inspect.internal.Json;
import dev.jenny.inspect.internal.analyze.Analysis;
import dev.jenny.inspect.internal.analyze.Report;
import dev.jenny.inspect.internal.analyze.ReportJson;
import dev.jenny.inspect.internal.trace.TraceFile;
import dev.jenny.inspect.internal.trace.TraceFormatException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code jenny trace analyze}: what is wrong in a trace, and where in it to look. */
@Command(
        name = "analyze",
        header = "Say what is wrong in a trace, the worst first, and where in it to look.",
        customSynopsis = "jenny trace analyze [FILE|PID] [options]",
        description = {
            "FILE is what 'jenny trace', 'jenny run --trace=FILE' or --flight wrote, what the",
            "dashboard saved (.jtrc), or a trace of a Go program (Go 1.22 to 1.27). A program",
            "that runs is recorded for some seconds.",
            "The links of its findings open the dashboard there, as long as it still has the",
            "recording: for a minute, and then while the dashboard is open."
        },
        footer = {
            "  jenny trace analyze app.trace",
            "  jenny trace analyze 4711 --seconds=10",
            "  jenny trace analyze --last --json       what has led to this"
        })
public final class AnalyzeCommand extends ToolCommand {
    private static final int MAX_SECONDS = 60; // as the server has it

    @Parameters(
            arity = "0..1",
            paramLabel = "FILE|PID",
            description = "A trace, or the program, if several run.")
    private @Nullable String source;

    @Option(
            names = "--seconds",
            paramLabel = "N",
            description = "How long to record (default: 5; at most 60).")
    private int seconds = 5;

    @Option(
            names = "--last",
            arity = "0..1",
            fallbackValue = "0",
            paramLabel = "N",
            description = {
                "Take the last N seconds (default: 60, the most) of what has been recorded;",
                "if nothing has been, record for so long."
            })
    private @Nullable Integer last;

    @Option(
            names = "--top",
            paramLabel = "N",
            description = "How many findings and sites to show (default: 10).")
    private int top = 10;

    @SuppressWarnings("NullAway.Init") // picocli sets the fields
    AnalyzeCommand() {}

    @Override
    void run(PrintWriter out) {
        CommandLine parent = spec.commandLine().getParent();
        if (parent != null && !parent.getParseResult().matchedArgs().isEmpty()) {
            throw usage(
                    "write what is for 'analyze' behind it: jenny trace analyze [FILE|PID] [options]");
        }
        if (seconds < 1 || seconds > MAX_SECONDS) {
            throw usage("--seconds=" + seconds + ": must be 1 to " + MAX_SECONDS);
        }
        Integer past = last;
        if (past != null && (past < 0 || past > MAX_SECONDS)) {
            throw usage(
                    "--last="
                            + past
                            + ": must be 1 to "
                            + MAX_SECONDS
                            + ", or --last alone for that");
        }
        if (top < 1) {
            throw usage("--top=" + top + ": must be at least 1");
        }
        try {
            source(out);
        } catch (OutOfMemoryError e) {
            throw new UserError(
                    1,
                    "the trace needs more memory than this command has: give it more, as in"
                            + " 'jenny trace analyze -J-Xmx4g …', or record for less time");
        }
    }

    private void source(PrintWriter out) {
        Integer past = last;
        boolean timed = spec.commandLine().getParseResult().hasMatchedOption("--seconds");
        if (past != null && timed) {
            throw usage("--last is of the past, --seconds of what comes: give one of them");
        }
        String what = source;
        if (what != null && !what.matches("\\d{1,18}")) {
            if (past != null || timed) {
                throw usage("--seconds and --last are for a program that runs, not for a file");
            }
            file(what, out);
            return;
        }
        Client client = client(what == null ? null : Long.valueOf(what));
        if (!json) {
            err().println(
                            past == null
                                    ? "recording for " + seconds + " s …"
                                    : "taking what has been recorded; if nothing has, this records now …");
        }
        try (LiveTrace live =
                LiveTrace.take(
                        client,
                        past == null ? seconds : past == 0 ? MAX_SECONDS : past,
                        past == null)) {
            analyze(live.file(), live.source(), live, out);
        } catch (IOException e) {
            throw new UserError(1, "cannot keep the trace while it is read (" + e + ")");
        }
    }

    private void file(String name, PrintWriter out) {
        Path path = Path.of(name);
        if (Files.isDirectory(path)) {
            throw new UserError(1, "cannot read " + name + ": it is a directory");
        }
        analyze(path, TraceSource.file(name), null, out);
    }

    private void analyze(Path path, TraceSource source, @Nullable LiveTrace live, PrintWriter out) {
        TraceFile file;
        try {
            file = TraceFile.open(path);
        } catch (NoSuchFileException e) {
            throw new UserError(
                    1, "no file " + source.name() + ": give a trace, or the pid of a program");
        } catch (TraceFormatException e) {
            throw new UserError(ExitCode.USAGE, source.name() + " is " + e.getMessage());
        } catch (IOException e) {
            throw cannotRead(source, e);
        }
        Analysis analysis = new Analysis(file.names());
        TraceFormatException damage = null;
        try {
            file.read(analysis);
        } catch (TraceFormatException e) {
            if (e.position() < 0) {
                throw new UserError(ExitCode.USAGE, source.name() + " is " + e.getMessage());
            }
            damage = e;
        } catch (IOException e) {
            throw cannotRead(source, e);
        }
        Report report = analysis.finish();
        Links to =
                live != null ? live.links(file.start()) : Links.of(file.format(), source, report);
        if (json) {
            TraceFormatException broken = damage;
            out.println(
                    Json.string(j -> {
                        j.object();
                        source.write(j);
                        j.field("format", file.format().text()).field("events", file.events());
                        damage(j, broken);
                        j.field("open", to.open());
                        ReportJson.write(j, report, top, to::of);
                        j.end();
                    }));
        } else {
            new AnalyzeText(out, report, to, top).print(source, file.events());
        }
        out.flush();
        if (damage != null) {
            throw new UserError(
                    1,
                    source.name()
                            + " breaks at byte "
                            + damage.position()
                            + ": "
                            + damage.getMessage()
                            + "; the report is of what comes before");
        }
        if (file.events() == 0) {
            throw new UserError(1, source.name() + " has no events: nothing was scheduled then");
        }
    }

    private static void damage(Json j, @Nullable TraceFormatException damage) {
        if (damage == null) {
            j.name("damage").nul();
        } else {
            j.object("damage")
                    .field("byte", damage.position())
                    .field("what", damage.getMessage())
                    .end();
        }
    }

    private static UserError cannotRead(TraceSource source, IOException e) {
        return new UserError(1, "cannot read " + source.name() + " (" + e + ")");
    }
}
