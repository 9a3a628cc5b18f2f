package dev.jenny.inspect.internal.pprof;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jenny.Chan;
import dev.jenny.Go;
import dev.jenny.Goroutine;
import dev.jenny.inspect.internal.model.Await;
import dev.jenny.inspect.internal.pprof.Profile.Sample;
import dev.jenny.inspect.internal.pprof.Profiles.Kind;
import dev.jenny.internal.event.BlockProfile;
import dev.jenny.internal.event.Counters;
import dev.jenny.internal.event.SchedProfile;
import dev.jenny.internal.sched.Probe;
import dev.jenny.sync.Mutex;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class WaitsTest {
    private static volatile boolean stop;

    private static void receive(Chan<Integer> ch) throws InterruptedException {
        while (ch.recv() != null) {}
    }

    private static void lockAndSleep(Mutex m) throws InterruptedException {
        while (!stop) {
            m.lock();
            try {
                Go.sleep(Duration.ofMillis(2));
            } finally {
                m.unlock();
            }
        }
    }

    private static Sample find(Profile p, String method) {
        return p.samples().stream()
                .filter(s ->
                        s.stack().stream()
                                .anyMatch(f -> f.function().endsWith("WaitsTest." + method)))
                .findFirst()
                .orElse(null);
    }

    @Test
    void eachWaitIsInItsProfiles() throws Exception {
        stop = false;
        Chan<Integer> ch = Chan.make();
        Mutex mutex = new Mutex();
        List<Goroutine> gs = new ArrayList<>();
        Go.withLabels(Map.of("svc", "reader"), () -> gs.add(Go.go(() -> receive(ch))));
        gs.add(
                Go.go(() -> {
                    while (!stop) {
                        Go.sleep(Duration.ofMillis(2));
                        ch.send(1);
                    }
                    ch.close();
                }));
        Go.withLabels(
                Map.of("svc", "locker"),
                () -> {
                    gs.add(Go.go(() -> lockAndSleep(mutex)));
                    gs.add(Go.go(() -> lockAndSleep(mutex)));
                });
        Duration second = Duration.ofSeconds(1);
        Profile chan;
        Profile locks;
        Profile block;
        Profile all;
        try {
            chan = Profiles.take(Kind.CHAN, second);
            locks = Profiles.take(Kind.MUTEX, second);
            block = Profiles.take(Kind.BLOCK, second);
            all = Profiles.take(Kind.OFFCPU, second);
        } finally {
            stop = true;
            for (Goroutine g : gs) {
                g.join();
            }
        }
        Sample received = find(chan, "receive");
        assertThat(received).isNotNull();
        assertThat(received.labels())
                .containsEntry("wait", "chan receive")
                .containsEntry("svc", "reader")
                .hasEntrySatisfying("chan", c -> assertThat(c).matches("chan#[0-9]+"));
        assertThat(find(block, "receive").labels()).doesNotContainKey("chan");
        assertThat(received.value(0)).isPositive();
        assertThat(received.value(1)).isGreaterThan(1_000_000);
        assertThat(find(chan, "lockAndSleep")).isNull();

        Sample unlocked = find(locks, "lockAndSleep");
        assertThat(unlocked).isNotNull();
        assertThat(unlocked.stack().getFirst().function()).isEqualTo("dev.jenny.sync.Mutex.unlock");
        assertThat(unlocked.labels()).containsEntry("svc", "locker");
        assertThat(unlocked.value(1)).isGreaterThan(1_000_000);
        assertThat(find(locks, "receive")).isNull();

        assertThat(find(block, "receive")).isNotNull();
        assertThat(find(block, "lockAndSleep")).isNotNull();
        assertThat(block.samples()).noneMatch(s -> "sleep".equals(s.labels().get("wait")));
        assertThat(all.samples()).anyMatch(s -> "sleep".equals(s.labels().get("wait")));
        assertThat(BlockProfile.rate()).isZero();
    }

    private static void sleepInJdk() throws InterruptedException {
        while (!stop) {
            Thread.sleep(2);
        }
    }

    private static void pollInJdk(BlockingQueue<Integer> queue) throws InterruptedException {
        while (!stop) {
            queue.poll(2, TimeUnit.MILLISECONDS);
        }
    }

    @Test
    void waitsInJdkCodeAreInTheirProfiles() throws Exception {
        stop = false;
        BlockingQueue<Integer> queue = new ArrayBlockingQueue<>(1);
        List<Goroutine> gs = new ArrayList<>();
        gs.add(Go.go(() -> sleepInJdk()));
        gs.add(Go.go(() -> pollInJdk(queue)));
        Profile block;
        Profile all;
        try {
            block = Profiles.take(Kind.BLOCK, Duration.ofSeconds(1));
            all = Profiles.take(Kind.OFFCPU, Duration.ofSeconds(1));
        } finally {
            stop = true;
            for (Goroutine g : gs) {
                g.join();
            }
        }
        assertThat(find(block, "sleepInJdk")).as("as in Go, sleep is no blocking").isNull();
        Sample polled = find(block, "pollInJdk");
        assertThat(polled).isNotNull();
        assertThat(polled.labels())
                .containsEntry("wait", "LockSupport.park")
                .containsEntry("on", "AbstractQueuedSynchronizer");
        assertThat(polled.value(1)).isGreaterThan(1_000_000);
        assertThat(find(all, "pollInJdk")).isNotNull();
        assertThat(find(all, "sleepInJdk").labels()).containsEntry("wait", "sleep");
    }

    @Test
    void schedulingLatencyBySpawnSite() throws Exception {
        Chan<Integer> ch = Chan.make();
        Goroutine g = Go.go(() -> receive(ch));
        for (int i = 0; i < 2 * Counters.SAMPLE; i++) {
            Await.parked(
                    g); // else the receiver may find the sender there each time, and never park
            ch.send(i);
        }
        ch.close();
        g.join();
        Profile sched = Profiles.take(Kind.SCHED, null);
        Sample sample = find(sched, "schedulingLatencyBySpawnSite");
        assertThat(sample).isNotNull();
        assertThat(sample.labels()).containsKey("after");
        assertThat(sample.value(0)).isPositive();
        assertThat(sample.value(1)).isPositive();
    }

    private static void receiveFor(Chan<Integer> ch, int times) throws InterruptedException {
        for (int i = 0; i < times; i++) {
            ch.recv();
        }
    }

    private static Goroutine startReceiver(Chan<Integer> ch) {
        return Go.go(() -> receiveFor(ch, 50));
    }

    @Test
    void whileSomebodyAsksEachWakeUpIsMeasured() throws Exception {
        Assumptions.assumeTrue(Probe.custom());
        Chan<Integer> ch = Chan.make();
        List<Goroutine> gs = new ArrayList<>();
        Waits.acquireWakeUps();
        try {
            Go.withLabels(Map.of("svc", "users"), () -> gs.add(startReceiver(ch)));
            for (int i = 0; i < 50; i++) {
                Await.parked(gs.getFirst());
                ch.send(i);
            }
            gs.getFirst().join();
        } finally {
            Waits.releaseWakeUps();
        }
        Profile sched = Waits.wakeUps();
        Sample woken = find(sched, "receiveFor");
        assertThat(woken).isNotNull();
        assertThat(woken.labels())
                .containsOnly(Map.entry("svc", "users"), Map.entry("after", "chan receive"));
        assertThat(woken.value(0)).isEqualTo(50);
        assertThat(woken.value(1)).isPositive();
        Sample started = find(sched, "startReceiver");
        assertThat(started).isNotNull();
        assertThat(started.labels()).containsEntry("after", "go");
        assertThat(started.value(0)).isEqualTo(1);
        assertThat(Profiles.take(Kind.SCHED, Duration.ofMillis(1)).samples())
                .as("what was before does not count")
                .noneMatch(s -> s.equals(woken) || s.equals(started));
        assertThat(SchedProfile.rate()).isZero();
    }

    @Test
    void overlappingRequestsDoNotSwitchEachOtherOff() {
        Waits.acquire();
        Waits.acquire();
        Waits.release();
        assertThat(BlockProfile.rate()).isPositive();
        Waits.release();
        assertThat(BlockProfile.rate()).isZero();
    }

    /** Virtual threads that a library starts inherit the scheduler, and have no go statement. */
    @Test
    void schedulingLatencyOfThreadsWithoutAGoStatement() throws Exception {
        Assumptions.assumeTrue(Probe.custom());
        Go.go(
                        () -> {
                            Thread t =
                                    Thread.startVirtualThread(() -> {
                                        for (int i = 0; i < 20 * Counters.SAMPLE; i++) {
                                            Thread.yield();
                                        }
                                    });
                            t.join();
                        })
                .join();
        Profile sched = Profiles.take(Kind.SCHED, null);
        assertThat(sched.samples())
                .anyMatch(s -> s.stack().getFirst().function().equals("(no go statement)"));
    }
}
