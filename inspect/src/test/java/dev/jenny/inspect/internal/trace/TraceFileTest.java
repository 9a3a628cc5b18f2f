package dev.jenny.inspect.internal.trace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jenny.inspect.internal.analyze.Analysis;
import dev.jenny.inspect.internal.analyze.Report;
import dev.jenny.inspect.internal.pause.Pause;
import dev.jenny.inspect.internal.pause.PauseSource;
import dev.jenny.inspect.internal.trace.Sink.State;
import dev.jenny.inspect.internal.trace.Sink.Stop;
import dev.jenny.internal.sched.WaitReason;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is written is read again, and what is damaged is said to be. */
class TraceFileTest {
    @TempDir Path temp;

    private interface Story {
        void tell(Sink sink) throws IOException;
    }

    private Path go(Story story) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (Sink sink = new GoTraceWriter(bytes)) {
            story.tell(sink);
        }
        return Files.write(temp.resolve("go.trace"), bytes.toByteArray());
    }

    /**
     * A goroutine creates another, waits for it, is readied by it; a pause, a stall, lost events.
     */
    private static void story(Sink s) throws IOException {
        s.procs(0, 100, 3);
        s.proc(0, 100, true);
        s.appear(0, 100, 1, State.RUNNABLE);
        s.start(0, 110, 1);
        s.create(0, 120, 2, 0);
        s.proc(1, 130, true);
        s.start(1, 140, 2);
        s.stop(0, 150, 1, Stop.BLOCK, WaitReason.CHAN_RECEIVE.number(), 0);
        s.ready(1, 160, 1);
        s.stop(1, 170, 2, Stop.YIELD, -1, 0);
        s.start(0, 180, 1);
        s.start(1, 190, 2);
        s.burns(0, 200);
        s.pause(new Pause(210, 220, true, "G1"));
        s.pause(new Pause(222, 228, false, "ThreadDump"));
        s.blocked(1, 230, 240, 0);
        s.blockedEnd(1, 250);
        s.stop(1, 260, 2, Stop.END, -1, 0);
        s.proc(1, 270, false);
        s.stop(0, 280, 1, Stop.LOST, -1, 0);
        s.dropped(0, 280, 7);
        s.start(0, 290, 1);
        s.ready(Sink.OUTSIDE, 300, 3);
        s.start(2, 310, 3);
        s.stop(2, 320, 3, Stop.BLOCK, -1, 0);
    }

    private static String told(long begin, long end, boolean collects, String name) {
        return "pause" + List.of(new Pause(begin, end, collects, name));
    }

    /** The calls that a file makes, with times counted from the first. */
    private static List<String> calls(Path file) throws IOException {
        List<String> calls = new ArrayList<>();
        TraceFile trace = TraceFile.open(file);
        trace.read(recorder(calls));
        return calls;
    }

    private static Sink recorder(List<String> calls) {
        return (Sink)
                Proxy.newProxyInstance(
                        Sink.class.getClassLoader(),
                        new Class<?>[] {Sink.class},
                        (self, method, args) -> {
                            calls.add(method.getName() + List.of(args));
                            return null;
                        });
    }

    @Test
    void a_go_trace_tells_what_was_written() throws IOException {
        assertThat(calls(go(TraceFileTest::story)))
                .containsExactly(
                        "proc[0, 1, true]",
                        "appear[0, 1, 1, RUNNABLE]",
                        "start[0, 11, 1]",
                        "procs[0, 11, 3]",
                        "create[0, 21, 2, 0]",
                        "proc[1, 31, true]",
                        "start[1, 41, 2]",
                        "stop[0, 51, 1, BLOCK, 0, 0]",
                        "ready[1, 61, 1]",
                        "stop[1, 71, 2, YIELD, -1, 0]",
                        "start[0, 81, 1]",
                        "start[1, 91, 2]",
                        "burns[0, 101]",
                        told(111, 121, true, "G1"),
                        told(123, 129, false, "ThreadDump"),
                        "blocked[1, 131, 141, 0]",
                        "proc[1, 151, true]",
                        "blockedEnd[1, 151]",
                        "stop[1, 161, 2, END, -1, 0]",
                        "proc[1, 171, false]",
                        "stop[0, 181, 1, LOST, -1, 0]",
                        "start[0, 191, 1]",
                        "dropped[0, 191, 7]",
                        "appear[-1, 201, 3, WAITING]",
                        "ready[-1, 201, 3]",
                        "proc[2, 211, true]",
                        "start[2, 211, 3]",
                        "stop[2, 221, 3, BLOCK, 1, 0]");
    }

    @Test
    void a_steal_is_told_when_the_thief_runs_what_it_took() throws IOException {
        assertThat(
                        calls(
                                go(s -> {
                                    s.proc(0, 100, true);
                                    s.create(0, 100, 1, 0);
                                    s.proc(1, 110, true);
                                    s.steal(1, 120, 0, 3);
                                    s.steal(1, 125, 2, 1);
                                    s.start(1, 130, 1);
                                    s.stop(1, 140, 1, Stop.YIELD, -1, 0);
                                    s.start(1, 150, 1);
                                })))
                .containsSubsequence(
                        "start[1, 31, 1]",
                        "steal[1, 31, 0, 3]",
                        "steal[1, 31, 2, 1]",
                        "stop[1, 41, 1, YIELD, -1, 0]",
                        "start[1, 51, 1]")
                .filteredOn(c -> c.startsWith("steal"))
                .hasSize(2);
    }

    @Test
    void operations_on_channels_are_messages() throws IOException {
        assertThat(
                        calls(
                                go(s -> {
                                    s.proc(0, 100, true);
                                    s.create(0, 100, 1, 0);
                                    s.start(0, 110, 1);
                                    s.channel(
                                            0,
                                            120,
                                            Sink.ChannelOp.SEND,
                                            new Sink.ChannelState(3, 1, 2, 4));
                                    s.channel(
                                            0,
                                            130,
                                            Sink.ChannelOp.CLOSE,
                                            new Sink.ChannelState(4, 0, 0, 9));
                                })))
                .containsSubsequence(
                        "log[0, 21, 0, jenny.chan, send chan#3 len=1 cap=2]",
                        "log[0, 31, 0, jenny.chan, close chan#4 len=0 cap=0]");
    }

    @Test
    void generations_change_nothing() throws IOException {
        int rounds = 800_000; // of 14 bytes or so: more than one generation has
        Path file =
                go(s -> {
                    s.proc(0, 0, true);
                    s.create(0, 0, 2, 0);
                    for (int i = 0; i < rounds; i++) {
                        s.start(0, 10L * i + 1, 2);
                        s.stop(0, 10L * i + 5, 2, Stop.BLOCK, 0, 0);
                        s.ready(Sink.OUTSIDE, 10L * i + 8, 2);
                    }
                });
        assertThat(Files.size(file)).isGreaterThan(9L << 20);
        TraceFile trace = TraceFile.open(file);
        Analysis analysis = new Analysis(trace.names());
        trace.read(analysis);
        Report report = analysis.finish();
        assertThat(trace.events()).isGreaterThan(3L * rounds);
        assertThat(report.starts()).isEqualTo(rounds);
        assertThat(report.goroutines()).isEqualTo(1);
        assertThat(report.ps().getFirst().ran()).isEqualTo(4L * rounds);
    }

    /** A reader puts what comes in a later generation than its own behind the end of that. */
    @Test
    void pauses_are_asked_for_before_a_generation_ends() throws IOException {
        int rounds = 2_500_000;
        long[] now = {0};
        List<Pause> given = new ArrayList<>();
        PauseSource source =
                new PauseSource() {
                    @Override
                    public boolean isDue() {
                        return true;
                    }

                    @Override
                    public List<Pause> take() {
                        Pause p = new Pause(now[0] - 1000, now[0] - 500, false, "p" + given.size());
                        given.add(p);
                        return List.of(p);
                    }
                };
        Path file = temp.resolve("generations.trace");
        try (Sink s = new GoTraceWriter(Files.newOutputStream(file), source)) {
            for (int i = 0; i < rounds; i++) {
                now[0] = 10L * i;
                s.proc(0, now[0], i % 2 == 0);
            }
        }
        assertThat(given).hasSizeGreaterThan(1);
        assertThat(TracedPausesTest.pauses(file))
                .isEqualTo(
                        given.stream() // the first event is at 1
                                .map(p -> new Pause(p.begin() + 1, p.end() + 1, false, p.name()))
                                .toList());
    }

    @Test
    void of_a_file_that_is_cut_off_what_is_there_is_told() throws IOException {
        byte[] whole = Files.readAllBytes(go(TraceFileTest::story));
        int all = calls(temp.resolve("go.trace")).size();
        int most = 0;
        for (int n = 17; n < whole.length; n++) {
            Path cut = Files.write(temp.resolve("cut.trace"), Arrays.copyOf(whole, n));
            List<String> calls = new ArrayList<>();
            long position = n;
            TraceFile trace = TraceFile.open(cut);
            assertThatThrownBy(() -> trace.read(recorder(calls)))
                    .isInstanceOfSatisfying(
                            TraceFormatException.class,
                            e -> assertThat(e.position()).isBetween(16L, position));
            most = Math.max(most, calls.size());
        }
        assertThat(most).as("the events come before the tables").isGreaterThan(all - 3);
    }

    @Test
    void damage_is_an_error_of_the_file_and_no_other() throws IOException {
        byte[] whole = Files.readAllBytes(go(TraceFileTest::story));
        damage(whole, 16);
    }

    @Test
    void damage_in_a_trace_of_the_dashboard_is_an_error_of_the_file() throws IOException {
        damage(jtrc(2), 4);
        damage(jtrcWithMore(1, 0), 4);
    }

    private void damage(byte[] whole, int from) throws IOException {
        Random random = new Random(7);
        int broken = 0;
        for (int i = 0; i < 600; i++) {
            byte[] bytes = whole.clone();
            for (int k = 0; k <= i % 4; k++) {
                bytes[from + random.nextInt(bytes.length - from)] = (byte) random.nextInt();
            }
            Path file = Files.write(temp.resolve("damaged"), bytes);
            try {
                TraceFile trace = TraceFile.open(file);
                Analysis analysis = new Analysis(trace.names());
                try {
                    trace.read(analysis);
                } finally {
                    analysis.finish();
                }
            } catch (TraceFormatException e) {
                broken++;
            }
        }
        assertThat(broken).isGreaterThan(100);
    }

    private Path file(String name, String text) throws IOException {
        return Files.writeString(temp.resolve(name), text, StandardCharsets.ISO_8859_1);
    }

    @Test
    void what_is_no_trace_is_told_from_what_is_another_one() throws IOException {
        assertNo(file("a", ""), "empty");
        assertNo(file("b", "go 1.2"), "cut off");
        assertNo(file("c", "\n\u0012abcdefghijklmnopq"), "Perfetto");
        assertNo(file("d", "\u001f\u008b\u0008aaaaaaaaaaaaaaa"), "compressed");
        assertNo(file("e", "FLR\0aaaaaaaaaaaaaaa"), "JFR");
        assertNo(file("f", "public class Main { }"), "no trace");
        Path old = file("g", "go 1.19 trace\0\0\0");
        assertThatThrownBy(() -> TraceFile.open(old).read(recorder(new ArrayList<>())))
                .isInstanceOf(TraceFormatException.class)
                .hasMessageContaining("a trace of Go 1.19");
    }

    private static void assertNo(Path file, String what) {
        assertThatThrownBy(() -> TraceFile.open(file))
                .isInstanceOfSatisfying(
                        TraceFormatException.class, e -> assertThat(e.position()).isEqualTo(-1))
                .hasMessageStartingWith(what.equals("Perfetto") ? "for Perfetto" : "")
                .hasMessageContaining(what);
    }

    /** As {@code /api/v1/trace} answered in earlier versions; {@code missing} bytes are cut off. */
    private static byte[] jtrc(int missing) {
        return jtrc("", missing);
    }

    /** As {@code /api/v1/trace} answers: with the stack of its one wait. */
    private static byte[] jtrcWithMore(int stack, int missing) {
        String members =
                "\"more\":[\"park\"],\"frames\":[\"Chan.send(Chan.java:9)\",\"App.run(App.java:5)\"],"
                        + "\"stacks\":[[],[0,1],[7]],";
        return jtrc(members, missing, stack);
    }

    private static byte[] jtrc(String members, int missing, int... more) {
        String head =
                "{\"types\":[\"create\",\"start\",\"park\",\"stall\"],\"reasons\":[\"chan send\"],"
                        + "\"sites\":[\"App.main(App.java:\\u0033)\"],"
                        + "\"goroutines\":{\"id\":[9,5],\"site\":[-1,0],\"parent\":[0,1]},"
                        + members
                        + "\"count\":4,\"procs\":2,\"gomaxprocs\":3,\"dropped\":6,\"start\":1234,"
                        + "\"wall\":1.5}";
        head += " ".repeat((4 - head.length() % 8 + 8) % 8);
        ByteBuffer b = ByteBuffer.allocate(1000).order(ByteOrder.LITTLE_ENDIAN);
        b.put("JTRC".getBytes(StandardCharsets.US_ASCII)).putInt(1).putInt(head.length());
        b.put(head.getBytes(StandardCharsets.US_ASCII));
        for (double t : new double[] {0, 10, 50_000_000, 60_000_000}) {
            b.putDouble(t);
        }
        for (int g : new int[] {5, 5, 40_000, 5}) {
            b.putInt(g);
        }
        for (int arg : new int[] {1, 0, 2, 0}) {
            b.putInt(arg);
        }
        for (int p : new int[] {0xffff, 1, 1, 1}) {
            b.putShort((short) p);
        }
        b.put(new byte[] {0, 1, 3, 2});
        for (int m : more) {
            b.putInt(m);
        }
        byte[] bytes = new byte[b.position() - missing];
        b.get(0, bytes);
        return bytes;
    }

    @Test
    void a_trace_of_the_dashboard() throws IOException {
        Path file = Files.write(temp.resolve("a.jtrc"), jtrc(0));
        TraceFile trace = TraceFile.open(file);
        List<String> calls = new ArrayList<>();
        trace.read(recorder(calls));
        assertThat(calls)
                .containsExactly(
                        "procs[-1, 0, 3]",
                        "dropped[-1, 0, 6]",
                        "create[-1, 0, 5, 1]",
                        "start[1, 10, 5]",
                        "blocked[1, 10000000, 50000000, 0]",
                        "stop[1, 60000000, 5, BLOCK, 0, 0]");
        assertThat(trace.names().place(1)).isEqualTo("App.main(App.java:3)");
        assertThat(trace.names().reasonText(0)).isEqualTo("chan send");
        assertThat(trace.start()).isEqualTo(1234);
        assertThat(trace.events()).isEqualTo(4);
    }

    @Test
    void a_trace_of_the_dashboard_tells_where_a_goroutine_waits() throws IOException {
        Path file = Files.write(temp.resolve("a.jtrc"), jtrcWithMore(1, 0));
        TraceFile trace = TraceFile.open(file);
        List<String> calls = new ArrayList<>();
        trace.read(recorder(calls));
        assertThat(calls.getLast()).isEqualTo("stop[1, 60000000, 5, BLOCK, 0, 2]");
        assertThat(trace.names().place(2)).isEqualTo("Chan.send(Chan.java:9)");
        assertThat(trace.names().root(2)).isEqualTo("App.run(App.java:5)");
        for (int stack : new int[] {0, 2, 3, -1}) {
            calls.clear();
            Files.write(file, jtrcWithMore(stack, 0));
            TraceFile.open(file).read(recorder(calls));
            assertThat(calls.getLast()).isEqualTo("stop[1, 60000000, 5, BLOCK, 0, 0]");
        }
        Files.write(file, jtrcWithMore(1, 1));
        TraceFile cut = TraceFile.open(file);
        assertThatThrownBy(() -> cut.read(recorder(new ArrayList<>())))
                .isInstanceOf(TraceFormatException.class)
                .hasMessage("the file ends in the middle");
    }

    @Test
    void a_trace_of_the_dashboard_tells_of_pauses_when_they_are_over() throws IOException {
        Path file = temp.resolve("a.jtrc");
        Files.write(file, jtrc(pauses("[5,100]", "[7,70000000]"), 0));
        List<String> calls = new ArrayList<>();
        TraceFile.open(file).read(recorder(calls));
        assertThat(calls).containsSubsequence(told(5, 7, true, "G1"), "start[1, 10, 5]");
        assertThat(calls.getLast()).isEqualTo(told(100, 70000000, true, "G2"));
        String kinds = pauses("[5,100]", "[7,70000000]").replace("},", ",\"gc\":[1,0]},");
        Files.write(file, jtrc(kinds, 0));
        calls.clear();
        TraceFile.open(file).read(recorder(calls));
        assertThat(calls.getLast()).isEqualTo(told(100, 70000000, false, "G2"));
        for (String ends : new String[] {"[7]", "[7,99]", "[7,2000000000000000000]"}) {
            Files.write(file, jtrc(pauses("[5,100]", ends), 0));
            assertThatThrownBy(() -> TraceFile.open(file).read(recorder(new ArrayList<>())))
                    .isInstanceOf(TraceFormatException.class)
                    .hasMessageContaining("the header is damaged");
        }
    }

    private static String pauses(String begins, String ends) {
        return "\"pauses\":{\"begin\":"
                + begins
                + ",\"end\":"
                + ends
                + ",\"name\":[\"G1\",\"G2\"]},";
    }

    @Test
    void a_trace_of_the_dashboard_that_is_cut_off() throws IOException {
        Path file = Files.write(temp.resolve("cut.jtrc"), jtrc(1));
        TraceFile trace = TraceFile.open(file);
        List<String> calls = new ArrayList<>();
        assertThatThrownBy(() -> trace.read(recorder(calls)))
                .hasMessage("the file ends in the middle: of its 4 events 3 are whole");
        assertThat(calls).hasSize(5);
        for (int n = 2; n < jtrc(0).length - 4; n++) {
            Files.write(file, jtrc(n));
            TraceFile shorter = TraceFile.open(file);
            assertThatThrownBy(() -> shorter.read(recorder(new ArrayList<>())))
                    .isInstanceOf(TraceFormatException.class);
        }
    }

    @Test
    void labels_are_read_over() throws IOException {
        Path file =
                go(s -> {
                    s.create(0, 0, 2, 0);
                    s.labels(0, 1, 2, Map.of("a", "b"));
                    s.start(0, 2, 2);
                });
        assertThat(calls(file)).contains("start[0, 3, 2]");
    }

    /** The trace of the dashboard with another time of its third event. */
    private static byte[] jtrc(double time) {
        byte[] bytes = jtrc(0);
        ByteBuffer b = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        b.putDouble(12 + b.getInt(8) + 2 * 8, time);
        return bytes;
    }

    @Test
    void a_time_that_cannot_be_is_damage() throws IOException {
        double[] times = {-1, Double.NaN, Double.POSITIVE_INFINITY, 1e300, 0x1p60 + 1024};
        for (double time : times) {
            byte[] bytes = jtrc(time);
            Path file = Files.write(temp.resolve("late.jtrc"), bytes);
            int position = 12 + ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getInt(8);
            List<String> calls = new ArrayList<>();
            assertThatThrownBy(() -> TraceFile.open(file).read(recorder(calls)))
                    .as("%s", time)
                    .isInstanceOfSatisfying(
                            TraceFormatException.class,
                            e -> assertThat(e.position()).isEqualTo(position + 2 * 8))
                    .hasMessageContaining("time");
            assertThat(calls).as("what is before it").hasSize(4);
        }
    }

    private static byte[] head(Path file) throws IOException {
        return Arrays.copyOf(Files.readAllBytes(file), 16);
    }

    private interface Batches {
        void write(ByteArrayOutputStream out) throws IOException;
    }

    /** As a Go program writes: its threads have numbers of the operating system. */
    private Path program(Batches batches) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(head(go(TraceFileTest::story)));
        batches.write(out);
        return Files.write(temp.resolve("program.trace"), out.toByteArray());
    }

    /** {@code thread} takes {@code p}, creates goroutine 5 and runs it. */
    private static void events(ByteArrayOutputStream out, long thread, long p, long time)
            throws IOException {
        Bytes b = new Bytes();
        b.put(GoTraceWriter.EV_PROC_STATUS).varint(0).varint(p).varint(GoTraceWriter.PROC_RUNNING);
        b.put(GoTraceWriter.EV_GO_CREATE).varint(10).varint(5).varint(0).varint(0);
        b.put(GoTraceWriter.EV_GO_START).varint(10).varint(5).varint(1);
        GoTraceWriter.batch(out, 1, thread, time, b);
    }

    private static void frequency(ByteArrayOutputStream out, long ticks) throws IOException {
        Bytes b = new Bytes().put(GoTraceWriter.EV_FREQUENCY).varint(ticks);
        GoTraceWriter.batch(out, 1, -1, 0, b);
    }

    @Test
    void a_thread_of_a_go_program_may_have_the_number_of_the_jvm() throws IOException {
        Path file =
                program(out -> {
                    events(out, GoTraceWriter.JVM_ID, 0, 100);
                    frequency(out, 1_000_000_000);
                });
        assertThat(calls(file))
                .containsExactly("proc[0, 100, true]", "create[0, 110, 5, 0]", "start[0, 120, 5]");
    }

    @Test
    void ticks_of_the_clock_are_made_times_only_if_it_is_known_how_long_they_are()
            throws IOException {
        Path whole =
                program(out -> {
                    events(out, 4711, 0, 100);
                    frequency(out, 15_625_000);
                });
        assertThat(calls(whole)).contains("start[0, 7680, 5]");
        Path cut = program(out -> events(out, 4711, 0, 100));
        List<String> calls = new ArrayList<>();
        TraceFile trace = TraceFile.open(cut);
        assertThatThrownBy(() -> trace.read(recorder(calls)))
                .isInstanceOf(TraceFormatException.class)
                .hasMessageContaining("clock");
        assertThat(calls).isEmpty();
        assertThat(trace.events()).isZero();
    }

    @Test
    void a_time_that_cannot_be_is_damage_in_a_go_trace_and_other_threads_are_told()
            throws IOException {
        for (long time : new long[] {-1, -100, Long.MIN_VALUE, Long.MAX_VALUE, (1L << 60) + 1}) {
            Path file =
                    program(out -> {
                        events(out, 4711, 0, time);
                        events(out, 4712, 1, 100);
                        frequency(out, 1_000_000_000);
                    });
            List<String> calls = new ArrayList<>();
            assertThatThrownBy(() -> TraceFile.open(file).read(recorder(calls)))
                    .as("%s", time)
                    .isInstanceOf(TraceFormatException.class)
                    .hasMessageContaining("time");
            assertThat(calls)
                    .containsExactly(
                            "proc[1, 100, true]", "create[1, 110, 5, 0]", "start[1, 120, 5]");
        }
        Path slow =
                program(out -> {
                    events(out, 4711, 0, 1L << 40);
                    frequency(out, 1); // a tick in a second
                });
        assertThatThrownBy(() -> calls(slow)).hasMessageContaining("time");
    }

    @Test
    void so_many_ps_are_damage() throws IOException {
        byte[] bytes = jtrc(0);
        int last = bytes.length - 4 - 2; // of the numbers of Ps; four types follow
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putShort(last, (short) 0xfffe);
        Path saved = Files.write(temp.resolve("ps.jtrc"), bytes);
        assertThatThrownBy(() -> calls(saved))
                .isInstanceOf(TraceFormatException.class)
                .hasMessageContaining("65534");
        for (long p : new long[] {1 << 20, Integer.MAX_VALUE, Long.MAX_VALUE, -5}) {
            Path file =
                    program(out -> {
                        events(out, 4711, p, 100);
                        frequency(out, 1_000_000_000);
                    });
            assertThatThrownBy(() -> calls(file))
                    .isInstanceOf(TraceFormatException.class)
                    .hasMessageContaining("P");
        }
    }
}
