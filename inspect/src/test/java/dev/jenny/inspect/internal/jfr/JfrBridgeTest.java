package dev.jenny.inspect.internal.jfr;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.jenny.Chan;
import dev.jenny.Go;
import dev.jenny.GoRuntime;
import dev.jenny.Goroutine;
import dev.jenny.Tracing;
import dev.jenny.inspect.Pinned;
import dev.jenny.inspect.internal.metrics.SchedMetrics;
import dev.jenny.inspect.internal.model.ChannelNames;
import dev.jenny.internal.event.Events;
import dev.jenny.sync.WaitGroup;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class JfrBridgeTest {
    private static List<RecordedEvent> dump(Recording recording) throws Exception {
        Path file = Files.createTempFile("jenny", ".jfr");
        try {
            recording.dump(file);
            return RecordingFile.readAllEvents(file);
        } finally {
            Files.delete(file);
        }
    }

    private static List<RecordedEvent> of(List<RecordedEvent> events, String name) {
        return events.stream().filter(e -> e.getEventType().getName().equals(name)).toList();
    }

    @Test
    void goroutinesAreRecorded() throws Exception {
        JfrBridge.install();
        JfrBridge.install();
        Instant before = Instant.now().minusSeconds(1);
        List<RecordedEvent> events;
        Chan<Integer> ch = Chan.make();
        Goroutine g;
        try (Recording recording = new Recording()) {
            for (String name : List.of("GoroutineStart", "GoroutineEnd", "Steal", "Stall")) {
                recording.enable("jenny." + name);
            }
            recording.enable("jenny.GoroutinePark").with("atLeast", "10 ms");
            recording.enable("jenny.SchedStats").withPeriod(Duration.ofMillis(100));
            recording.start();
            assertThat(Events.tracing).isTrue();
            g =
                    Go.go(() -> {
                        ch.recv();
                        Go.sleep(Duration.ofMillis(1));
                        ch.recv();
                    });
            Go.sleep(Duration.ofMillis(50));
            ch.send(1);
            Go.sleep(Duration.ofMillis(50));
            ch.send(2);
            g.join();
            long id = g.id();
            do {
                events = dump(recording); // events are written a little later
            } while (of(events, "jenny.GoroutineEnd").stream()
                            .noneMatch(e -> e.getLong("goroutine") == id)
                    || of(events, "jenny.SchedStats").isEmpty());
        }
        assertThat(of(events, "jenny.SchedStats")).isNotEmpty();
        RecordedEvent stats = of(events, "jenny.SchedStats").getLast();
        assertThat(stats.getInt("gomaxprocs")).isPositive();
        assertThat(stats.getLong("created")).isPositive();

        RecordedEvent start = one(of(events, "jenny.GoroutineStart"), g);
        assertThat(start.getString("site")).contains("JfrBridgeTest.java");
        assertThat(start.getInstant("time")).isBetween(before, Instant.now());
        one(of(events, "jenny.GoroutineEnd"), g);

        List<RecordedEvent> parks =
                of(events, "jenny.GoroutinePark").stream()
                        .filter(e -> e.getLong("goroutine") == g.id())
                        .toList();
        assertThat(parks)
                .hasSize(2)
                .allSatisfy(e -> {
                    assertThat(e.getString("reason")).isEqualTo("chan receive");
                    assertThat(e.getDuration("waited"))
                            .isGreaterThanOrEqualTo(Duration.ofMillis(10));
                    assertThat(e.getString("where")).contains("JfrBridgeTest");
                });
        awaitReader();
        assertThat(Events.tracing).isFalse();
    }

    /**
     * The end of a recording only tells the reader to stop: it copies what is left and then ends.
     */
    private static void awaitReader() throws InterruptedException {
        for (Thread t : Thread.getAllStackTraces().keySet()) {
            if (t.getName().equals("jenny-inspect-jfr-events")) {
                t.join();
            }
        }
    }

    private static RecordedEvent one(List<RecordedEvent> events, Goroutine g) {
        List<RecordedEvent> of =
                events.stream().filter(e -> e.getLong("goroutine") == g.id()).toList();
        assertThat(of).hasSize(1);
        return of.getFirst();
    }

    private static volatile boolean stop;

    @Test
    void stallsAreRecorded() throws Exception {
        Assumptions.assumeTrue(GoRuntime.mode().equals("custom"));
        JfrBridge.install();
        CountDownLatch release = new CountDownLatch(1);
        try (Recording recording = new Recording()) {
            recording.enable("jenny.Stall");
            recording.start();
            Goroutine blocked = Go.go(() -> Pinned.await(release));
            RecordedEvent e = await(recording, "jenny.Stall");
            release.countDown();
            blocked.join();
            assertThat(e.getBoolean("burns")).isFalse();
            assertThat(e.getLong("goroutine")).isEqualTo(blocked.id());
            assertThat(e.getInt("p")).isNotNegative();
        }
        try (Recording recording = new Recording()) {
            recording.enable("jenny.Stall");
            recording.start();
            stop = false;
            Goroutine hog =
                    Go.go(() -> {
                        while (!stop) {
                            Thread.onSpinWait();
                        }
                    });
            RecordedEvent e = await(recording, "jenny.Stall");
            stop = true;
            hog.join();
            assertThat(e.getBoolean("burns")).isTrue();
            assertThat(e.getLong("goroutine")).isEqualTo(hog.id());
        }
    }

    @Test
    void stealsAreRecorded() throws Exception {
        Assumptions.assumeTrue(GoRuntime.mode().equals("custom"));
        JfrBridge.install();
        int procs = GoRuntime.gomaxprocs(Math.max(2, GoRuntime.gomaxprocs()));
        try (Recording recording = new Recording()) {
            recording.enable("jenny.Steal");
            recording.start();
            long before = SchedMetrics.steals();
            while (SchedMetrics.steals() == before) {
                // all go into one P's queue: the other has to take from it
                Go.go(
                                () -> {
                                    WaitGroup wg = new WaitGroup();
                                    for (int i = 0; i < 100; i++) {
                                        wg.go(Thread::onSpinWait);
                                    }
                                    wg.await();
                                })
                        .join();
            }
            RecordedEvent e = await(recording, "jenny.Steal");
            assertThat(e.getInt("thief")).isNotNegative().isNotEqualTo(e.getInt("victim"));
            assertThat(e.getInt("victim")).isNotNegative();
            assertThat(e.getInt("count")).isPositive();
        } finally {
            GoRuntime.gomaxprocs(procs);
        }
    }

    @Test
    void tasksRegionsAndMessagesAreRecorded() throws Exception {
        Assumptions.assumeTrue(GoRuntime.mode().equals("custom"));
        JfrBridge.install();
        try (Recording recording = new Recording()) {
            for (String name : List.of("Task", "Region", "Log")) {
                recording.enable("jenny." + name);
            }
            recording.start();
            Goroutine g = Go.go(JfrBridgeTest::order);
            g.join();
            RecordedEvent order = await(recording, "jenny.Task", "name", "order");
            RecordedEvent part = await(recording, "jenny.Task", "name", "part");
            RecordedEvent pack = await(recording, "jenny.Region", "name", "pack");
            RecordedEvent inner = await(recording, "jenny.Region", "name", "inner");
            RecordedEvent log = await(recording, "jenny.Log", "category", "id");

            assertThat(List.of(order, part, pack, inner, log))
                    .allSatisfy(e -> assertThat(e.getLong("goroutine")).isEqualTo(g.id()));
            long task = order.getLong("task");
            assertThat(part.getLong("partOf")).isEqualTo(task);
            assertThat(order.getLong("partOf")).isZero();
            assertThat(pack.getLong("task")).isEqualTo(part.getLong("task")).isNotEqualTo(task);
            assertThat(inner.getLong("task")).as("of no task").isZero();
            assertThat(log.getLong("task")).isEqualTo(task);
            assertThat(log.getString("message")).isEqualTo("4711");
            Duration slept = Duration.ofMillis(1);
            assertThat(order.getDuration("lasted")).isGreaterThanOrEqualTo(slept);
            assertThat(pack.getDuration("lasted")).isGreaterThanOrEqualTo(slept);
            assertThat(pack.getInstant("time")).isBetween(order.getInstant("time"), Instant.now());
            assertThat(of(dump(recording), "jenny.Region")).hasSize(3);
        }
    }

    private static void order() throws InterruptedException {
        try (Tracing.UserTask order = Tracing.task("order")) {
            order.log("id", "4711");
            try (Tracing.UserTask part = order.task("part");
                    Tracing.Region pack = part.region("pack")) {
                Go.sleep(Duration.ofMillis(1));
            }
            Tracing.Region outer = Tracing.region("outer");
            Tracing.region("inner");
            outer.close(); // with the inner one
        }
    }

    @Test
    void psThatStartAndStopAreRecorded() throws Exception {
        Assumptions.assumeTrue(GoRuntime.mode().equals("custom"));
        JfrBridge.install();
        try (Recording recording = new Recording()) {
            recording.enable("jenny.ProcStart");
            recording.enable("jenny.ProcStop");
            recording.start();
            Go.go(() -> Go.sleep(Duration.ofMillis(1))).join(); // wakes a P, which then sleeps
            assertThat(await(recording, "jenny.ProcStart").getInt("p")).isNotNegative();
            assertThat(await(recording, "jenny.ProcStop").getInt("p")).isNotNegative();
        }
    }

    @Test
    void operationsOnChannelsAreRecordedIfAskedFor() throws Exception {
        Assumptions.assumeTrue(GoRuntime.mode().equals("custom"));
        JfrBridge.install();
        Chan<Integer> ch = Chan.make(2);
        String name = new ChannelNames("others").of(ch);
        try (Recording recording = new Recording()) {
            recording.enable("jenny.ChanOp").with("oneIn", "1");
            recording.start();
            assertThat(Events.channels()).isEqualTo(1);
            Goroutine g =
                    Go.go(() -> {
                        ch.send(1);
                        ch.recv();
                        ch.close();
                    });
            g.join();
            await(recording, "jenny.ChanOp", "operation", "close");
            assertThat(of(dump(recording), "jenny.ChanOp"))
                    .filteredOn(e -> e.getLong("goroutine") == g.id())
                    .allSatisfy(e -> assertThat(e.getString("channel")).isEqualTo(name))
                    .extracting(
                            e -> e.getString("operation"),
                            e -> e.getInt("length"),
                            e -> e.getInt("capacity"),
                            e -> e.getLong("passed"))
                    .containsExactly(
                            tuple("send", 1, 2, 0L),
                            tuple("receive", 0, 2, 1L),
                            tuple("close", 0, 2, 1L));
        }
        assertThat(Events.channels()).isZero();
        assertThat(OneIn.parse(" 7 ")).isEqualTo(7);
        assertThat(OneIn.parse("0")).isEqualTo(100);
        assertThat(OneIn.parse("few")).isEqualTo(100);
        assertThat(new OneIn().combine(Set.of("50", "7", "1000"))).isEqualTo("7");
    }

    private static RecordedEvent await(Recording recording, String name, String field, String value)
            throws Exception {
        for (; ; ) {
            for (RecordedEvent e : of(dump(recording), name)) {
                if (value.equals(e.getString(field))) {
                    return e;
                }
            }
        }
    }

    private static RecordedEvent await(Recording recording, String name) throws Exception {
        for (; ; ) {
            List<RecordedEvent> events = of(dump(recording), name);
            if (!events.isEmpty()) {
                return events.getFirst();
            }
        }
    }

    @Test
    void aRecordingThatDoesNotAskCostsNothing() throws Exception {
        JfrBridge.install();
        awaitReader();
        try (Recording recording = new Recording()) {
            recording.start();
            assertThat(Events.tracing).isFalse();
            Go.go(() -> {}).join();
            recording.stop();
            assertThat(of(dump(recording), "jenny.GoroutineStart")).isEmpty();
        }
    }

    @Test
    void thresholds() {
        assertThat(AtLeast.parse("100 us")).isEqualTo(100_000);
        assertThat(AtLeast.parse("2s")).isEqualTo(2_000_000_000L);
        assertThat(AtLeast.parse("0")).isZero();
        assertThat(AtLeast.parse("soon")).isEqualTo(20_000_000);
        assertThat(new AtLeast().combine(Set.of("1 s", "5 ms", "30 ms"))).isEqualTo("5 ms");
    }

    /** Each start and end of any recording made the reader begin anew, knowing nobody who waits. */
    @Test
    void otherRecordingsComeAndGo() throws Exception {
        Assumptions.assumeTrue(GoRuntime.mode().equals("custom"));
        JfrBridge.install();
        Chan<Integer> ch = Chan.make();
        try (Recording recording = new Recording()) {
            recording.enable("jenny.GoroutineStart");
            recording.enable("jenny.GoroutinePark").with("atLeast", "0 ns");
            recording.start();
            Goroutine g = Go.go(() -> ch.recv());
            while (of(dump(recording), "jenny.GoroutineStart").stream()
                    .noneMatch(e -> e.getLong("goroutine") == g.id())) {
                Thread.onSpinWait(); // until the reader has come to it
            }
            try (Recording other = new Recording()) {
                other.enable("jdk.ExecutionSample");
                other.start();
            }
            ch.send(1);
            g.join();
            while (of(dump(recording), "jenny.GoroutinePark").stream()
                    .noneMatch(e -> e.getLong("goroutine") == g.id())) {
                Thread.onSpinWait();
            }
        }
        awaitReader();
    }
}
