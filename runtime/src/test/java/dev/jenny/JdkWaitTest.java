package dev.jenny;

import static dev.jenny.support.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.jenny.internal.event.Batch;
import dev.jenny.internal.event.BlockProfile;
import dev.jenny.internal.event.Event;
import dev.jenny.internal.event.Recorder;
import dev.jenny.internal.event.SiteStats;
import dev.jenny.internal.event.SiteStats.Place;
import dev.jenny.internal.event.Stacks;
import dev.jenny.internal.loom.Coroutine;
import dev.jenny.internal.sched.Clock;
import dev.jenny.internal.sched.Probe;
import dev.jenny.internal.sched.Probe.GView;
import dev.jenny.internal.sched.Probe.State;
import dev.jenny.internal.sched.WaitReason;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Waits in JDK code, of which nobody tells the scheduler: since when, where, and how long. */
@Timeout(60)
class JdkWaitTest {
    /** A way to wait. {@code await} is called by a goroutine, the others by a platform thread. */
    private abstract static class Way {
        abstract void await() throws Exception;

        /** Before each wait. */
        void before() throws Exception {}

        /** Ends the wait of {@code waiting}. */
        abstract void end(Thread waiting) throws Exception;

        void close() throws Exception {}
    }

    private static final class InLock extends Way {
        private final ReentrantLock lock = new ReentrantLock();

        @Override
        void before() {
            lock.lock();
        }

        @Override
        void await() {
            lock.lock();
            lock.unlock();
        }

        @Override
        void end(Thread waiting) {
            lock.unlock();
        }
    }

    private static final class InQueue extends Way {
        private final BlockingQueue<Integer> queue = new ArrayBlockingQueue<>(1);

        @Override
        void await() throws InterruptedException {
            queue.take();
        }

        @Override
        void end(Thread waiting) {
            queue.add(1);
        }
    }

    private static final class InTimedPoll extends Way {
        private final BlockingQueue<Integer> queue = new ArrayBlockingQueue<>(1);

        @Override
        void await() throws InterruptedException {
            queue.poll(1, TimeUnit.HOURS);
        }

        @Override
        void end(Thread waiting) {
            queue.add(1);
        }
    }

    private static final class InPark extends Way {
        private volatile boolean over;

        @Override
        void before() {
            over = false;
        }

        @Override
        void await() {
            while (!over) {
                LockSupport.park();
            }
        }

        @Override
        void end(Thread waiting) {
            over = true;
            LockSupport.unpark(waiting);
        }
    }

    private static final class InObjectWait extends Way {
        private final Object monitor = new Object();
        private boolean over;

        @Override
        void before() {
            over = false;
        }

        @Override
        void await() throws InterruptedException {
            synchronized (monitor) {
                while (!over) {
                    monitor.wait();
                }
            }
        }

        @Override
        void end(Thread waiting) {
            synchronized (monitor) {
                over = true;
                monitor.notifyAll();
            }
        }
    }

    private static final class InTimedObjectWait extends Way {
        private final Object monitor = new Object();
        private boolean over;

        @Override
        void before() {
            over = false;
        }

        @Override
        void await() throws InterruptedException {
            synchronized (monitor) {
                while (!over) {
                    monitor.wait(3_600_000);
                }
            }
        }

        @Override
        void end(Thread waiting) {
            synchronized (monitor) {
                over = true;
                monitor.notifyAll();
            }
        }
    }

    private static final class InSynchronized extends Way {
        private final Object monitor = new Object();
        private final BlockingQueue<Boolean> go = new ArrayBlockingQueue<>(1);
        private Thread holder;

        @Override
        void before() throws InterruptedException {
            Thread t =
                    new Thread(() -> {
                        synchronized (monitor) {
                            go.add(true);
                            while (go.size() > 0) {
                                LockSupport.parkNanos(1_000_000);
                            }
                        }
                    });
            holder = t;
            t.start();
            eventually(() -> go.size() > 0);
        }

        @Override
        void await() {
            synchronized (monitor) {
                assertThat(Thread.holdsLock(monitor)).isTrue();
            }
        }

