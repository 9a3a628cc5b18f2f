package dev.jenny;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jenny.internal.event.Batch;
import dev.jenny.internal.event.BlockProfile;
import dev.jenny.internal.event.Counters;
import dev.jenny.internal.event.Cursor;
import dev.jenny.internal.event.Event;
import dev.jenny.internal.event.Events;
import dev.jenny.internal.event.Recorder;
import dev.jenny.internal.event.Stacks;
import dev.jenny.internal.event.TimeHistogram;
import dev.jenny.internal.sched.WaitReason;
import dev.jenny.sync.WaitGroup;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class EventsTest {
    @BeforeEach
    void customMode() {
        Assumptions.assumeTrue(GoRuntime.mode().equals("custom"), "needs Jenny's scheduler");
    }

    /** An event, in a form that can be compared. */
    private record Seen(int p, int type, long id, int aux, int extra, long time) {}

    private static List<Seen> all(List<Batch> batches) {
        List<Seen> seen = new ArrayList<>();
        for (Batch b : batches) {
            for (int i = 0; i < b.size(); i++) {
                seen.add(new Seen(b.p(), b.type(i), b.id(i), b.aux(i), b.extra(i), b.time(i)));
            }
        }
        return seen;
    }

    private static long[] pingPong(int rounds) throws InterruptedException {
        Chan<Integer> a = Chan.make();
        Chan<Integer> b = Chan.make();
        long[] ids = new long[2];
        WaitGroup wg = new WaitGroup();
        wg.add(2);
        ids[0] =
                Go.go(
                                () -> {
                                    for (int i = 0; i < rounds; i++) {
                                        a.send(i);
                                        b.recv();
                                    }
                                    wg.done();
                                })
                        .id();
        ids[1] =
                Go.go(
                                () -> {
                                    for (int i = 0; i < rounds; i++) {
                                        a.recv();
                                        b.send(i);
                                    }
                                    wg.done();
                                })
                        .id();
        wg.await();
        return ids;
    }

    @Test
    void aGoroutinesEventsAreItsLife() throws Exception {
        long before = System.nanoTime();
        List<Seen> seen;
        long[] ids;
        try (Recorder r = Recorder.start(1 << 20)) {
            ids = pingPong(100);
            seen = awaitEnd(r, ids);
        }
        for (long id : ids) {
            List<Seen> its = life(seen, id);
            assertThat(its.getFirst().type).isEqualTo(Event.CREATE);
            assertThat(its.getLast().type).isEqualTo(Event.END);
            int blocks = 0;
            for (int i = 1; i < its.size(); i++) {
                int was = its.get(i - 1).type;
                int is = its.get(i).type;
                switch (is) {
                    case Event.START ->
                            assertThat(was).isIn(Event.CREATE, Event.READY, Event.YIELD);
                    case Event.READY -> assertThat(was).isEqualTo(Event.BLOCK);
                    default -> assertThat(was).isEqualTo(Event.START);
                }
                if (is == Event.BLOCK) {
                    blocks++;
                    assertThat(its.get(i).extra)
                            .isIn(
                                    WaitReason.CHAN_RECEIVE.number() + 1,
                                    WaitReason.CHAN_SEND.number() + 1);
                    assertThat(Stacks.frames(its.get(i).aux).getFirst().getMethodName())
                            .contains("pingPong");
                }
                assertThat(its.get(i).time).isBetween(before, System.nanoTime());
            }
            assertThat(blocks).isPositive();
            assertThat(Stacks.frames(its.getFirst().aux))
                    .singleElement()
                    .extracting(StackTraceElement::getMethodName)
                    .isEqualTo("pingPong");
        }
    }

    /** Who looks at the stack of a runnable goroutine has it queued once more. */
    @Test
    void anEntryThatIsLeftOverInAQueueIsNoStart() throws Exception {
        int rounds = 300;
        Chan<Integer> ch = Chan.make();
        List<Seen> seen;
        long id;
        try (Recorder r = Recorder.start(1 << 20)) {
            Goroutine receiver =
                    Go.go(() -> {
                        for (int i = 0; i < rounds; i++) {
                            ch.recv();
                        }
                    });
            id = receiver.id();
            Goroutine looker =
                    Go.go(() -> {
                        for (int i = 0; i < rounds; i++) {
                            ch.send(i);
                            receiver.thread().getStackTrace();
                        }
                    });
            seen = awaitEnd(r, id, looker.id());
        }
        long starts = seen.stream().filter(s -> s.id == id && s.type == Event.START).count();
        List<Seen> waits = seen.stream().filter(s -> s.id == id && s.type == Event.BLOCK).toList();
        assertThat(waits)
                .isNotEmpty()
                .allMatch(s -> s.extra == WaitReason.CHAN_RECEIVE.number() + 1);
        assertThat(starts).isEqualTo(waits.size() + 1);
    }

    /** The end of a goroutine is recorded after it has left its M: waits for that. */
    private static List<Seen> awaitEnd(Recorder r, long... ids) {
        for (; ; ) {
            List<Seen> seen = all(r.snapshot());
            Set<Long> ended = new HashSet<>();
            for (Seen s : seen) {
                if (s.type == Event.END) {
                    ended.add(s.id);
                }
            }
            boolean done = true;
            for (long id : ids) {
                done &= ended.contains(id);
            }
            if (done) {
                return seen;
            }
            Thread.onSpinWait();
        }
    }

    /** The events of one goroutine in their order, which slices give, not clocks. */
    private static List<Seen> life(List<Seen> seen, long id) {
        List<Seen> its = new ArrayList<>();
        Map<Integer, List<Seen>> bySlice = new HashMap<>();
        Map<Integer, Integer> running = new HashMap<>();
        int first = 0;
        for (Seen s : seen) {
            if (s.id != id) {
                continue;
            }
            switch (s.type) {
                case Event.CREATE -> its.add(s);
                case Event.START -> {
                    running.put(s.p, s.aux);
                    bySlice.computeIfAbsent(s.aux, k -> new ArrayList<>()).add(s);
                    if (Event.isFirst(s.extra)) {
                        first = s.aux;
                    }
                }
                case Event.BLOCK, Event.YIELD, Event.END ->
                        bySlice.computeIfAbsent(
                                        running.getOrDefault(s.p, -1), k -> new ArrayList<>())
                                .add(s);
                case Event.READY -> {
                    List<Seen> slice = bySlice.computeIfAbsent(s.aux, k -> new ArrayList<>());
                    slice.addFirst(s);
                }
                default -> {}
            }
        }
        for (int i = first; bySlice.containsKey(i); i++) {
            its.addAll(bySlice.get(i));
        }
        return its;
    }

    @Test
    void aCursorGivesEachEventOnceOrCountsItAsDropped() throws Exception {
        try (Recorder r = Recorder.start(1)) { // the smallest rings
            Cursor c = r.cursor();
            pingPong(10);
            long got = all(c.read()).size();
            assertThat(c.dropped()).isZero();
            assertThat(got).isPositive();
            pingPong(5_000);
            long more = all(c.read()).size();
            assertThat(c.dropped()).isPositive();
            assertThat(more).isPositive().isLessThanOrEqualTo(r.capacity() + 16384);
        }
    }

    @Test
    void aReadyFromAThreadWithoutAPIsRecordedToo() throws Exception {
        try (Recorder r = Recorder.start(1 << 16)) {
            Chan<Integer> ch = Chan.make();
            CountDownLatch done = new CountDownLatch(1);
            long id =
                    Go.go(
                                    () -> {
                                        ch.recv();
                                        done.countDown();
                                    })
                            .id();
            ch.send(1); // by this platform thread
            done.await();
            List<Seen> seen = awaitEnd(r, id);
            assertThat(seen)
                    .anyMatch(s -> s.p == Batch.OUTSIDE && s.type == Event.CREATE && s.id == id);
        }
    }

    @Test
    void nothingIsRecordedAfterTheLastRecorderHasStopped() throws Exception {
        Recorder one = Recorder.start(1 << 16);
        Recorder two = Recorder.start(1 << 16);
        one.stop();
        one.stop();
        assertThat(Events.tracing).isTrue();
        pingPong(10);
        assertThat(two.snapshot()).isNotEmpty();
        two.stop();
        assertThat(Events.tracing).isFalse();
        assertThat(Events.waits).isFalse();
        pingPong(10);
        assertThat(two.snapshot()).isEmpty();
    }

    @Test
    void theBlockProfileHasExactTimesAndPlaces() throws Exception {
        BlockProfile.setRate(1);
        try {
            Chan<Integer> ch = Chan.make();
            WaitGroup wg = new WaitGroup();
            wg.go(() -> ch.recv());
            wg.go(() -> {
                Go.sleep(Duration.ofMillis(20));
                ch.send(1);
            });
            wg.await();
        } finally {
            BlockProfile.setRate(0);
        }
        assertThat(BlockProfile.records())
                .anySatisfy(w -> {
                    assertThat(w.reason()).isEqualTo("chan receive");
                    assertThat(w.on()).isEqualTo("Channel");
                    assertThat(w.count()).isEqualTo(1);
                    assertThat(w.nanos()).isGreaterThan(10_000_000);
                    assertThat(w.site()).contains("theBlockProfileHasExactTimesAndPlaces");
                    assertThat(w.stack().getFirst().getMethodName())
                            .contains("theBlockProfileHasExactTimesAndPlaces");
                });
    }

    @Test
    void countersCountWithoutBeingTurnedOn() throws Exception {
        long yields = Events.counters().stream().mapToLong(Counters::yields).sum();
        long[] before = new long[TimeHistogram.BUCKETS];
        Events.counters().forEach(c -> c.latency().addTo(before));
        long waits = waits();
        pingPong(5_000);
        WaitGroup wg = new WaitGroup();
        wg.go(() -> {
            for (int i = 0; i < 100; i++) {
                Go.gosched();
            }
        });
        wg.await();
        assertThat(Events.counters().stream().mapToLong(Counters::yields).sum() - yields)
                .isGreaterThanOrEqualTo(100);
        long[] after = new long[TimeHistogram.BUCKETS];
        Events.counters().forEach(c -> c.latency().addTo(after));
        long sampled = 0;
        for (int i = 0; i < after.length; i++) {
            sampled += after[i] - before[i];
        }
        assertThat(sampled).isPositive();
        assertThat(waits() - waits).isPositive();
    }

    private static long waits() {
        return Events.counters().stream()
                .mapToLong(c ->
                        c.waits(WaitReason.CHAN_RECEIVE.number())
                                + c.waits(WaitReason.CHAN_SEND.number()))
                .sum();
    }

    @Test
    void histogramBucketsCoverAllDurationsWithoutGaps() {
        assertThat(TimeHistogram.bucket(-5)).isZero();
        assertThat(TimeHistogram.bucket(0)).isZero();
        assertThat(TimeHistogram.bucket(Long.MAX_VALUE)).isEqualTo(TimeHistogram.BUCKETS - 1);
        for (int i = 0; i < TimeHistogram.BUCKETS; i++) {
            long low = TimeHistogram.lowerBound(i);
            assertThat(TimeHistogram.bucket(low)).isEqualTo(i);
            if (i > 0) {
                assertThat(TimeHistogram.bucket(low - 1)).isEqualTo(i - 1);
            }
        }
        long[] counts = new long[TimeHistogram.BUCKETS];
        counts[TimeHistogram.bucket(100)] = 99;
        counts[TimeHistogram.bucket(1_000_000)] = 1;
        assertThat(TimeHistogram.quantile(counts, 0.5)).isEqualTo(128);
        assertThat(TimeHistogram.quantile(counts, 1)).isBetween(1_000_000L, 1_250_000L);
    }
}
