package dev.jenny.sync;

import static dev.jenny.support.Eventually.eventually;
import static dev.jenny.support.Fork.fork;
import static dev.jenny.support.Fork.forks;
import static dev.jenny.support.Fork.joinAll;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.jenny.Go;
import dev.jenny.GoRuntime;
import dev.jenny.Goroutine;
import dev.jenny.support.Fork;
import dev.jenny.support.Fork.Kind;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(60)
class WaitGroupTest {
    private final WaitGroup wg = new WaitGroup();

    @ParameterizedTest
    @EnumSource
    void isABarrierThatCanBeUsedAgain(Kind kind) throws Exception {
        WaitGroup second = new WaitGroup();
        for (int round = 0; round < 8; round++) {
            int n = 16;
            wg.add(n);
            second.add(n);
            AtomicInteger ended = new AtomicInteger();
            List<Fork> all =
                    forks(
                            kind,
                            n,
                            () -> {
                                wg.done();
                                second.await();
                                ended.incrementAndGet();
                            });
            wg.await();
            assertThat(ended.get()).isZero();
            for (int i = 0; i < n; i++) {
                second.done();
            }
            joinAll(all);
            assertThat(ended.get()).isEqualTo(n);
        }
    }

    @Test
    void aGoroutineThatHasEndedDoesNotKeepItsGroup() throws Exception {
        List<Goroutine> ended = new ArrayList<>();
        WeakReference<WaitGroup> group = startAndAwait(ended);
        eventually(() -> {
            System.gc();
            return group.get() == null;
        });
        assertThat(ended).singleElement().returns(false, Goroutine::isAlive);
    }

    private static WeakReference<WaitGroup> startAndAwait(List<Goroutine> ended) throws Exception {
        WaitGroup group = new WaitGroup();
        Goroutine g = group.go(() -> {});
        group.await();
        g.join();
        ended.add(g);
        return new WeakReference<>(group);
    }

    @Test
    void awaitOfZeroReturnsAtOnce() throws Exception {
        wg.await();
        assertThat(wg.await(Duration.ZERO)).isTrue();
        wg.add(2);
        wg.add(-2);
        wg.await();
    }

    @Test
    void negativeCounterIsRefusedAndChangesNothing() throws Exception {
        assertThatThrownBy(wg::done)
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("sync: negative WaitGroup counter");
        wg.add(1);
        assertThatThrownBy(() -> wg.add(-2)).hasMessage("sync: negative WaitGroup counter");
        assertThat(wg.await(Duration.ZERO)).isFalse();
        wg.done();
        wg.await();
    }

    @Test
    void addBetweenTheLastDoneAndTheWakeUpsIsRefused() throws Exception {
        wg.add(1);
        Fork waiter = fork(Kind.PLATFORM, wg::await).blockedOn(wg);
        wg.waiters.lock(); // the done below cannot wake the waiter yet
        Fork done = fork(Kind.PLATFORM, wg::done);
        eventually(() -> wg.count() == 0);
        assertThatThrownBy(() -> wg.add(1))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("sync: WaitGroup misuse: Add called concurrently with Wait");
        wg.waiters.unlock();
        done.join();
        waiter.join();
        wg.add(1); // now it is a new round
        wg.done();
    }

    @Test
    void reuseBeforeAWaiterHasReturnedIsReported() throws Exception {
        assumeTrue(GoRuntime.mode().equals("custom"), "needs Go's order at GOMAXPROCS=1");
        int procs = GoRuntime.gomaxprocs(1);
        try {
            AtomicReference<IllegalStateException> misuse = new AtomicReference<>();
            // if the OS holds the goroutine up in between, the monitor lets the waiter run
            // elsewhere
            for (int i = 0; i < 20 && misuse.get() == null; i++) {
                WaitGroup reused = new WaitGroup();
                reused.add(1);
                Fork waiter =
                        fork(
                                        Kind.GOROUTINE,
                                        () -> {
                                            try {
                                                reused.await();
                                            } catch (IllegalStateException e) {
                                                misuse.set(e);
                                            }
                                        })
                                .blockedOn(reused);
                fork(
                                Kind.GOROUTINE,
                                () -> {
                                    reused.done(); // the waiter is runnable, but this one runs
                                    reused.add(1);
                                })
                        .join();
                waiter.join();
            }
            assertThat(misuse.get())
                    .hasMessage("sync: WaitGroup is reused before previous Wait has returned");
        } finally {
            GoRuntime.gomaxprocs(procs);
        }
    }