        @Override
        void end(Thread waiting) throws InterruptedException {
            go.take();
            holder.join();
        }
    }

    private static final class InSleep extends Way {
        @Override
        void await() {
            try {
                Thread.sleep(3_600_000);
            } catch (InterruptedException e) {
                // that is how it ends
            }
        }

        @Override
        void end(Thread waiting) {
            waiting.interrupt();
        }
    }

    private static final class InSocket extends Way {
        private final ServerSocket server =
                new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        private final Socket near = new Socket(server.getInetAddress(), server.getLocalPort());
        private final Socket far = server.accept();

        InSocket() throws IOException {}

        @Override
        void await() throws IOException {
            assertThat(near.getInputStream().read()).isEqualTo(7);
        }

        @Override
        void end(Thread waiting) throws IOException {
            far.getOutputStream().write(7);
        }

        @Override
        void close() throws IOException {
            near.close();
            far.close();
            server.close();
        }
    }

    private enum Kind {
        LOCK("LockSupport.park", "ReentrantLock"),
        QUEUE("LockSupport.park", "AbstractQueuedSynchronizer"),
        TIMED_POLL("LockSupport.park", "AbstractQueuedSynchronizer"),
        PARK("LockSupport.park", ""),
        OBJECT_WAIT("Object.wait", ""),
        TIMED_OBJECT_WAIT("Object.wait", ""),
        SYNCHRONIZED("java monitor enter", ""),
        SLEEP("sleep", ""),
        SOCKET("IO wait", "");

        final String reason;
        final String on;

        Kind(String reason, String on) {
            this.reason = reason;
            this.on = on;
        }

        Way way() throws IOException {
            return switch (this) {
                case LOCK -> new InLock();
                case QUEUE -> new InQueue();
                case TIMED_POLL -> new InTimedPoll();
                case PARK -> new InPark();
                case OBJECT_WAIT -> new InObjectWait();
                case TIMED_OBJECT_WAIT -> new InTimedObjectWait();
                case SYNCHRONIZED -> new InSynchronized();
                case SLEEP -> new InSleep();
                case SOCKET -> new InSocket();
            };
        }
    }

    private static final int ROUNDS = 3;

    private volatile int round;

    /** Waits until {@code g} waits for {@code reason} in a method of {@code place}. */
    private static GView waiting(Goroutine g, String reason, Class<?> place) {
        GView[] seen = new GView[1];
        eventually(() -> {
            GView v = Probe.goroutine(g.id());
            if (v == null || v.state() != State.WAITING) {
                return false;
            }
            StackTraceElement[] stack = v.thread().getStackTrace();
            String why = v.reason() == null ? Probe.reasonOf(stack).text() : v.reason().text();
            seen[0] = Probe.goroutine(g.id());
            return why.equals(reason)
                    && Stream.of(stack).anyMatch(f -> f.getClassName().equals(place.getName()))
                    && seen[0] != null
                    && seen[0].state() == State.WAITING;
        });
        return seen[0];
    }

    private static GView atGate(Goroutine g) {
        return waiting(g, "chan receive", JdkWaitTest.class);
    }

    /** A goroutine that waits {@link #ROUNDS} times, each time after a receive. */
    private Goroutine start(Way way, Chan<Integer> gate) {
        round = 0;
        return Go.go(() -> {
            for (int i = 0; i < ROUNDS; i++) {
                gate.recv();
                round = i + 1;
                way.await();
            }
        });
    }

