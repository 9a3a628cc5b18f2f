package dev.jenny.inspect;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jenny.Chan;
import dev.jenny.Go;
import dev.jenny.GoRuntime;
import dev.jenny.Goroutine;
import dev.jenny.internal.run.MainRunner;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(60)
class FlightRecorderTest {
    @TempDir Path dir;

    @BeforeEach
    void customMode() {
        Assumptions.assumeTrue(GoRuntime.mode().equals("custom"));
    }

    @Test
    void aConditionGivesAFile() throws Exception {
        AtomicBoolean full = new AtomicBoolean();
        CountDownLatch asked = new CountDownLatch(20);
        try (FlightRecorder r =
                FlightRecorder.with()
                        .directory(dir)
                        .when(
                                "queue full",
                                () -> {
                                    asked.countDown();
                                    return full.get();
                                })
                        .start()) {
            GoTraceTest.pipeline(100);
            assertThat(r.lastDump()).isNull();
            full.set(true);
            assertThat(asked.await(30, TimeUnit.SECONDS)).isTrue();
            Path file = r.lastDump();
            assertThat(file).isNotNull();
            assertThat(file.getFileName().toString()).endsWith("-1-queue-full.trace");
            assertThat(new String(Files.readAllBytes(file), 0, 13, StandardCharsets.US_ASCII))
                    .isEqualTo("go 1.23 trace");
            try (Stream<Path> files = Files.list(dir)) {
                assertThat(files).as("it held all the time: one file").hasSize(1);
            }
        }
    }

    /** A full disk may have room again. */
    @Test
    void aFileThatCouldNotBeWrittenDoesNotCount() throws Exception {
        Path later = dir.resolve("later");
        AtomicBoolean first = new AtomicBoolean();
        AtomicBoolean second = new AtomicBoolean();
        BlockingQueue<String> asked = new LinkedBlockingQueue<>();
        try (FlightRecorder r =
                FlightRecorder.with()
                        .directory(later)
                        .maxFiles(1)
                        .when("first", first::get)
                        .when(
                                "second",
                                () -> {
                                    asked.add(first.get() ? "after" : "before");
                                    return second.get();
                                })
                        .start()) {
            first.set(true);
            for (int n = 0; n < 2; ) { // after the second, the first condition has been tried
                n += asked.take().equals("after") ? 1 : 0;
            }
            assertThat(r.lastDump()).isNull();
            Files.createDirectory(later);
            second.set(true);
            while (r.lastDump() == null) {
                LockSupport.parkNanos(1_000_000);
            }
            assertThat(r.lastDump().getFileName().toString()).endsWith("-1-second.trace");
        }
    }

    @Test
    void aConditionThatFailsDoesNotEndTheOthers() throws Exception {
        try (FlightRecorder r =
                FlightRecorder.with()
                        .directory(dir)
                        .when(
                                "no memory",
                                () -> {
                                    throw new OutOfMemoryError("as if");
                                })
                        .when(
                                "wrong",
                                () -> {
                                    throw new AssertionError("as if");
                                })
                        .when("right", () -> true)
                        .start()) {
            awaitFile(r, "right");
        }
    }

