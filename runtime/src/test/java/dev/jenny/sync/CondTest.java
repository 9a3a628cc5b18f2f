package dev.jenny.sync;

import static dev.jenny.support.Eventually.eventually;
import static dev.jenny.support.Fork.fork;
import static dev.jenny.support.Fork.joinAll;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jenny.support.Fork;
import dev.jenny.support.Fork.Kind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(60)
class CondTest {
    private final Mutex mu = new Mutex();
    private final Cond cond = new Cond(mu);

    @ParameterizedTest
    @EnumSource
    void signalWakesExactlyOne(Kind kind) throws Exception {
        int n = 4;
        AtomicInteger awake = new AtomicInteger();
        List<Fork> waiters = waiters(kind, n, awake::incrementAndGet);
        for (int i = 1; i <= n; i++) {
            int expected = i;
            assertThat(awake.get()).isEqualTo(i - 1);
            mu.lock();
            cond.signal();
            mu.unlock();
            eventually(() -> awake.get() == expected);
            for (Fork w : waiters.subList(i, n)) {
                w.blockedOn(cond);
            }
        }
        joinAll(waiters);
        cond.signal(); // nobody waits: it has no effect
        cond.broadcast();
        mu.lock();
        assertThat(cond.await(Duration.ofMillis(1))).isFalse();
        mu.unlock();
    }

    @ParameterizedTest
    @EnumSource
    void waitersAreSignalledInTheOrderOfTheirArrival(Kind kind) throws Exception {
        int n = 50;
        List<Integer> order = new ArrayList<>();
        List<Fork> waiters = new ArrayList<>();
        for (int i = 0; i < n; i++) {
            int generation = i;
            waiters.addAll(waiters(kind, 1, () -> order.add(generation)));
        }
        for (int i = 0; i < n; i++) {
            cond.signal();
            waiters.get(i).join();
            assertThat(order).hasSize(i + 1).endsWith(i);
        }
    }

    @ParameterizedTest
    @EnumSource
    void broadcastWakesAll(Kind kind) throws Exception {
        for (int round = 0; round < 3; round++) {
            AtomicInteger awake = new AtomicInteger();
            List<Fork> waiters = waiters(kind, 10, awake::incrementAndGet);
            cond.broadcast();
            joinAll(waiters);
            assertThat(awake.get()).isEqualTo(10);
        }
    }

    @ParameterizedTest
    @EnumSource
    void aLaterWaiterCannotStealASignal(Kind kind) throws Exception {
        for (int round = 0; round < 200; round++) {
            Fork first = waiters(kind, 1, () -> {}).getFirst();
            Fork late =
                    fork(
                            kind,
                            () -> {
                                mu.lock();
                                cond.await();
                                mu.unlock();
                            });
            mu.lock();
            cond.signal();
            mu.unlock();
            first.join();
            late.blockedOn(cond);
            cond.broadcast();
            late.join();
        }
    }

    @ParameterizedTest
    @EnumSource
    void threeGoroutinesHandAValueRound(Kind kind) throws Exception {
        int[] x = {0};
        Fork one =
                fork(
                        kind,
                        () -> {
                            mu.lock();
                            x[0] = 1;
                            cond.await();
                            assertThat(x[0]).isEqualTo(2);
                            x[0] = 3;
                            cond.signal();
                            mu.unlock();
                        });
        Fork two =
                fork(
                        kind,
                        () -> {
                            mu.lock();
                            for (; x[0] != 1; mu.lock()) {
                                mu.unlock();
                                Thread.yield();
                            }
                            x[0] = 2;
                            cond.signal();
                            mu.unlock();
                        });
        Fork three =
                fork(
                        kind,
                        () -> {
                            mu.lock();
                            for (; x[0] != 2 && x[0] != 3; mu.lock()) {
                                mu.unlock();
                                Thread.yield();
                            }
                            if (x[0] == 2) {
                                cond.await();
                            }
                            assertThat(x[0]).isEqualTo(3);
                            mu.unlock();
                        });
        joinAll(List.of(one, two, three));
    }