    /** Lets {@code g}, which is at the gate, go into its wait number {@code n}. */
    private GView sendIntoWait(Goroutine g, Kind kind, Way way, Chan<Integer> gate, int n)
            throws Exception {
        way.before();
        gate.send(1);
        eventually(() -> round == n);
        return waiting(g, kind.reason, way.getClass());
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void aDumpKnowsSinceWhen(Kind kind) throws Exception {
        Way way = kind.way();
        Chan<Integer> gate = Chan.make();
        Goroutine g = start(way, gate);
        try {
            for (int i = 1; i <= ROUNDS; i++) {
                GView atGate = atGate(g);
                // in fallback mode nobody refreshes the coarse clock, nor is it used
                eventually(() -> !Coroutine.AVAILABLE || Clock.coarse() > atGate.since());
                GView inJdk = sendIntoWait(g, kind, way, gate, i);
                if (Coroutine.AVAILABLE) {
                    assertThat(inJdk.since())
                            .isGreaterThan(atGate.since())
                            .isLessThanOrEqualTo(Clock.now());
                    assertThat(inJdk.waited()).isLessThan(Clock.now() - atGate.since());
                } else {
                    assertThat(inJdk.since()).as("unknown").isZero();
                    assertThat(inJdk.waited()).as("unknown").isZero();
                }
                way.end(g.thread());
            }
            g.join();
        } finally {
            way.close();
        }
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void theBlockProfileKnowsWhereAndHowLong(Kind kind) throws Exception {
        Way way = kind.way();
        Chan<Integer> gate = Chan.make();
        BlockProfile.setRate(1);
        try {
            Goroutine g = start(way, gate);
            for (int i = 1; i <= ROUNDS; i++) {
                atGate(g);
                sendIntoWait(g, kind, way, gate, i);
                way.end(g.thread());
            }
            g.join();
        } finally {
            BlockProfile.setRate(0);
            way.close();
        }
        String place = way.getClass().getName();
        List<BlockProfile.Waits> found =
                BlockProfile.records().stream()
                        .filter(w ->
                                w.reason().equals(kind.reason)
                                        && w.stack().stream()
                                                .anyMatch(f -> f.getClassName().equals(place)))
                        .toList();
        if (!Coroutine.AVAILABLE) {
            assertThat(found).as("not known").isEmpty();
            return;
        }
        assertThat(found)
                .isNotEmpty()
                .allSatisfy(w -> {
                    assertThat(w.on()).isEqualTo(kind.on);
                    assertThat(w.site()).contains("JdkWaitTest.start(");
                    assertThat(w.nanos()).isPositive();
                });
        assertThat(found.stream().mapToLong(BlockProfile.Waits::count).sum())
                .isGreaterThanOrEqualTo(ROUNDS);
    }

    /** The waits of {@code g} that a recording has. */
    private static List<Wait> waits(Recorder r, Goroutine g) {
        List<Wait> waits = new ArrayList<>();
        for (Batch b : r.snapshot()) {
            for (int i = 0; i < b.size(); i++) {
                if (b.type(i) == Event.BLOCK && b.id(i) == g.id()) {
                    int reason = Event.reason(b.extra(i));
                    waits.add(
                            new Wait(
                                    reason < 0 ? "unknown" : WaitReason.of(reason).text(),
                                    Stacks.frames(b.aux(i))));
                }
            }
        }
        return waits;
    }

    private record Wait(String reason, List<StackTraceElement> stack) {
        boolean hasNoStack() {
            return stack.isEmpty();
        }

        boolean isIn(String place) {
            return stack.stream().anyMatch(f -> f.getClassName().startsWith(place));
        }
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void aTraceKnowsWhatForAndWhere(Kind kind) throws Exception {
        Assumptions.assumeTrue(Coroutine.AVAILABLE);
        Way way = kind.way();
        Chan<Integer> gate = Chan.make();
        List<Wait> waits;
        try (Recorder r = Recorder.start(1 << 18)) {
            Goroutine g = start(way, gate);
            for (int i = 1; i <= ROUNDS; i++) {
                atGate(g);
                sendIntoWait(g, kind, way, gate, i);
                way.end(g.thread());
            }
            g.join();
            waits = waits(r, g);
        } finally {
            way.close();
        }
        // A look at its stack may come between its wake-up and its run: that run ends at once, for
        // a reason that nobody can tell.
        assertThat(waits).filteredOn(w -> w.reason.equals("unknown")).allMatch(Wait::hasNoStack);
        // Waits for objects are told apart by these, of which two may share a place in the table.
        String place = (kind.on.isEmpty() ? way : this).getClass().getName();
        assertThat(waits)
                .filteredOn(w -> w.reason.equals(kind.reason))
                .hasSizeGreaterThanOrEqualTo(ROUNDS)
                .allMatch(w -> w.isIn(place))
                .noneMatch(w -> w.stack.getFirst().getClassName().endsWith("LockSupport"));
    }

    @Test
    void aTraceKnowsWhereALockIsWaitedFor() throws Exception {
        Assumptions.assumeTrue(Coroutine.AVAILABLE);
        ReentrantLock lock = new ReentrantLock();
        lock.lock();
        try (Recorder r = Recorder.start(1 << 18)) {
            Goroutine g = Go.go(() -> lockAndUnlock(lock));
            eventually(lock::hasQueuedThreads);
            waiting(g, "LockSupport.park", JdkWaitTest.class);
            lock.unlock();
            g.join();
            assertThat(waits(r, g))
                    .singleElement()
                    .satisfies(w -> {
                        assertThat(w.reason).isEqualTo("LockSupport.park");
                        assertThat(w.stack)
                                .extracting(StackTraceElement::getMethodName)
                                .contains("lockAndUnlock");
                    });
        }
    }

    private static void lockAndUnlock(ReentrantLock lock) {
        lock.lock();
        lock.unlock();
    }

    @Test
    void timesInTheProfileAreExact() throws Exception {
        Assumptions.assumeTrue(Coroutine.AVAILABLE);
        Duration nap = Duration.ofMillis(20);
        BlockProfile.setRate(1);
        try {
            Go.withLabels(Map.of("svc", "napper"), () -> Go.go(() -> sleepFor(nap)).join());
        } finally {
            BlockProfile.setRate(0);
        }
        assertThat(BlockProfile.records())
                .filteredOn(
                        w -> w.stack().stream().anyMatch(f -> f.getMethodName().equals("sleepFor")))
                .singleElement()
                .satisfies(w -> {
                    assertThat(w.count()).isEqualTo(1);
                    assertThat(w.nanos()).isGreaterThanOrEqualTo(nap.toNanos());
                    assertThat(w.labels()).containsEntry("svc", "napper");
                });
    }

    private static void sleepFor(Duration nap) throws InterruptedException {
        Thread.sleep(nap);
    }

    @Test
    void whileTheProfileIsOffNothingIsRecorded() throws Exception {
        Go.go(() -> sleepUnseen()).join();
        assertThat(BlockProfile.records())
                .noneMatch(w ->
                        w.stack().stream().anyMatch(f -> f.getMethodName().equals("sleepUnseen")));
    }

    private static void sleepUnseen() throws InterruptedException {
        Thread.sleep(1);
    }

    @Test
    void aPlaceInJdkCodeIsLookedAtOnceUntilThereAreTooMany() {
        SiteStats stats = new SiteStats();
        int[] looks = new int[1];
        for (int i = 0; i < 10_000; i++) {
            int key = i % 100;
            Place place =
                    stats.place(
                            key,
                            () -> {
                                looks[0]++;
                                return new Place(key, key + 1);
                            });
            assertThat(place).isEqualTo(new Place(key, key + 1));
        }
        assertThat(looks[0]).isEqualTo(100);
        for (int key = 0; key < 10_000; key++) {
            stats.place(key, () -> new Place(1, 1));
        }
        stats.place(
                0,
                () -> {
                    looks[0]++;
                    return new Place(0, 1);
                });
        assertThat(looks[0]).as("the table does not grow for ever").isEqualTo(101);
    }

    @Test
    void ofManyWaitsOfOneSiteSomeStandForAll() {
        SiteStats stats = new SiteStats();
        int n = 160_000;
        long sum = 0;
        int walks = 0;
        for (int i = 0; i < n; i++) {
            int times = stats.jdkWait();
            sum += times;
            walks += times > 0 ? 1 : 0;
        }
        assertThat(walks).isLessThan(n / 10);
        // 10,000 samples of weight 16: the standard deviation is 1,550
        assertThat(sum).isBetween(n - 15_500L, n + 15_500L);
    }
}
