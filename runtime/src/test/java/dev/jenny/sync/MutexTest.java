package dev.jenny.sync;

import static dev.jenny.support.Fork.fork;
import static dev.jenny.support.Fork.forks;
import static dev.jenny.support.Fork.joinAll;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.jenny.Go;
import dev.jenny.GoRuntime;
import dev.jenny.support.Fork;
import dev.jenny.support.Fork.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(60)
class MutexTest {
    private final Mutex mu = new Mutex();

    @ParameterizedTest
    @EnumSource
    void onlyOneAtATimeGetsIn(Kind kind) throws Exception {
        int threads = 10;
        int rounds = 2_000;
        int[] counter = {0};
        AtomicInteger inside = new AtomicInteger();
        joinAll(
                forks(
                        kind,
                        threads,
                        () -> {
                            for (int i = 0; i < rounds; i++) {
                                if (i % 3 == 0 && mu.tryLock()) {
                                    mu.unlock();
                                }
                                mu.lock();
                                assertThat(inside.incrementAndGet()).isEqualTo(1);
                                counter[0]++;
                                if (i % 64 == 0) {
                                    Thread.yield();
                                }
                                inside.decrementAndGet();
                                mu.unlock();
                            }
                        }));
        assertThat(counter[0]).isEqualTo(threads * rounds);
        assertThat(mu.isLocked()).isFalse();
    }

    @Test
    void unlockOfUnlockedIsRefused() {
        assertThatThrownBy(mu::unlock)
                .isInstanceOf(IllegalMonitorStateException.class)
                .hasMessage("sync: unlock of unlocked mutex");
        mu.lock();
        mu.unlock();
        assertThatThrownBy(mu::unlock).isInstanceOf(IllegalMonitorStateException.class);
        assertThat(mu.tryLock()).isTrue();
    }

    @Test
    void tryLockFailsWhileLockedAndNeverWaits() {
        assertThat(mu.tryLock()).isTrue();
        assertThat(mu.isLocked()).isTrue();
        assertThat(mu.tryLock()).isFalse(); // not reentrant
        mu.unlock();
        assertThat(mu.isLocked()).isFalse();
    }

    @ParameterizedTest
    @EnumSource
    void anotherThreadMayUnlock(Kind kind) throws Exception {
        mu.lock();
        Fork waiter = fork(kind, mu::lock).blockedOn(mu);
        fork(kind, mu::unlock).join();
        waiter.join();
        assertThat(mu.isLocked()).isTrue();
        mu.unlock();
    }