    @ParameterizedTest
    @EnumSource
    void interruptEndsAWaitWithTheLockHeldAndConsumesNoSignal(Kind kind) throws Exception {
        Fork interrupted =
                fork(
                                kind,
                                () -> {
                                    mu.lock();
                                    assertThatThrownBy(cond::await)
                                            .isInstanceOf(InterruptedException.class);
                                    assertThat(mu.isLocked()).isTrue();
                                    mu.unlock();
                                })
                        .blockedOn(cond);
        Fork other = waiters(kind, 1, () -> {}).getFirst();
        interrupted.interrupt();
        interrupted.join();
        cond.signal();
        other.join();
        assertThat(mu.isLocked()).isFalse();
    }

    @ParameterizedTest
    @EnumSource
    void aSignalThatRacesWithAnInterruptWakesSomebody(Kind kind) throws Exception {
        for (int i = 0; i < 300; i++) {
            AtomicInteger woken = new AtomicInteger();
            Fork interrupted =
                    fork(
                                    kind,
                                    () -> {
                                        mu.lock();
                                        try {
                                            cond.await();
                                            woken.incrementAndGet();
                                        } catch (InterruptedException e) {
                                            // no signal consumed
                                        } finally {
                                            mu.unlock();
                                        }
                                    })
                            .blockedOn(cond);
            Fork other = waiters(kind, 1, woken::incrementAndGet).getFirst();
            Fork signaller = fork(kind, cond::signal);
            interrupted.interrupt();
            signaller.join();
            interrupted.join();
            eventually(() -> woken.get() == 1);
            cond.broadcast();
            other.join();
        }
    }

    @ParameterizedTest
    @EnumSource
    void awaitUninterruptiblyKeepsTheInterruptPending(Kind kind) throws Exception {
        Fork waiter =
                fork(
                                kind,
                                () -> {
                                    mu.lock();
                                    cond.awaitUninterruptibly();
                                    mu.unlock();
                                    assertThat(Thread.interrupted()).isTrue();
                                })
                        .blockedOn(cond);
        waiter.interrupt();
        cond.signal();
        waiter.join();
    }

    @Test
    void awaitWithoutTheLockIsRefusedByTheLockAndConsumesNoSignal() throws Exception {
        assertThatThrownBy(cond::await).isInstanceOf(IllegalMonitorStateException.class);
        Fork waiter = waiters(Kind.PLATFORM, 1, () -> {}).getFirst();
        assertThatThrownBy(() -> cond.await(Duration.ofDays(1)))
                .isInstanceOf(IllegalMonitorStateException.class);
        cond.signal();
        waiter.join();
    }

    @ParameterizedTest
    @EnumSource
    void aSignalToAWaitThatFailsToUnlockIsPassedOn(Kind kind) throws Exception {
        Fork[] behind = new Fork[1];
        Cond[] c = new Cond[1];
        Lock lock =
                new ReentrantLock() {
                    @Override
                    public void unlock() {
                        if (isHeldByCurrentThread()) {
                            super.unlock();
                            return;
                        }
                        behind[0] =
                                fork(
                                                kind,
                                                () -> {
                                                    lock();
                                                    c[0].await();
                                                    unlock();
                                                })
                                        .blockedOn(c[0]);
                        c[0].signal(); // to the wait that is about to fail
                        super.unlock();
                    }
                };
        c[0] = new Cond(lock);
        assertThatThrownBy(c[0]::await).isInstanceOf(IllegalMonitorStateException.class);
        behind[0].join();
    }

    @Test
    void worksWithAnyLock() throws Exception {
        RWMutex rw = new RWMutex();
        for (Lock lock : List.of(new ReentrantLock(), rw.readLock(), rw.writeLock())) {
            for (Kind kind : Kind.values()) {
                Cond c = new Cond(lock);
                assertThat(c.lock()).isSameAs(lock);
                Fork waiter =
                        fork(
                                        kind,
                                        () -> {
                                            lock.lock();
                                            try {
                                                c.await();
                                            } finally {
                                                lock.unlock();
                                            }
                                        })
                                .blockedOn(c);
                c.signal();
                waiter.join();
            }
        }
        assertThatThrownBy(() -> new Cond(null)).isInstanceOf(NullPointerException.class);
    }

    /** Threads that wait for one signal, in this order. */
    private List<Fork> waiters(Kind kind, int n, Runnable whenSignalled) {
        List<Fork> all = new ArrayList<>();
        for (int i = 0; i < n; i++) {
            all.add(
                    fork(
                                    kind,
                                    () -> {
                                        mu.lock();
                                        cond.await();
                                        whenSignalled.run();
                                        mu.unlock();
                                    })
                            .blockedOn(cond));
        }
        return all;
    }
}
