package dev.jenny.time;

import static dev.jenny.support.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jenny.Chan;
import dev.jenny.Select;
import dev.jenny.internal.sched.Alarm;
import dev.jenny.support.Fork;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A timer stands in a heap only while somebody is blocked on it, and leaves nothing behind. */
@Timeout(60)
class TimerFootprintTest {
    private static final Duration LONG = Duration.ofHours(1);

    private final Heap heap = new Heap();

    @Test
    void nobodyWaitsNothingIsArmed() {
        Timer timer = new Timer(LONG);
        Ticker ticker = new Ticker(LONG);
        Timers.after(LONG).tryRecv();
        timer.reset(LONG);
        ticker.reset(LONG);
        heap.has(0);
    }

    @Test
    void armedOnceWhileReceiversAreBlocked() throws Exception {
        Timer timer = new Timer(LONG);
        List<Fork> forks = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            Fork f =
                    Fork.fork(
                            Fork.Kind.GOROUTINE,
                            () ->
                                    assertThatThrownBy(() -> timer.c().recv())
                                            .isInstanceOf(InterruptedException.class));
            forks.add(f.blockedOn(timer.c()));
            heap.has(1);
        }
        forks.get(0).interrupt();
        forks.get(0).join();
        heap.has(1);
        forks.get(2).interrupt();
        forks.get(2).join();
        heap.has(1);
        forks.get(1).interrupt();
        forks.get(1).join();
        heap.has(0);
    }

    @Test
    void stopDisarmsAndResetArmsUnderABlockedReceiver() throws Exception {
        Timer timer = new Timer(LONG);
        Fork receiver = Fork.fork(Fork.Kind.GOROUTINE, () -> timer.c().recv());
        receiver.blockedOn(timer.c());
        heap.has(1);
        timer.stop();
        heap.has(0);
        timer.reset(LONG);
        heap.has(1);
        timer.reset(LONG.multipliedBy(2));
        heap.has(1);
        timer.reset(Duration.ZERO);
        heap.has(0);
        receiver.join();
        heap.has(0);
    }

    @Test
    void aSelectThatAnotherCaseWinsDisarms() throws Exception {
        Timer timer = new Timer(LONG);
        Chan<String> other = Chan.make();
        Fork fork =
                Fork.fork(
                        Fork.Kind.GOROUTINE,
                        () ->
                                assertThat(
                                                Select.<String>select(
                                                        Select.recv(timer.c(), v -> "timer"),
                                                        Select.recv(
                                                                Timers.after(LONG), v -> "after"),
                                                        Select.recv(other, v -> "other")))
                                        .isEqualTo("other"));
        fork.parked();
        heap.has(2);
        other.send("now");
        fork.join();
        heap.has(0);
    }

    @Test
    void firingDisarms() throws Exception {
        for (int i = 0; i < 100; i++) {
            new Timer(Duration.ofNanos(i * 1_000L)).c().recv();
            heap.has(0);
        }
    }

    @Test
    void aTickerIsArmedOnlyWhileItIsAwaited() throws Exception {
        Ticker ticker = new Ticker(Duration.ofMillis(1));
        for (int i = 0; i < 10; i++) {
            ticker.c().recv();
            heap.has(0);
        }
    }

    @Test
    void aTickerStaysArmedForTheReceiversThatATickDidNotReach() throws Exception {
        Ticker ticker = new Ticker(LONG);
        List<Fork> forks = Fork.forks(Fork.Kind.GOROUTINE, 4, () -> ticker.c().recv());
        forks.forEach(f -> f.blockedOn(ticker.c()));
        heap.has(1);
        ticker.reset(Duration.ofMillis(1));
        Fork.joinAll(forks);
        heap.has(0);
    }

    @Test
    void afterFuncLeavesWhenStoppedOrFired() throws Exception {
        Timer timer = Timer.afterFunc(LONG, () -> {});
        heap.has(1);
        timer.reset(LONG);
        heap.has(1);
        timer.stop();
        heap.has(0);
        Chan<String> ran = Chan.make();
        timer = Timer.afterFunc(Duration.ofMillis(1), () -> ran.send("ran"));
        ran.recv();
        heap.has(0);
        assertThat(timer.stop()).isFalse();
    }

    /** A reset's or receiver's start of an alarm may be overtaken by a stop. */
    @Test
    void anAlarmThatIsCancelledBeforeItIsStartedDoesNotStand() {
        Alarm alarm =
                new Alarm() {
                    @Override
                    protected void fire(long now) {}
                };
        assertThat(alarm.cancel()).isFalse();
        alarm.start(Long.MAX_VALUE);
        heap.has(0);
    }

    @Test
    void forgottenTimersAreGarbage() {
        isCollected(() -> new Timer(LONG));
        isCollected(() -> new Timer(LONG).c());
        isCollected(() -> new Ticker(Duration.ofMillis(1)));
        isCollected(() -> Timers.after(LONG));
        isCollected(() -> Timers.tick(Duration.ofMillis(1)));
        isCollected(() -> {
            Timer t = Timer.afterFunc(LONG, () -> {});
            t.stop();
            return t;
        });
    }

    @Test
    void aTimerIsGarbageAfterASelectOnItIsOver() {
        isCollected(() -> {
            Timer t = new Timer(LONG);
            try {
                Select.select(
                        Select.recv(t.c(), v -> ""), Select.after(Duration.ofNanos(1), () -> ""));
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
            return t;
        });
    }

    private static void isCollected(Supplier<Object> make) {
        WeakReference<Object> ref = new WeakReference<>(make.get());
        eventually(() -> {
            System.gc();
            return ref.get() == null;
        });
    }
}
