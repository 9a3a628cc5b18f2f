package dev.jenny.cli.tools;

import dev.jenny.inspect.internal.Json;
import dev.jenny.inspect.internal.pprof.Profiles;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code jenny pprof}: a profile into a file, for {@code go tool pprof} or speedscope. */
@Command(
        name = "pprof",
        header = "Fetch a profile for 'go tool pprof' or speedscope.",
        customSynopsis = "jenny pprof [PID] KIND [options]",
        description = {
            "Kinds:",
            "  goroutine      all goroutines, grouped by stack",
            "  goroutineleak  those that wait for ever",
            "  profile        where CPU time goes (--seconds, default 10)",
            "  offcpu         where goroutines wait, in time",
            "  block, mutex   what they wait for: channels and the like; locks",
            "  sched          from ready to running",
            "  chan           waiting, by channel",
            "  pinned         what holds a thread up",
            "  heap, allocs   what is allocated",
            "  threadcreate   the platform threads"
        },
        footer = {
            "  jenny pprof profile --seconds=30",
            "  jenny pprof 4711 goroutine --text",
            "  jenny pprof offcpu --seconds=10 -o waits.speedscope.json",
            "  jenny pprof 4711 heap -o heap.pb.gz && go tool pprof -http=: heap.pb.gz"
        })
public final class PprofCommand extends ToolCommand {
    /** What can open the file. */
    enum Format {
        pprof(".pb.gz"),
        speedscope(".speedscope.json");

        final String suffix;

        Format(String suffix) {
            this.suffix = suffix;
        }
    }

    private static final Set<String> KINDS =
            Set.of(
                    "goroutine",
                    "goroutineleak",
                    "profile",
                    "offcpu",
                    "block",
                    "mutex",
                    "sched",
                    "chan",
                    "pinned",
                    "heap",
                    "allocs",
                    "threadcreate");

    @Parameters(
            arity = "0..2",
            paramLabel = "[PID] KIND",
            hideParamSyntax = true,
            description = "The program's pid, if several run; and the kind of profile.")
    private List<String> words = new ArrayList<>();

    @Option(
            names = "--seconds",
            paramLabel = "N",
            description = "Only what happens in the next N seconds, 1 to 600.")
    private @Nullable Integer seconds;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FILE",
            description =
                    "Where to write it; - is standard output (default: KIND-PID.pb.gz, or .speedscope.json).")
    private @Nullable String output;

    @Option(
            names = {"-q", "--query"},
            paramLabel = "QUERY",
            description = "Only these goroutines (see 'jenny help stack'); for goroutine only.")
    private @Nullable String query;

    @Option(
            names = "--format",
            paramLabel = "FORMAT",
            description =
                    "pprof or speedscope (default: speedscope if FILE ends in .json, else pprof).")
    private @Nullable Format asked;

    @Option(names = "--text", description = "Print it as text instead of writing a file.")
    private boolean text;

    @SuppressWarnings("NullAway.Init") // picocli sets the fields
    PprofCommand() {}

    @Override
    void run(PrintWriter out) {
        Target target = Target.of(words, "KIND, as in 'jenny pprof profile'", this::usage);
        String kind = target.what();
        if (!KINDS.contains(kind)) {
            throw usage(
                    "no profile '"
                            + kind
                            + "'"
                            + switch (kind) {
                                case "cpu" -> ": did you mean 'profile'?";
                                case "trace" -> ": that is 'jenny trace'";
                                default -> "";
                            });
        }
        if (query != null && !kind.equals("goroutine")) {
            throw usage(
                    "-q chooses goroutines, and only the profile 'goroutine' is made of them: leave"
                            + " it out, and pick by label with 'go tool pprof -tagfocus'");
        }
        if (seconds != null && (seconds < 1 || seconds > Profiles.MAX.toSeconds())) {
            throw usage("--seconds=" + seconds + ": must be 1 to " + Profiles.MAX.toSeconds());
        }
        if (text && asked != null && asked != Format.pprof) {
            throw usage("--text and --format=" + asked + " do not go together");
        }
        if (text && (output != null || json)) {
            throw usage("--text is for the terminal: leave out " + (json ? "--json" : "-o"));
        }
        if (text && seconds != null && !kind.equals("profile")) {
            throw usage(
                    "--text shows what is known now: with --seconds, write a file, and see it with"
                            + " 'go tool pprof -top FILE'");
        }
        Format format = format();
        Integer time = seconds == null && kind.equals("profile") ? Integer.valueOf(10) : seconds;
        Duration patience = PATIENCE.plusSeconds(time == null ? 0 : time);
        Client client = client(target.pid());
        long pid = client.program().pid();
        String path = "/debug/pprof/" + kind;
        if (text) {
            print(client, Client.query(path, "debug", 1, "seconds", time, "q", query), patience);
            return;
        }
        if (time != null && !json) {
            err().println("measuring for " + time + " s …");
        }
        Download file =
                Download.to(
                        output == null ? kind + "-" + pid + format.suffix : output,
                        client,
                        Client.query(
                                path,
                                "seconds",
                                time,
                                "q",
                                query,
                                "format",
                                format == Format.pprof ? null : format),
                        patience);
        if (file.isStandardOutput()) {
            return;
        }
        if (json) {
            out.println(
                    Json.string(j ->
                            j.object()
                                    .field("pid", pid)
                                    .field("kind", kind)
                                    .field("format", format.name())
                                    .field("file", file.name())
                                    .field("bytes", file.bytes())
                                    .end()));
        } else {
            out.println("wrote " + file.name() + " (" + file.size() + "); look at it with");
            out.println(
                    format == Format.pprof
                            ? "  go tool pprof -http=: " + file.quoted()
                            : "  https://www.speedscope.app, Browse (the file stays on your machine)");
        }
    }

    /** What was asked for; else what the file's name says. */
    private Format format() {
        if (asked != null) {
            return asked;
        }
        return output != null && output.endsWith(".json") ? Format.speedscope : Format.pprof;
    }
}