    @ParameterizedTest
    @EnumSource
    void awaitGivesUpWhenTimeIsUp(Kind kind) throws Exception {
        wg.add(1);
        fork(
                        kind,
                        () -> {
                            assertThat(wg.await(Duration.ofMillis(5))).isFalse();
                            assertThat(wg.await(Duration.ofMillis(-5))).isFalse();
                        })
                .join();
        Fork waiter = fork(kind, () -> assertThat(wg.await(Duration.ofDays(999_999))).isTrue());
        waiter.blockedOn(wg);
        wg.done();
        waiter.join();
    }

    @ParameterizedTest
    @EnumSource
    void anInterruptedAwaitLeavesNoTrace(Kind kind) throws Exception {
        wg.add(1);
        Fork interrupted =
                fork(
                                kind,
                                () ->
                                        assertThatThrownBy(wg::await)
                                                .isInstanceOf(InterruptedException.class))
                        .blockedOn(wg);
        Fork other = fork(kind, wg::await).blockedOn(wg);
        interrupted.interrupt();
        interrupted.join();
        wg.done();
        other.join();
        wg.add(1); // no ghost waiter is left to complain of
        wg.done();
    }

    @Test
    void anInterruptedThreadMayNotAwait() {
        Thread.currentThread().interrupt();
        assertThatThrownBy(wg::await).isInstanceOf(InterruptedException.class);
        assertThat(Thread.interrupted()).isFalse();
    }

    @Test
    void goCountsTheGoroutine() throws Exception {
        CountDownLatch goOn = new CountDownLatch(1);
        Goroutine g = wg.go(goOn::await);
        assertThat(wg.await(Duration.ZERO)).isFalse();
        goOn.countDown();
        wg.await();
        g.join();
    }

    @Test
    void goIsDoneWhenTheTaskCallsGoexit() throws Exception {
        wg.go(Go::goexit);
        wg.await();
    }

    @Test
    void goIsDoneOnlyAfterItsPanicWasReported() throws Exception {
        AtomicReference<Throwable> reported = new AtomicReference<>();
        AtomicReference<Boolean> stillCounted = new AtomicReference<>();
        GoRuntime.onPanic((g, e) -> {
            reported.set(e);
            try {
                stillCounted.set(!wg.await(Duration.ZERO));
            } catch (InterruptedException i) {
                stillCounted.set(false);
            }
        });
        try {
            Exception boom = new Exception("boom");
            wg.go(() -> {
                throw boom;
            });
            wg.await();
            assertThat(reported.get()).isSameAs(boom);
            assertThat(stillCounted.get()).isTrue();
        } finally {
            GoRuntime.onPanic(null);
        }
    }

    @Test
    void goWithoutHandlerReportsToTheThreadsHandlerAndIsDone() throws Exception {
        AtomicReference<Throwable> reported = new AtomicReference<>();
        Exception boom = new Exception("boom");
        CountDownLatch ready = new CountDownLatch(1);
        Goroutine g =
                wg.go(() -> {
                    ready.await();
                    throw boom;
                });
        g.thread().setUncaughtExceptionHandler((t, e) -> reported.set(e));
        ready.countDown();
        wg.await();
        assertThat(reported.get()).isSameAs(boom);
    }

    @Test
    void goOfNullChangesNothing() throws Exception {
        assertThatThrownBy(() -> wg.go(null)).isInstanceOf(NullPointerException.class);
        wg.await();
    }
}
