package dev.jenny;

import static dev.jenny.support.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.jenny.internal.event.Events;
import dev.jenny.internal.event.Recorder;
import dev.jenny.internal.event.SchedProfile;
import dev.jenny.internal.event.SchedProfile.Wakes;
import dev.jenny.support.Mode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Each wake-up is counted where the goroutine had waited, with its labels. */
@Timeout(60)
class SchedProfileTest {
    private static final int HERE = 300;
    private static final int THERE = 200;

    @BeforeEach
    void on() {
        Mode.assumeCustom("only Jenny's scheduler knows when a goroutine becomes runnable");
        SchedProfile.setRate(1);
    }

    @AfterEach
    void off() {
        SchedProfile.setRate(0);
    }

    private static List<Wakes> of(String method) {
        return SchedProfile.records().stream()
                .filter(w -> w.stack().stream().anyMatch(f -> f.getMethodName().equals(method)))
                .toList();
    }

    private static Wakes theOneOf(String method, String after) {
        List<Wakes> found = of(method).stream().filter(w -> w.after().equals(after)).toList();
        assertThat(found).as(method + " after " + after).hasSize(1);
        return found.getFirst();
    }

    /** Who unparks it from here on wakes it. */
    private static void parked(Goroutine g) {
        eventually(() -> g.thread().getState() == Thread.State.WAITING);
    }

    private static void receiveHere(Chan<Integer> ch) throws InterruptedException {
        for (int i = 0; i < HERE; i++) {
            ch.recv();
        }
    }

    private static void receiveThere(Chan<Integer> ch) throws InterruptedException {
        for (int i = 0; i < THERE; i++) {
            ch.recv();
        }
    }

    @Test
    void eachWakeUpCountsWhereTheGoroutineHadWaited() throws Exception {
        Chan<Integer> ch = Chan.make();
        List<Goroutine> g = new ArrayList<>();
        Go.withLabels(
                Map.of("svc", "users"),
                () ->
                        g.add(
                                Go.go(() -> {
                                    receiveHere(ch);
                                    receiveThere(ch);
                                })));
        for (int i = 0; i < HERE + THERE; i++) {
            parked(g.getFirst());
            ch.send(i);
        }
        g.getFirst().join();
        Wakes here = theOneOf("receiveHere", "chan receive");
        assertThat(here.count()).isEqualTo(HERE);
        assertThat(here.nanos()).isPositive();
        assertThat(here.labels()).containsExactly(Map.entry("svc", "users"));
        assertThat(here.stack().getFirst().getMethodName()).isEqualTo("receiveHere");
        assertThat(theOneOf("receiveThere", "chan receive").count()).isEqualTo(THERE);
    }

    private static List<Goroutine> startMany(int n) {
        List<Goroutine> gs = new ArrayList<>();
        for (int i = 0; i < n; i++) {
            gs.add(Go.go(() -> {}));
        }
        return gs;
    }

    @Test
    void aFirstStartCountsForTheGoStatement() throws Exception {
        for (Goroutine g : startMany(500)) {
            g.join();
        }
        Wakes started = theOneOf("startMany", "go");
        assertThat(started.count()).isEqualTo(500);
        assertThat(started.stack()).hasSize(1);
    }

    private static void yieldOften() {
        for (int i = 0; i < 400; i++) {
            Go.gosched();
        }
    }

    @Test
    void aYieldCountsWhereItIs() throws Exception {
        Go.go(() -> yieldOften()).join();
        assertThat(theOneOf("yieldOften", "yield").count()).isEqualTo(400);
    }

    private static void acquire(Semaphore s) throws InterruptedException {
        for (int i = 0; i < 100; i++) {
            s.acquire();
        }
    }

    /** After the first 64 the block profile would look at one in 16 only. */
    @Test
    void eachWaitInJdkCodeCounts() throws Exception {
        Semaphore s = new Semaphore(0);
        Goroutine g = Go.go(() -> acquire(s));
        for (int i = 0; i < 100; i++) {
            parked(g);
            s.release();
        }
        g.join();
        assertThat(theOneOf("acquire", "LockSupport.park").count()).isEqualTo(100);
    }

    private static void receiveShortly(Chan<Integer> ch) throws InterruptedException {
        for (int i = 0; i < HERE; i++) {
            ch.recv();
        }
    }

    @Test
    void shortDelaysAreCountedWithoutALookAtEachStack() throws Exception {
        SchedProfile.setRate(Long.MAX_VALUE);
        Chan<Integer> ch = Chan.make();
        Goroutine g = Go.go(() -> receiveShortly(ch));
        for (int i = 0; i < HERE; i++) {
            parked(g);
            ch.send(i);
        }
        g.join();
        assertThat(theOneOf("receiveShortly", "chan receive").count()).isEqualTo(HERE);
    }

    private static void receiveUnseen(Chan<Integer> ch) throws InterruptedException {
        for (int i = 0; i < HERE; i++) {
            ch.recv();
        }
    }

    @Test
    void nothingIsCountedWhileItIsOff() throws Exception {
        assertThat(Events.wakes).isTrue();
        SchedProfile.setRate(0);
        assertThat(Events.wakes).isFalse();
        assertThat(Events.waits).isFalse();
        Chan<Integer> ch = Chan.make();
        try (Recorder recorder = Recorder.start(1 << 20)) {
            assertThat(Events.wakes).isTrue();
            Goroutine g = Go.go(() -> receiveUnseen(ch));
            for (int i = 0; i < HERE; i++) {
                parked(g);
                ch.send(i);
            }
            g.join();
        }
        assertThat(Events.wakes).isFalse();
        assertThat(of("receiveUnseen")).isEmpty();
    }
}
