package dev.jenny.inspect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jenny.Chan;
import dev.jenny.Go;
import dev.jenny.Goroutine;
import dev.jenny.Tracing;
import dev.jenny.inspect.internal.model.ChannelNames;
import dev.jenny.inspect.internal.trace.GoTraceWriter;
import dev.jenny.inspect.internal.trace.Sink;
import dev.jenny.internal.loom.Coroutine;
import dev.jenny.internal.sched.Runtimes;
import dev.jenny.sync.Mutex;
import dev.jenny.sync.WaitGroup;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.Thread.State;
import java.lang.ref.WeakReference;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Go's own tools read the traces that we write. */
@Tag("tools")
class GoTraceTest {
    private static String parsed = "-d=parsed";
    private static String wire = "-d=wire";

    @TempDir Path dir;

    @BeforeAll
    static void goIsThere() throws Exception {
        boolean found;
        try {
            found = new ProcessBuilder("go", "version").start().waitFor() == 0;
        } catch (IOException | InterruptedException e) {
            found = false;
        }
        Assumptions.assumeTrue(found, "go is not on the PATH: its tools cannot check our traces");
        Process help =
                new ProcessBuilder("go", "tool", "trace", "-h").redirectErrorStream(true).start();
        if (new String(help.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
                .contains("-d=int")) { // before Go 1.24 the ways to print had numbers
            parsed = "-d=1";
            wire = "-d=2";
        }
    }

    static void pipeline(int n) throws InterruptedException {
        Chan<Integer> in = Chan.make();
        Chan<Integer> out = Chan.make(8);
        Mutex mutex = new Mutex();
        WaitGroup wg = new WaitGroup();
        for (int w = 0; w < 4; w++) {
            wg.go(() -> {
                for (int v : in) {
                    mutex.lock();
                    try {
                        Thread.yield();
                    } finally {
                        mutex.unlock();
                    }
                    out.send(v + 1);
                }
            });
        }
        WaitGroup consumer = new WaitGroup();
        consumer.go(() -> {
            for (int v : out) {
                if (v % 100 == 0) {
                    do {
                        Go.sleep(Duration.ofMillis(1));
                    } while (v == 100 && n > 200 && out.len() < out.cap()); // then a send waits
                }
            }
        });
        for (int i = 0; i < n; i++) {
            in.send(i); // from a platform thread
        }
        in.close();
        wg.await();
        out.close();
        consumer.await();
    }

    /** Blocks, and says when it no longer does: its end is recorded after it has been joined. */
    private static void pinned(CountDownLatch release) throws Exception {
        Pinned.await(release);
        Tracing.log("test", "goes on");
    }

    /** A goroutine that blocks its thread until {@code release}; its P has been handed on. */
    private static Goroutine pinnedAndHandedOff(CountDownLatch release)
            throws InterruptedException {
        long before = Runtimes.stalls()[1];
        Goroutine g = Go.go(() -> pinned(release));
        while (Runtimes.stalls()[1] == before) {
            pipeline(10); // others need a P
        }
        return g;
    }

    static String go(String... args) throws IOException, InterruptedException {
        String[] command = new String[args.length + 2];
        command[0] = "go";
        command[1] = "tool";
        System.arraycopy(args, 0, command, 2, args.length);
        Process p = new ProcessBuilder(command).redirectErrorStream(true).start();
        String out = new String(p.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(p.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(p.exitValue()).as(tail(out)).isZero();
        return out;
    }

    private static String tail(String s) {
        return s.length() < 3000 ? s : s.substring(s.length() - 3000);
    }

    @Test
    void goToolTraceReadsATraceOfAPipeline() throws Exception {
        Path file = dir.resolve("a.trace");
        try (Trace t = Trace.start(file)) {
            pipeline(2000);
            t.stop();
            assertThat(t.events()).isGreaterThan(10_000);
            assertThat(t.dropped()).isZero();
        }
        String text = go("trace", parsed, file.toString());
        assertThat(text)
                .contains("Running->Waiting")
                .contains("Reason=\"chan receive\"")
                .contains("Reason=\"runtime.Gosched\"")
                .contains("Reason=\"sleep\"")
                .contains("GoTraceTest.lambda$pipeline")
                .contains("GoTraceTest.pipeline")
                .doesNotContain("events lost");
        String sched = dir.resolve("sched.pb").toString();
        profile("sched", file, sched);
        assertThat(go("pprof", "-top", sched))
                .contains("Type: delay")
                .contains("GoTraceTest.lambda$pipeline");
        String sync = dir.resolve("sync.pb").toString();
        profile("sync", file, sync);
        assertThat(go("pprof", "-top", sync)).contains("GoTraceTest.lambda$pipeline");
    }

    private static void profile(String type, Path trace, String to) throws Exception {
        Process p =
                new ProcessBuilder("go", "tool", "trace", "-pprof=" + type, trace.toString())
                        .redirectOutput(Path.of(to).toFile())
                        .redirectError(ProcessBuilder.Redirect.DISCARD)
                        .start();
        assertThat(p.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(p.exitValue()).isZero();
    }

    @Test
    void aTraceThatBeginsInTheMiddleIsReadable() throws Exception {
        WaitGroup wg = new WaitGroup();
        Chan<Integer> stop = Chan.make();
        Chan<Integer> ping = Chan.make();
        for (int i = 0; i < 3; i++) {
            wg.go(() -> {
                while (!stop.isDrained()) {
                    ping.trySend(1);
                    ping.tryRecv();
                    Go.gosched();
                    Go.sleep(Duration.ofNanos(10_000));
                }
            });
        }
        Path file = dir.resolve("b.trace");
        try (Trace t = Trace.start(file)) {
            pipeline(500);
        }
        stop.close();
        wg.await();
        assertThat(go("trace", parsed, file.toString()))
                .containsPattern("GoID=\\d+ Undetermined->(Waiting|Runnable)")
                .doesNotContainPattern("Time=\\d{13}");
    }

    @Test
    void overwrittenRingsAreReadable() throws Exception {
        FlightRecorder.Builder small = FlightRecorder.with().bytes(1 << 14);
        try (FlightRecorder r = small.start()) {
            pipeline(20_000);
            Path file = dir.resolve("c.trace");
            r.dump(file);
            assertThat(Files.size(file)).isGreaterThan(1000);
            assertThat(go("trace", parsed, file.toString())).contains("Undetermined");
        }
    }

    @Test
    void anEmptyTraceIsReadable() throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        Trace.start(out, Trace.Format.GO).stop();
        Path file = dir.resolve("e.trace");
        Files.write(file, out.toByteArray());
        go("trace", parsed, file.toString());
    }

    @Test
    void tasksRegionsAndMessagesAreInTheTrace() throws Exception {
        Path file = dir.resolve("f.trace");
        try (Trace t = Trace.start(file)) {
            WaitGroup wg = new WaitGroup();
            wg.go(() -> {
                try (Tracing.UserTask order = Tracing.task("order")) {
                    order.log("id", "4711");
                    try (Tracing.UserTask part = order.task("part");
                            Tracing.Region pack = part.region("pack")) {
                        Go.sleep(Duration.ofMillis(1));
                        pack.close(); // and once more by try: ends nothing
                        Tracing.Region outer = Tracing.region("outer");
                        Tracing.region("inner");
                        outer.close(); // with the inner one
                    }
                }
                Tracing.log("note", "done");
            });
            wg.await();
        }
        assertThat(go("trace", parsed, file.toString()))
                .containsPattern("TaskBegin .*Type=\"order\"")
                .containsPattern("TaskBegin .*Parent=\\d{1,9} Type=\"part\"")
                .containsPattern("TaskEnd .*Type=\"order\"")
                .containsPattern("RegionBegin .*Type=\"pack\"")
                .containsPattern("RegionEnd .*Type=\"inner\"[^$]*RegionEnd .*Type=\"outer\"")
                .contains("Category=\"id\" Message=\"4711\"")
                .contains("Category=\"note\" Message=\"done\"");
    }

    @Test
    void operationsOnChannelsAreInTheTraceIfAskedFor() throws Exception {
        Path file = dir.resolve("c.trace");
        Chan<Integer> ch = Chan.make(4);
        try (Trace t = Trace.start(file)) {
            Go.go(() -> ch.send(1)).join();
            t.channels(1);
            Goroutine g =
                    Go.go(() -> {
                        ch.send(2);
                        ch.recv();
                        ch.close();
                    });
            g.join();
        }
        String name = Pattern.quote(new ChannelNames("others").of(ch));
        String log = "Log .*Category=\"jenny.chan\" Message=\"";
        assertThat(go("trace", parsed, file.toString()))
                .containsPattern(log + "send " + name + " len=2 cap=4\"")
                .containsPattern(log + "receive " + name + " len=1 cap=4\"")
                .containsPattern(log + "close " + name + " len=1 cap=4\"")
                .doesNotContainPattern("send " + name + " len=1");
    }

    @Test
    void aStealIsAMessageOfWhatTheThiefRunsNext() throws Exception {
        Path file = dir.resolve("s.trace");
        try (Sink s = new GoTraceWriter(Files.newOutputStream(file))) {
            s.proc(0, 100, true);
            s.create(0, 100, 7, 0);
            s.proc(1, 110, true);
            s.steal(1, 120, 0, 3);
            s.start(1, 130, 7);
            s.stop(1, 140, 7, Sink.Stop.END, -1, 0);
        }
        assertThat(go("trace", parsed, file.toString()))
                .containsPattern(
                        "P=1 G=7 Log .*Category=\"jenny.steal\" Message=\"3 goroutines of P0\"");
    }

    @Test
    void labelsAreInTheTrace() throws Exception {
        Path file = dir.resolve("l.trace");
        long id;
        try (Trace t = Trace.start(file)) {
            Chan<Integer> ch = Chan.make();
            Goroutine g =
                    Go.go(() ->
                            Go.withLabels(
                                    Map.of("svc", "users", "op", "read"),
                                    () -> {
                                        ch.recv();
                                        Go.withLabels("op", "write", () -> ch.recv());
                                    }));
            id = g.id();
            ch.send(1);
            ch.send(2);
            g.join();
        }
        assertThat(go("trace", parsed, file.toString()))
                .containsPattern(
                        "G="
                                + id
                                + " Label Time=\\d+ Label=\"op=read svc=users\" .*Goroutine\\("
                                + id)
                .containsPattern("G=" + id + " Label Time=\\d+ Label=\"op=write svc=users\"")
                .containsPattern("G=" + id + " Label Time=\\d+ Label=\"\" ");
    }

    @Test
    void aGoroutineThatBlocksItsThreadIsInASystemCall() throws Exception {
        Path file = dir.resolve("h.trace");
        long id;
        try (Trace t = Trace.start(file)) {
            CountDownLatch release = new CountDownLatch(1);
            Goroutine g = pinnedAndHandedOff(release);
            id = g.id();
            pipeline(1000);
            release.countDown();
            g.join();
        }
        assertThat(go("trace", parsed, file.toString()))
                .containsPattern("GoID=" + id + " Running->Syscall")
                .containsPattern("GoID=" + id + " Syscall->Runnable")
                .contains("Category=\"jenny.stall\" Message=\"blocks its thread\"");
        String profile = dir.resolve("syscall.pb").toString();
        profile("syscall", file, profile);
        String top = go("pprof", "-top", profile);
        if (parsed.equals("-d=parsed")) { // Go 1.23 leaves out a wait whose end has no stack
            assertThat(top).contains("Pinned.block");
        }
    }

    private static void readAByte(Socket s) throws IOException {
        assertThat(s.getInputStream().read()).isEqualTo(7);
    }

    /** Why goroutine {@code id} waits, each time; the reason's place in the line differs by Go. */
    private static List<String> waits(String events, long id) {
        Pattern reason = Pattern.compile("Reason=\"([^\"]*)\"");
        return events.lines()
                .filter(l -> l.contains("GoID=" + id + " Running->Waiting"))
                .flatMap(l -> reason.matcher(l).results())
                .map(r -> r.group(1))
                .toList();
    }

    @Test
    void aWaitForASocketIsNetworkALockIsSyncAndThreadSleepIsSleep() throws Exception {
        Assumptions.assumeTrue(Coroutine.AVAILABLE);
        Path file = dir.resolve("n.trace");
        ReentrantLock lock = new ReentrantLock();
        long reader;
        long locker;
        long sleeper;
        try (Trace t = Trace.start(file);
                ServerSocket l = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                Socket near = new Socket(l.getInetAddress(), l.getLocalPort());
                Socket far = l.accept()) {
            Goroutine read = Go.go(() -> readAByte(near));
            lock.lock();
            Goroutine enter =
                    Go.go(() -> {
                        lock.lock();
                        lock.unlock();
                    });
            Goroutine sleep = Go.go(() -> Thread.sleep(2));
            reader = read.id();
            locker = enter.id();
            sleeper = sleep.id();
            while (!lock.hasQueuedThreads() || read.thread().getState() != State.WAITING) {
                Thread.onSpinWait();
            }
            far.getOutputStream().write(7);
            lock.unlock();
            read.join();
            enter.join();
            sleep.join();
        }
        String events = go("trace", parsed, file.toString());
        assertThat(waits(events, reader)).contains("network");
        assertThat(waits(events, locker)).contains("sync");
        assertThat(waits(events, sleeper)).contains("sleep");
        String net = dir.resolve("net.pb").toString();
        profile("net", file, net);
        assertThat(go("pprof", "-top", net))
                .contains("GoTraceTest.readAByte")
                .doesNotContain("subPollerLoop");
    }

    @Test
    void severalGenerationsAreReadableAndASystemCallMayLastOverThem() throws Exception {
        Path file = dir.resolve("i.trace");
        long id;
        try (Trace t = Trace.start(file)) {
            CountDownLatch release = new CountDownLatch(1);
            Goroutine g = pinnedAndHandedOff(release);
            id = g.id();
            pipeline(300_000);
            release.countDown();
            g.join();
        }
        assertThat(Files.size(file)).isGreaterThan(9 << 20);
        assertThat(go("trace", wire, file.toString())).contains("gen=2");
        Path text = dir.resolve("i.txt");
        Process p =
                new ProcessBuilder("go", "tool", "trace", parsed, file.toString())
                        .redirectErrorStream(true)
                        .redirectOutput(text.toFile())
                        .start();
        assertThat(p.waitFor(120, TimeUnit.SECONDS)).isTrue();
        assertThat(p.exitValue()).isZero();
        try (Stream<String> lines = Files.lines(text)) {
            assertThat(lines.filter(l -> l.contains("GoID=" + id + " ")).toList())
                    .anyMatch(l -> l.contains("Syscall->Syscall"))
                    .anyMatch(l -> l.contains("Syscall->Runnable"));
        }
    }

    @Test
    void thePagesOfGoToolTraceAnswer() throws Exception {
        Path file = dir.resolve("g.trace");
        try (Trace t = Trace.start(file)) {
            pipeline(2000);
        }
        String tool = go("-n", "trace").strip(); // itself, not a child of the go command
        Process p =
                new ProcessBuilder(tool, "-http=127.0.0.1:0", file.toString())
                        .redirectErrorStream(true)
                        .start();
        try (var out = p.inputReader();
                HttpClient client = HttpClient.newHttpClient()) {
            String url = null;
            for (String line; url == null && (line = out.readLine()) != null; ) {
                int at = line.indexOf("http://");
                url = at < 0 ? null : line.substring(at).strip();
            }
            assertThat(url).isNotNull();
            for (String page : List.of("/", "/goroutines", "/trace", "/jsontrace", "/mmu")) {
                HttpResponse<String> r =
                        client.send(
                                HttpRequest.newBuilder(URI.create(url + page)).build(),
                                HttpResponse.BodyHandlers.ofString());
                assertThat(r.statusCode()).as(page).isEqualTo(200);
                if (page.equals("/goroutines")) {
                    assertThat(r.body()).contains("GoTraceTest.pipeline.go:");
                }
                if (page.equals("/jsontrace")) {
                    assertThat(r.body())
                            .contains("GoTraceTest.pipeline", "\"Proc 0\"")
                            .as("a page that a browser can take")
                            .doesNotContain("\"Proc 2000\"");
                }
            }
        } finally {
            p.destroy();
        }
    }

    @Test
    void aTraceThatCannotBeWrittenToItsEndSaysSo() throws Exception {
        AtomicBoolean broken = new AtomicBoolean();
        OutputStream out =
                new OutputStream() {
                    @Override
                    public void write(int b) {
                        if (broken.get()) {
                            throw new IllegalStateException("as if");
                        }
                    }
                };
        Trace trace = Trace.start(out, Trace.Format.GO);
        broken.set(true);
        assertThatThrownBy(trace::stop)
                .isInstanceOf(IOException.class)
                .hasMessageContaining("as if");
    }

    @Test
    @Timeout(60)
    void aTraceToAFileThatHasEndedIsForgotten(@TempDir Path dir) throws Exception {
        WeakReference<Trace> trace = new WeakReference<>(Trace.toFile(dir.resolve("trace")));
        trace.get().stop();
        while (trace.get() != null) {
            System.gc();
        }
    }
}