    @ParameterizedTest
    @EnumSource
    void waitersThatQueuedOneAfterTheOtherGetItInThatOrder(Kind kind) throws Exception {
        mu.lock();
        List<Integer> order = new ArrayList<>();
        List<Fork> waiters = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            int n = i;
            waiters.add(
                    fork(
                                    kind,
                                    () -> {
                                        mu.lock();
                                        order.add(n);
                                        mu.unlock();
                                    })
                            .blockedOn(mu));
        }
        mu.unlock();
        joinAll(waiters);
        assertThat(order).containsExactly(0, 1, 2, 3, 4, 5, 6, 7);
    }

    @ParameterizedTest
    @EnumSource
    void interruptEndsLockInterruptiblyAndLeavesNoTrace(Kind kind) throws Exception {
        mu.lock();
        Fork waiter =
                fork(
                        kind,
                        () -> {
                            assertThatThrownBy(mu::lockInterruptibly)
                                    .isInstanceOf(InterruptedException.class);
                            assertThat(Thread.currentThread().isInterrupted()).isFalse();
                        });
        waiter.blockedOn(mu).interrupt();
        waiter.join();
        mu.unlock();
        assertThat(mu.isLocked()).isFalse();
        assertThat(mu.tryLock()).isTrue();
    }

    @ParameterizedTest
    @EnumSource
    void aWaiterBehindAnInterruptedOneStillGetsTheLock(Kind kind) throws Exception {
        mu.lock();
        Fork first =
                fork(
                        kind,
                        () ->
                                assertThatThrownBy(mu::lockInterruptibly)
                                        .isInstanceOf(InterruptedException.class));
        first.blockedOn(mu);
        Fork second = fork(kind, mu::lock).blockedOn(mu);
        first.interrupt();
        first.join();
        mu.unlock();
        second.join();
        assertThat(mu.isLocked()).isTrue();
    }

    @ParameterizedTest
    @EnumSource
    void interruptibleFormsRefuseAnInterruptedThreadEvenIfTheLockIsFree(Kind kind)
            throws Exception {
        fork(
                        kind,
                        () -> {
                            Thread.currentThread().interrupt();
                            assertThatThrownBy(mu::lockInterruptibly)
                                    .isInstanceOf(InterruptedException.class);
                            Thread.currentThread().interrupt();
                            assertThatThrownBy(() -> mu.tryLock(1, TimeUnit.SECONDS))
                                    .isInstanceOf(InterruptedException.class);
                            assertThat(Thread.interrupted()).isFalse();
                        })
                .join();
        assertThat(mu.isLocked()).isFalse();
    }

    @ParameterizedTest
    @EnumSource
    void lockSurvivesAnInterruptAndKeepsItPending(Kind kind) throws Exception {
        mu.lock();
        Fork waiter =
                fork(
                        kind,
                        () -> {
                            mu.lock();
                            assertThat(Thread.interrupted()).isTrue();
                            mu.unlock();
                        });
        waiter.blockedOn(mu).interrupt();
        assertThat(waiter.hasEnded()).isFalse();
        mu.unlock();
        waiter.join();
    }

    @ParameterizedTest
    @EnumSource
    void timedTryLockGivesUpAfterItsTime(Kind kind) throws Exception {
        mu.lock();
        fork(
                        kind,
                        () -> {
                            long start = System.nanoTime();
                            assertThat(mu.tryLock(20, TimeUnit.MILLISECONDS)).isFalse();
                            assertThat(System.nanoTime() - start).isGreaterThan(19_000_000L);
                            assertThat(mu.tryLock(0, TimeUnit.SECONDS)).isFalse();
                            assertThat(mu.tryLock(-1, TimeUnit.SECONDS)).isFalse();
                        })
                .join();
        mu.unlock();
        assertThat(mu.isLocked()).isFalse();
        assertThat(mu.tryLock(Long.MAX_VALUE, TimeUnit.DAYS)).isTrue();
    }

    @ParameterizedTest
    @EnumSource
    void timedTryLockGetsALockThatIsFreedInTime(Kind kind) throws Exception {
        mu.lock();
        Fork waiter = fork(kind, () -> assertThat(mu.tryLock(1, TimeUnit.HOURS)).isTrue());
        waiter.blockedOn(mu);
        mu.unlock();
        waiter.join();
        assertThat(mu.isLocked()).isTrue();
    }

    @ParameterizedTest
    @EnumSource
    void aGrantThatRacesWithAnInterruptIsNotLost(Kind kind) throws Exception {
        for (int i = 0; i < 500; i++) {
            mu.lock();
            boolean[] got = {false};
            Fork waiter =
                    fork(
                            kind,
                            () -> {
                                try {
                                    mu.lockInterruptibly();
                                    got[0] = true;
                                } catch (InterruptedException e) {
                                    got[0] = false;
                                }
                            });
            Fork behind =
                    fork(
                            kind,
                            () -> {
                                mu.lock();
                                mu.unlock();
                            });
            if (i % 2 == 0) {
                waiter.blockedOn(mu);
            }
            Fork unlocker = fork(kind, mu::unlock);
            waiter.interrupt();
            unlocker.join();
            waiter.join();
            if (got[0]) {
                mu.unlock();
            }
            behind.join();
            assertThat(mu.isLocked()).isFalse();
        }
    }

    @ParameterizedTest
    @EnumSource
    void aWaiterBesideAHogGetsTheLockTenTimes(Kind kind) throws Exception {
        boolean[] stop = {false};
        Fork hog =
                fork(
                        kind,
                        () -> {
                            for (; ; ) {
                                mu.lock();
                                // holds it nearly always
                                long end = System.nanoTime() + 100_000;
                                while (System.nanoTime() < end) {
                                    Thread.onSpinWait();
                                }
                                boolean enough = stop[0];
                                mu.unlock();
                                if (enough) {
                                    return;
                                }
                            }
                        });
        Fork waiter =
                fork(
                        kind,
                        () -> {
                            for (int i = 0; i < 10; i++) {
                                mu.lock();
                                mu.unlock();
                            }
                        });
        waiter.join(); // within 10 s
        mu.lock();
        stop[0] = true;
        mu.unlock();
        hog.join();
    }

    /**
     * The waiter has been woken, and is interrupted before it runs; then the mutex is gone again.
     */
    @Test
    void anInterruptBetweenTheWakeUpAndTheNextWaitIsNotMissed() throws Exception {
        LateInterrupt.assertIsNotMissed(mu, mu);
    }

    @Test
    void aWaiterThatKeepsLosingGetsTheLockHandedOver() throws Exception {
        assumeTrue(GoRuntime.mode().equals("custom"), "needs Go's order at GOMAXPROCS=1");
        int procs = GoRuntime.gomaxprocs(1);
        boolean[] stop = {false};
        Fork hog =
                fork(
                        Kind.GOROUTINE,
                        () -> {
                            for (boolean enough = false; !enough; ) {
                                // whenever the waiter runs, this goroutine has the lock
                                mu.lock();
                                Go.gosched();
                                enough = stop[0];
                                mu.unlock();
                            }
                        });
        try {
            fork(
                            Kind.GOROUTINE,
                            () -> {
                                for (int i = 0; i < 10; i++) {
                                    mu.lock();
                                    mu.unlock();
                                }
                            })
                    .join();
        } finally {
            GoRuntime.gomaxprocs(procs);
        }
        mu.lock();
        stop[0] = true;
        mu.unlock();
        hog.join();
    }
}
