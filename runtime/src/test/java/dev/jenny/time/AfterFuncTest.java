package dev.jenny.time;

import static dev.jenny.support.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jenny.Chan;
import dev.jenny.Go;
import dev.jenny.GoRuntime;
import dev.jenny.Goroutine;
import dev.jenny.Task;
import dev.jenny.support.Fork;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Timers that start a task. */
@Timeout(60)
class AfterFuncTest {
    private static final Duration LONG = Duration.ofHours(1);
    private static final Duration SHORT = Duration.ofMillis(1);

    @ParameterizedTest
    @EnumSource
    void runsOnceInAGoroutineOfItsOwnNotBeforeItsTime(Fork.Kind kind) throws Exception {
        Fork.fork(
                        kind,
                        () -> {
                            Chan<Goroutine> who = Chan.make(2);
                            long start = System.nanoTime();
                            Timers.afterFunc(Duration.ofMillis(10), () -> who.send(Go.current()));
                            Goroutine g = who.recv();
                            assertThat(System.nanoTime() - start)
                                    .isGreaterThanOrEqualTo(10_000_000);
                            assertThat(g).isNotNull().isNotEqualTo(Go.current());
                            g.join();
                            assertThat(who.tryRecv()).isNull();
                        })
                .join();
    }

    @Test
    void atOnceIfNotPositive() throws Exception {
        Chan<String> ran = Chan.make();
        Timer.afterFunc(Duration.ZERO, () -> ran.send("zero"));
        assertThat(ran.recv()).isEqualTo("zero");
        Timer.afterFunc(Duration.ofSeconds(Long.MIN_VALUE), () -> ran.send("negative"));
        assertThat(ran.recv()).isEqualTo("negative");
    }

    @Test
    void stopPreventsIt() throws Exception {
        AtomicInteger runs = new AtomicInteger();
        Timer timer = Timer.afterFunc(LONG, runs::incrementAndGet);
        assertThat(timer.stop()).isTrue();
        assertThat(timer.stop()).isFalse();
        Chan<String> later = Chan.make();
        Timer.afterFunc(SHORT, () -> later.send("later"));
        later.recv();
        assertThat(runs).hasValue(0);
    }

    @Test
    void stopIsTooLateOnceItHasStarted() throws Exception {
        Chan<String> running = Chan.make();
        Chan<String> go = Chan.make();
        Timer timer =
                Timer.afterFunc(
                        Duration.ZERO,
                        () -> {
                            running.send("running");
                            go.recv();
                        });
        running.recv();
        assertThat(timer.stop()).as("does not wait for the task").isFalse();
        go.close();
    }

    @Test
    void resetMovesItOrRunsItAgain() throws Exception {
        Chan<String> ran = Chan.make();
        Timer timer = Timer.afterFunc(LONG, () -> ran.send("ran"));
        assertThat(timer.reset(SHORT)).as("was waiting").isTrue();
        ran.recv();
        assertThat(timer.reset(SHORT)).as("had fired").isFalse();
        ran.recv();
        assertThat(timer.reset(LONG)).isFalse();
        assertThat(timer.stop()).isTrue();
        assertThat(timer.reset(SHORT)).as("was stopped").isFalse();
        ran.recv();
        assertThat(ran.tryRecv()).isNull();
    }

    @Test
    void hasNoChannel() {
        Timer timer = Timer.afterFunc(LONG, () -> {});
        assertThatThrownBy(timer::c)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("afterFunc");
        timer.stop();
    }

    @Test
    void anExceptionIsAPanicOfItsGoroutine() throws Exception {
        Chan<Throwable> panics = Chan.make(1);
        GoRuntime.onPanic((g, e) -> panics.trySend(e));
        try {
            Exception e = new Exception("on purpose");
            Timer.afterFunc(
                    SHORT,
                    () -> {
                        throw e;
                    });
            assertThat(panics.recv()).isSameAs(e);
        } finally {
            GoRuntime.onPanic(null);
        }
    }

    @Test
    void aTaskMayStartTheNext() throws Exception {
        Chan<String> end = Chan.make();
        AtomicInteger left = new AtomicInteger(100);
        Task[] step = new Task[1];
        step[0] =
                () -> {
                    if (left.decrementAndGet() == 0) {
                        end.send("end");
                    } else {
                        Timer.afterFunc(Duration.ofNanos(1_000), step[0]);
                    }
                };
        Timer.afterFunc(Duration.ZERO, step[0]);
        assertThat(end.recv()).isEqualTo("end");
    }

    /**
     * Goroutines that keep one P busy handing values to and fro must not keep timers from firing.
     */
    @Test
    void isNotStarvedByBusyGoroutinesOnOneP() throws Exception {
        int procs = GoRuntime.gomaxprocs(1);
        try {
            Chan<Integer> ping = Chan.make();
            Chan<Integer> pong = Chan.make();
            Chan<String> stop = Chan.make();
            Fork echo =
                    Fork.fork(
                            Fork.Kind.GOROUTINE,
                            () -> {
                                for (int i : ping) {
                                    pong.send(i);
                                }
                            });
            Fork driver =
                    Fork.fork(
                            Fork.Kind.GOROUTINE,
                            () -> {
                                while (!stop.isDrained()) {
                                    ping.send(1);
                                    pong.recv();
                                }
                                ping.close();
                            });
            Timer.afterFunc(SHORT, () -> Timer.afterFunc(SHORT, stop::close));
            driver.join();
            echo.join();
        } finally {
            GoRuntime.gomaxprocs(procs);
        }
    }

    /** Calls that called the task off + runs = times that it was set. */
    @ParameterizedTest
    @EnumSource
    void everySettingEndsExactlyOnce(Fork.Kind kind) throws Exception {
        Heap heap = new Heap();
        AtomicInteger runs = new AtomicInteger();
        AtomicInteger set = new AtomicInteger(1);
        AtomicInteger off = new AtomicInteger();
        Timer timer = Timer.afterFunc(LONG, runs::incrementAndGet);
        Fork.joinAll(
                Fork.forks(
                        kind,
                        4,
                        () -> {
                            for (int i = 0; i < 5_000; i++) {
                                boolean pending;
                                if (i % 4 == 0) {
                                    pending = timer.stop();
                                } else {
                                    set.incrementAndGet();
                                    pending = timer.reset(Duration.ofNanos(i % 3 * 1_000));
                                }
                                if (pending) {
                                    off.incrementAndGet();
                                }
                            }
                        }));
        if (timer.stop()) {
            off.incrementAndGet();
        }
        eventually(() -> off.get() + runs.get() == set.get());
        heap.comesTo(0);
    }

    @Test
    void nullIsRefused() {
        assertThatThrownBy(() -> Timer.afterFunc(null, () -> {}))
                .isInstanceOf(NullPointerException.class);
        assertThatThrownBy(() -> Timers.afterFunc(LONG, null))
                .isInstanceOf(NullPointerException.class);
    }
}
