package dev.jenny.cli.tools;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jenny.cli.Commands;
import dev.jenny.cli.Commands.Result;
import dev.jenny.inspect.internal.trace.GoTraceWriter;
import dev.jenny.inspect.internal.trace.Sink;
import dev.jenny.inspect.internal.trace.Sink.Stop;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code jenny trace analyze}: of a file that is written here, and of a program that is played. */
class AnalyzeTest {
    private static final long MS = 1_000_000;

    @TempDir Path temp;
    private Path file;

    /** Goroutine 2 runs for 200 ms on the only P, and 3 stands behind it. */
    @BeforeEach
    void write() throws IOException {
        file = temp.resolve("app.trace");
        try (Sink s = new GoTraceWriter(Files.newOutputStream(file))) {
            s.procs(0, 0, 1);
            s.proc(0, 0, true);
            s.create(0, 0, 2, 0);
            s.start(0, MS, 2);
            s.create(0, 2 * MS, 3, 0);
            s.stop(0, 201 * MS, 2, Stop.END, -1, 0);
            s.start(0, 201 * MS, 3);
            s.stop(0, 202 * MS, 3, Stop.BLOCK, 0, 0);
        }
    }

    private static Result analyze(Object... args) {
        String[] words = new String[args.length + 2];
        words[0] = "trace";
        words[1] = "analyze";
        for (int i = 0; i < args.length; i++) {
            words[i + 2] = args[i].toString();
        }
        return Commands.run(words);
    }

    @Test
    void findings_and_where_to_look() {
        Result r = analyze(file);
        assertThat(r.code()).isZero();
        assertThat(r.out())
                .startsWith("HIGH   Goroutine ")
                .contains(
                        "HIGH   Goroutine 2 ran for 200ms without a break",
                        "       when: +0.001000s to +0.201000s, 200ms",
                        "       - for 199ms of that time somebody was runnable",
                        "http://127.0.0.1:6061/trace?view=proc&start=0&end=251000000",
                        "HIGH   Goroutine 3 stood runnable for 199ms before it ran",
                        "2 findings",
                        "to look at them: go tool trace -http=127.0.0.1:6061 " + file,
                        "8 events in 202ms, 2 goroutines, 1 of them left at the end, GOMAXPROCS 1",
                        "events lost: none",
                        "longest 199ms, of 2 starts");
    }

    private static void fields(JsonValue object, String... names) {
        assertThat(((Map<?, ?>) object.raw()).keySet().stream().map(Object::toString))
                .containsExactly(names);
    }

    /** As docs/inspect-api.md has it. */
    @Test
    void json() throws Exception {
        JsonValue j = JsonParser.parse(analyze(file, "--json", "--top=1").out());
        fields(
                j,
                "file",
                "format",
                "events",
                "damage",
                "open",
                "durationNs",
                "gomaxprocs",
                "goroutines",
                "left",
                "lostEvents",
                "gaps",
                "gcPauseNs",
                "otherPauseNs",
                "latency",
                "findings",
                "omitted",
                "ps",
                "sites",
                "sitesOmitted");
        fields(j.get("latency"), "starts", "p50Ns", "p99Ns", "maxNs");
        fields(
                j.get("findings").list().get(0),
                "rule",
                "severity",
                "title",
                "goroutine",
                "site",
                "p",
                "atNs",
                "lengthNs",
                "timeNs",
                "count",
                "lostNs",
                "cause",
                "fix",
                "evidence",
                "link");
        fields(j.get("ps").list().get(0), "id", "busy", "ranNs", "heldNs", "slices");
        JsonValue site = j.get("sites").list().get(0);
        fields(
                site,
                "site",
                "goroutines",
                "left",
                "ranNs",
                "slices",
                "readyNs",
                "longestReadyNs",
                "waitNs",
                "waits");
        fields(site.get("waits").list().get(0), "reason", "place", "count", "ns");
        assertThat(j.get("format").string("")).isEqualTo("go");
        assertThat(j.get("durationNs").number(0)).isEqualTo(202 * MS);
        assertThat(j.get("omitted").number(0)).isEqualTo(1);
        assertThat(j.get("findings").list()).hasSize(1);
        assertThat(j.get("findings").list().get(0).get("timeNs").number(0))
                .as("what go tool trace -d=parsed calls Time")
                .isEqualTo(j.get("findings").list().get(0).get("atNs").number(0) + 1);
    }

    @Test
    void a_file_that_breaks_off_is_reported_as_far_as_it_goes() throws Exception {
        byte[] whole = Files.readAllBytes(file);
        Path cut = Files.write(temp.resolve("cut.trace"), Arrays.copyOf(whole, whole.length - 9));
        Result r = analyze(cut);
        assertThat(r.code()).isEqualTo(1);
        assertThat(r.out()).contains("Goroutine 2 ran for 200ms");
        assertThat(r.err())
                .isEqualTo(
                        "jenny trace analyze: %s breaks at byte %d: the file ends in the middle; the report is of what comes before%n"
                                .formatted(cut, whole.length - 9));
        JsonValue damage = JsonParser.parse(analyze(cut, "--json").out()).get("damage");
        assertThat(damage.get("byte").number(0)).isEqualTo(whole.length - 9);
    }