    @Test
    void twoRecordersDoNotOverwriteEachOthersFiles() throws Exception {
        try (FlightRecorder one =
                        FlightRecorder.with().directory(dir).when("same", () -> true).start();
                FlightRecorder two =
                        FlightRecorder.with().directory(dir).when("same", () -> true).start()) {
            Path first;
            Path second;
            while ((first = one.lastDump()) == null || (second = two.lastDump()) == null) {
                Thread.onSpinWait();
            }
            assertThat(first).isNotEqualTo(second).exists();
            assertThat(second).exists();
            if (dir.getFileSystem().supportedFileAttributeViews().contains("posix")) {
                assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(first)))
                        .as("there are stacks in it")
                        .isEqualTo("rw-------");
            }
        }
    }

    /** The file that {@code r} writes when its condition holds; an event must be in it. */
    private static String awaitFile(FlightRecorder r, String why) throws Exception {
        Path file;
        while ((file = r.lastDump()) == null) {
            Thread.onSpinWait();
        }
        assertThat(file.getFileName().toString()).endsWith("-1-" + why + ".trace");
        return Files.readString(file, StandardCharsets.ISO_8859_1);
    }

    private static volatile boolean stop;

    @Test
    void aGoroutineThatBurnsCpuGivesAFile() throws Exception {
        try (FlightRecorder r = FlightRecorder.with().directory(dir).onHog().start()) {
            Goroutine hog =
                    Go.go(() -> {
                        while (!stop) {
                            Thread.onSpinWait();
                        }
                    });
            try {
                assertThat(awaitFile(r, "hog")).contains("burns CPU");
            } finally {
                stop = true;
            }
            hog.join();
        }
    }

    @Test
    void aGoroutineThatBlocksItsThreadGivesAFile() throws Exception {
        CountDownLatch release = new CountDownLatch(1);
        try (FlightRecorder r = FlightRecorder.with().directory(dir).onHog().start()) {
            Goroutine blocked = Go.go(() -> Pinned.await(release));
            try {
                assertThat(awaitFile(r, "hog")).contains("blocks its thread");
            } finally {
                release.countDown();
            }
            blocked.join();
        }
    }

    @Test
    void latencyAboveTheLimitGivesAFileAndBelowItNone() throws Exception {
        CountDownLatch polls = new CountDownLatch(4);
        FlightRecorder.Builder patient =
                FlightRecorder.with()
                        .directory(dir)
                        .onLatency(Duration.ofHours(1))
                        .when(
                                "never",
                                () -> {
                                    polls.countDown();
                                    return false;
                                });
        try (FlightRecorder none = patient.start();
                FlightRecorder r =
                        FlightRecorder.with()
                                .directory(dir)
                                .onLatency(Duration.ofNanos(1))
                                .start()) {
            while (r.lastDump() == null || polls.getCount() > 0) {
                GoTraceTest.pipeline(1000);
            }
            assertThat(awaitFile(r, "latency")).contains("chan receive");
            assertThat(none.lastDump()).isNull();
        }
    }

    @Test
    void anExceptionThatLeavesAGoroutineGivesAFile() throws Exception {
        BlockingQueue<Throwable> thrown = new LinkedBlockingQueue<>();
        GoRuntime.onPanic((g, e) -> thrown.add(e));
        try (FlightRecorder r = FlightRecorder.with().directory(dir).onPanic().start()) {
            Go.go(() -> {
                throw new IllegalStateException("on purpose");
            });
            assertThat(thrown.take()).hasMessage("on purpose");
            assertThat(awaitFile(r, "panic")).contains("anExceptionThatLeavesAGoroutineGivesAFile");
        } finally {
            GoRuntime.onPanic(null);
        }
    }

    /** Programs that end by a panic, by a deadlock, and by themselves. */
    static final class Ends {
        public static void main(String[] args) {
            MainRunner.run(() -> {
                FlightRecorder.with().directory(Path.of(args[1])).onPanic().onFatal().start();
                Chan<Integer> never = Chan.make();
                switch (args[0]) {
                    case "panic" -> {
                        Go.go(() -> {
                            throw new IllegalStateException("on purpose");
                        });
                        never.recv();
                    }
                    case "deadlock" -> Go.go(() -> never.recv()).join();
                    default -> {}
                }
            });
        }
    }

    /** Programs in which a goroutine fills the heap. */
    static final class Fills {
        private static final List<Object> KEPT = new ArrayList<>();

        public static void main(String[] args) throws Exception {
            Path files = Path.of(args[1]);
            if (args[0].equals("dies")) {
                MainRunner.run(() -> {
                    FlightRecorder.with().bytes(1 << 16).directory(files).onOutOfMemory().start();
                    Go.go(() -> fill(new ArrayList<>())).join();
                });
                return;
            }
            FlightRecorder r =
                    FlightRecorder.with().bytes(1 << 16).directory(files).onOutOfMemory().start();
            CountDownLatch failed = new CountDownLatch(1);
            GoRuntime.onPanic((g, e) -> failed.countDown());
            Go.go(() -> fill(args[0].equals("keeps") ? KEPT : new ArrayList<>()));
            failed.await();
            while (r.lastDump() == null) {
                LockSupport.parkNanos(10_000_000);
            }
            System.exit(0);
        }

        /** Big pieces first, then what fits between them. */
        private static void fill(List<Object> list) {
            for (int size = 1 << 20; ; size >>= 4) {
                try {
                    while (true) {
                        list.add(new byte[size]);
                    }
                } catch (OutOfMemoryError e) {
                    if (size < 1 << 8) {
                        throw e;
                    }
                }
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"keeps,0", "leaves,0", "dies,2"})
    void anOutOfMemoryErrorThatLeavesAGoroutineGivesAFile(String how, int exitCode)
            throws Exception {
        String file = fileOf(Fills.class, how, exitCode, "out-of-memory");
        assertThat(file).startsWith("go 1.23 trace").contains("Fills");
    }

    /** In a full heap the initialization of one would fail, and then for good. */
    @Test
    void theClassesThatWritingTakesAreLoadedAtTheStart() throws Exception {
        Process p = java(Starts.class, "-Xlog:class+init");
        String out = new String(p.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(p.waitFor()).as(out).isZero();
        assertThat(out)
                .contains(
                        "GoTraceWriter$1'",
                        "GoTables$Kind'",
                        "Replay'",
                        "sun/nio/ch/FileChannelImpl'");
    }

    static final class Starts {
        public static void main(String[] args) {
            FlightRecorder.with().onOutOfMemory().start().close();
        }
    }

    private static Process java(Class<?> main, String option, String... args) throws Exception {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("--add-opens=java.base/java.lang=ALL-UNNAMED");
        command.add("-Djdk.trackAllThreads=false");
        command.add("-XX:+UseSerialGC");
        command.add(option);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
        command.addAll(List.of(args));
        Process p = new ProcessBuilder(command).redirectErrorStream(true).start();
        p.onExit().orTimeout(50, TimeUnit.SECONDS).exceptionally(e -> p.destroyForcibly());
        return p;
    }

    private String fileOf(String how, int exitCode) throws Exception {
        return fileOf(Ends.class, how, exitCode, "fatal");
    }

    private String fileOf(Class<?> main, String how, int exitCode, String why) throws Exception {
        Path files = Files.createDirectory(dir.resolve(how));
        Process p = java(main, "-Xmx64m", how, files.toString());
        String out = new String(p.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(p.waitFor()).as(out).isEqualTo(exitCode);
        try (Stream<Path> written = Files.list(files)) {
            List<Path> all = written.toList();
            if (all.isEmpty()) {
                return "";
            }
            assertThat(all).hasSize(1);
            assertThat(all.getFirst().getFileName().toString()).endsWith("-1-" + why + ".trace");
            assertThat(out).contains(": wrote " + all.getFirst());
            return Files.readString(all.getFirst(), StandardCharsets.ISO_8859_1);
        }
    }

    @Test
    void aProgramThatDiesLeavesAFile() throws Exception {
        assertThat(fileOf("panic", 2)).startsWith("go 1.23 trace").contains("Ends.lambda$main");
        assertThat(fileOf("deadlock", 2)).startsWith("go 1.23 trace").contains("chan receive");
        assertThat(fileOf("nothing", 0)).isEmpty();
    }

    @Test
    void whatHappenedBeforeTheDumpIsInIt() throws Exception {
        try (FlightRecorder r = FlightRecorder.start()) {
            GoTraceTest.pipeline(100);
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            r.dump(out, Trace.Format.GO);
            assertThat(out.toString(StandardCharsets.ISO_8859_1))
                    .contains("chan receive")
                    .contains("GoTraceTest.lambda$pipeline");
        }
    }

    /** A queue that is full again after 20 s, and stays so, got no file. */
    @Test
    void aConditionThatComesToHoldWithinTheMinuteGetsItsFileAfterIt() {
        boolean[] holds = {true};
        FlightRecorder.Trigger t = new FlightRecorder.Trigger("full", () -> holds[0]);
        long now = System.nanoTime();
        assertThat(t.due(now)).isTrue();
        t.written(true, now);
        holds[0] = false;
        assertThat(t.due(now += 1_000_000_000)).isFalse();
        holds[0] = true;
        assertThat(t.due(now += 1_000_000_000)).as("at most one a minute").isFalse();
        assertThat(t.due(now += FlightRecorder.MIN_INTERVAL)).isTrue();
        t.written(true, now);
        assertThat(t.due(now + FlightRecorder.MIN_INTERVAL)).as("it holds still").isFalse();
    }
}
