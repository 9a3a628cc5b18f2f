package dev.jenny.sync;

import static dev.jenny.support.Fork.fork;
import static dev.jenny.support.Fork.joinAll;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jenny.support.Fork;
import dev.jenny.support.Fork.Kind;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What {@link Condition} promises, for {@link Mutex#newCondition}. */
@Timeout(60)
class MutexConditionTest {
    private final Mutex mu = new Mutex();
    private final Condition condition = mu.newCondition();

    @Test
    void timesInTheDistantPastAreOver() throws Exception {
        mu.lock();
        assertThat(condition.awaitNanos(Long.MIN_VALUE)).isNotPositive();
        assertThat(condition.awaitUntil(new Date(Long.MIN_VALUE))).isFalse();
        mu.unlock();
    }

    @ParameterizedTest
    @EnumSource
    void signalWakesOneAndSignalAllTheRest(Kind kind) throws Exception {
        List<Integer> woken = new ArrayList<>();
        List<Fork> waiters = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            int n = i;
            waiters.add(
                    fork(
                            kind,
                            () -> {
                                mu.lock();
                                condition.await();
                                woken.add(n);
                                mu.unlock();
                            }));
            waiters.getLast().parked();
        }
        mu.lock();
        condition.signal();
        assertThat(woken).isEmpty(); // the mutex is held
        mu.unlock();
        waiters.getFirst().join();
        mu.lock();
        assertThat(woken).containsExactly(0);
        condition.signalAll();
        mu.unlock();
        joinAll(waiters);
        assertThat(woken).containsExactlyInAnyOrder(0, 1, 2, 3);
        assertThat(mu.isLocked()).isFalse();
    }

    @ParameterizedTest
    @EnumSource
    void awaitUninterruptiblySurvivesAnInterruptAndKeepsItPending(Kind kind) throws Exception {
        Fork waiter =
                fork(
                        kind,
                        () -> {
                            mu.lock();
                            condition.awaitUninterruptibly();
                            assertThat(mu.isLocked()).isTrue();
                            mu.unlock();
                            assertThat(Thread.interrupted()).isTrue();
                        });
        waiter.parked().interrupt();
        mu.lock(); // the wait has released it, and still waits
        condition.signal();
        mu.unlock();
        waiter.join();
    }

    @ParameterizedTest
    @EnumSource
    void anInterruptedAwaitHasTheLockAgain(Kind kind) throws Exception {
        Fork waiter =
                fork(
                        kind,
                        () -> {
                            mu.lock();
                            assertThatThrownBy(condition::await)
                                    .isInstanceOf(InterruptedException.class);
                            assertThat(mu.isLocked()).isTrue();
                            mu.unlock();
                        });
        waiter.parked().interrupt();
        waiter.join();
        assertThat(mu.isLocked()).isFalse();
    }

    @ParameterizedTest
    @EnumSource
    void timedWaitsEndWithTheLockHeld(Kind kind) throws Exception {
        fork(
                        kind,
                        () -> {
                            mu.lock();
                            long start = System.nanoTime();
                            assertThat(condition.awaitNanos(5_000_000)).isNotPositive();
                            assertThat(condition.await(5, TimeUnit.MILLISECONDS)).isFalse();
                            Date soon = new Date(System.currentTimeMillis() + 5);
                            assertThat(condition.awaitUntil(soon)).isFalse();
                            assertThat(System.nanoTime() - start).isGreaterThan(12_000_000L);
                            assertThat(condition.awaitUntil(new Date(0))).isFalse();
                            assertThat(condition.awaitNanos(0)).isNotPositive();
                            assertThat(condition.awaitNanos(-1)).isNegative();
                            assertThat(mu.isLocked()).isTrue();
                            mu.unlock();
                        })
                .join();
        assertThat(mu.isLocked()).isFalse();
    }

    @ParameterizedTest
    @EnumSource
    void timedWaitsReportASignal(Kind kind) throws Exception {
        Fork nanos =
                fork(
                        kind,
                        () -> {
                            mu.lock();
                            long left = condition.awaitNanos(TimeUnit.HOURS.toNanos(1));
                            assertThat(left)
                                    .isBetween(
                                            TimeUnit.MINUTES.toNanos(59),
                                            TimeUnit.HOURS.toNanos(1));
                            mu.unlock();
                        });
        Fork until =
                fork(
                        kind,
                        () -> {
                            mu.lock();
                            assertThat(condition.awaitUntil(new Date(Long.MAX_VALUE))).isTrue();
                            mu.unlock();
                        });
        nanos.parked();
        until.parked();
        mu.lock();
        condition.signalAll();
        mu.unlock();
        nanos.join();
        until.join();
    }

    @Test
    void awaitNeedsTheLock() {
        assertThatThrownBy(condition::await)
                .isInstanceOf(IllegalMonitorStateException.class)
                .hasMessage("sync: unlock of unlocked mutex");
        assertThatThrownBy(() -> condition.awaitNanos(1))
                .isInstanceOf(IllegalMonitorStateException.class);
        assertThat(mu.isLocked()).isFalse();
    }

    @Test
    void anInterruptedThreadMayNotAwaitAndKeepsTheLock() {
        mu.lock();
        Thread.currentThread().interrupt();
        assertThatThrownBy(condition::await).isInstanceOf(InterruptedException.class);
        assertThat(mu.isLocked()).isTrue();
        assertThat(Thread.interrupted()).isFalse();
    }

    @ParameterizedTest
    @EnumSource
    void boundedBufferMovesEverythingInOrder(Kind kind) throws Exception {
        Condition notFull = mu.newCondition();
        List<Integer> buffer = new ArrayList<>();
        int items = 5_000;
        Fork producer =
                fork(
                        kind,
                        () -> {
                            for (int i = 0; i < items; i++) {
                                mu.lockInterruptibly();
                                while (buffer.size() == 2) {
                                    notFull.await();
                                }
                                buffer.add(i);
                                condition.signal();
                                mu.unlock();
                            }
                        });
        Fork consumer =
                fork(
                        kind,
                        () -> {
                            for (int i = 0; i < items; i++) {
                                mu.lockInterruptibly();
                                while (buffer.isEmpty()) {
                                    condition.await();
                                }
                                assertThat(buffer.removeFirst()).isEqualTo(i);
                                notFull.signal();
                                mu.unlock();
                            }
                        });
        producer.join();
        consumer.join();
    }
}