    @Test
    void what_is_no_trace() throws Exception {
        Path perfetto = Files.write(temp.resolve("a.pftrace"), new byte[] {10, 3, 1, 1, 1});
        Result r = analyze(perfetto);
        assertThat(r.code()).isEqualTo(2);
        assertThat(r.err()).contains("is for Perfetto: open it in", "'jenny trace -o FILE.trace'");
        assertThat(analyze(temp.resolve("none")).err()).contains("no file ");
        assertThat(analyze(temp).err()).contains("it is a directory");
        assertThat(analyze(file, "--seconds=2").err()).contains("not for a file");
        assertThat(analyze("--seconds=61").err()).contains("must be 1 to 60");
        assertThat(analyze("--last=61").err()).contains("must be 1 to 60");
        assertThat(analyze("--last", "--seconds=1").err()).contains("give one of them");
        assertThat(analyze("--top=0").code()).isEqualTo(2);
    }

    private static byte[] jtrc() {
        return jtrc("");
    }

    /** Goroutine 5 runs for 80 ms; with more members of the header. */
    private static byte[] jtrc(String more) {
        String head =
                "{\"types\":[\"create\",\"start\",\"end\"],\"reasons\":[],\"sites\":[\"App.main(A.java:3)\"],"
                        + "\"goroutines\":{\"id\":[5],\"site\":[0]},\"count\":3,\"procs\":2,\"gomaxprocs\":2,"
                        + "\"dropped\":0,"
                        + more
                        + "\"start\":7000000000}";
        head += " ".repeat((12 - head.length() % 8) % 8);
        ByteBuffer b = ByteBuffer.allocate(1000).order(ByteOrder.LITTLE_ENDIAN);
        b.put("JTRC".getBytes(StandardCharsets.US_ASCII)).putInt(1).putInt(head.length());
        b.put(head.getBytes(StandardCharsets.US_ASCII));
        b.putDouble(0).putDouble(1000).putDouble(80 * MS);
        b.putInt(5).putInt(5).putInt(5).putInt(0).putInt(0).putInt(0);
        b.putShort((short) 0).putShort((short) 1).putShort((short) 1);
        b.put(new byte[] {0, 1, 2});
        return Arrays.copyOf(b.array(), b.position());
    }

    @Test
    void a_program_that_runs() throws Exception {
        try (FakeServer server = new FakeServer(temp)) {
            server.answer(
                            "/api/v1/state",
                            "{\"program\":{\"mode\":\"custom\"},\"samples\":[{\"t\":8000000000}]}")
                    .answer(
                            "/api/v1/trace",
                            jtrc(
                                    "\"pauses\":{\"begin\":[1000000,20000000],\"end\":[10000000,22000000],"
                                            + "\"name\":[\"G1\",\"ThreadDump\"],\"gc\":[1,0]},"));
            Result r = server.run("trace", "analyze", "--last=2");
            assertThat(r.err()).startsWith("taking what has been recorded");
            assertThat(r.out())
                    .contains(
                            "LOW    Goroutine 5 ran for 80.0ms without a break",
                            "who:  App.main(A.java:3), on P1",
                            "/?t=token-of-the-test#/trace?s=2&at=8000000000&from=7000000000&a=0&b=99999750&g=5",
                            "paused for garbage collection: 9.00ms");
            assertThat(server.requests)
                    .containsExactly(
                            "/api/v1/state",
                            "/api/v1/trace?seconds=2&limit=1&keep=60",
                            "/api/v1/state",
                            "/api/v1/trace?seconds=2&at=8000000000&limit=10000000&keep=60");
            server.run("trace", "analyze", "--last");
            assertThat(server.requests.getLast()).contains("seconds=60&at=8000000000");
            server.answer("/api/v1/state", "{\"program\":{\"mode\":\"fallback\"},\"samples\":[]}");
            assertThat(server.run("trace", "analyze").err()).contains("in fallback mode");
            assertThat(leftovers()).isEmpty();
        }
    }

    /** Goroutine 5 has its P for 80 ms, and for 72 of them nothing runs. */
    @Test
    void a_pause_in_a_program_that_runs_makes_no_hog() throws Exception {
        try (FakeServer server = new FakeServer(temp)) {
            server.answer(
                            "/api/v1/state",
                            "{\"program\":{\"mode\":\"custom\"},\"samples\":[{\"t\":8000000000}]}")
                    .answer(
                            "/api/v1/trace",
                            jtrc(
                                    "\"pauses\":{\"begin\":[5000000],\"end\":[77000000],\"name\":[\"G1\"],\"gc\":[1]},"));
            assertThat(server.run("trace", "analyze", "--last=2").out())
                    .contains("The garbage collector stopped the program for 72.0ms")
                    .doesNotContain("without a break");
        }
    }

    private List<Path> leftovers() throws IOException {
        try (var files = Files.list(Path.of(System.getProperty("java.io.tmpdir")))) {
            return files.filter(f -> f.toString().endsWith(".jtrc")).toList();
        }
    }

    @Test
    void a_trace_that_the_dashboard_saved() throws Exception {
        Path saved = temp.resolve("trace.jtrc");
        try (OutputStream out = Files.newOutputStream(saved)) {
            out.write(jtrc());
        }
        JsonValue j = JsonParser.parse(analyze(saved, "--json").out());
        assertThat(j.get("format").string("")).isEqualTo("jtrc");
        assertThat(j.get("findings").list().get(0).get("link").string(""))
                .isEqualTo("#/trace?a=0&b=99999750&g=5");
    }
}
