package dev.jenny.sync;

import static dev.jenny.support.Eventually.eventually;
import static dev.jenny.support.Fork.fork;
import static dev.jenny.support.Fork.forks;
import static dev.jenny.support.Fork.joinAll;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jenny.support.Fork;
import dev.jenny.support.Fork.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Condition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(60)
class RWMutexTest {
    private final RWMutex rw = new RWMutex();

    @ParameterizedTest
    @EnumSource
    void readersAreInTogether(Kind kind) throws Exception {
        int n = 5;
        CountDownLatch allIn = new CountDownLatch(n);
        joinAll(
                forks(
                        kind,
                        n,
                        () -> {
                            rw.rLock();
                            allIn.countDown();
                            assertThat(allIn.await(10, TimeUnit.SECONDS)).isTrue();
                            rw.rUnlock();
                        }));
        assertThat(rw.tryLock()).isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "1, 1", "3, 1", "10, 1", "1, 3", "3, 3", "10, 3", "10, 10",
    })
    void writersExcludeEverybody(int readers, int writers) throws Exception {
        for (Kind kind : Kind.values()) {
            AtomicInteger activity = new AtomicInteger();
            List<Fork> all = new ArrayList<>();
            all.addAll(
                    forks(
                            kind,
                            writers,
                            () -> {
                                for (int i = 0; i < 500; i++) {
                                    if (i % 5 != 0 || !rw.tryLock()) {
                                        rw.lock();
                                    }
                                    assertThat(activity.addAndGet(10_000)).isEqualTo(10_000);
                                    if (i % 50 == 0) {
                                        Thread.yield();
                                    }
                                    activity.addAndGet(-10_000);
                                    rw.unlock();
                                }
                            }));
            all.addAll(
                    forks(
                            kind,
                            readers,
                            () -> {
                                for (int i = 0; i < 500; i++) {
                                    if (i % 5 != 0 || !rw.tryRLock()) {
                                        rw.rLock();
                                    }
                                    assertThat(activity.incrementAndGet()).isBetween(1, readers);
                                    if (i % 50 == 0) {
                                        Thread.yield();
                                    }
                                    activity.decrementAndGet();
                                    rw.rUnlock();
                                }
                            }));
            joinAll(all);
            assertUnlocked();
        }
    }

    @Test
    void tryFormsNeverWait() {
        assertThat(rw.tryRLock()).isTrue();
        assertThat(rw.tryRLock()).isTrue();
        assertThat(rw.tryLock()).isFalse();
        rw.rUnlock();
        assertThat(rw.tryLock()).isFalse();
        rw.rUnlock();
        assertThat(rw.tryLock()).isTrue();
        assertThat(rw.tryLock()).isFalse();
        assertThat(rw.tryRLock()).isFalse();
        rw.unlock();
        assertUnlocked();
    }

    @ParameterizedTest
    @EnumSource
    void aWaitingWriterKeepsNewReadersOut(Kind kind) throws Exception {
        rw.rLock();
        List<String> order = new ArrayList<>();
        Fork writer =
                fork(
                                kind,
                                () -> {
                                    rw.lock();
                                    order.add("writer");
                                    rw.unlock();
                                })
                        .blockedOn(rw);
        assertThat(rw.tryRLock()).isFalse();
        Fork reader =
                fork(
                                kind,
                                () -> {
                                    rw.rLock();
                                    order.add("reader");
                                    rw.rUnlock();
                                })
                        .blockedOn(rw);
        assertThat(order).isEmpty();
        rw.rUnlock();
        writer.join();
        reader.join();
        assertThat(order).containsExactly("writer", "reader");
        assertUnlocked();
    }

    @ParameterizedTest
    @EnumSource
    void unlockLetsAllQueuedReadersInBeforeTheNextWriter(Kind kind) throws Exception {
        rw.lock();
        int n = 4;
        AtomicInteger in = new AtomicInteger();
        CountDownLatch leave = new CountDownLatch(1);
        Fork writer =
                fork(
                                kind,
                                () -> {
                                    rw.lock();
                                    assertThat(in.get()).isEqualTo(n);
                                    rw.unlock();
                                })
                        .parked();
        List<Fork> readers =
                forks(
                        kind,
                        n,
                        () -> {
                            rw.rLock();
                            in.incrementAndGet();
                            leave.await();
                            rw.rUnlock();
                        });
        readers.forEach(r -> r.blockedOn(rw));
        rw.unlock();
        eventually(() -> in.get() == n);
        assertThat(writer.hasEnded()).isFalse();
        writer.blockedOn(rw); // now it waits for the readers
        leave.countDown();
        joinAll(readers);
        writer.join();
        assertUnlocked();
    }

    @ParameterizedTest
    @EnumSource
    void anInterruptedWriterLetsTheReadersBehindItIn(Kind kind) throws Exception {
        rw.rLock();
        Fork writer =
                fork(
                                kind,
                                () ->
                                        assertThatThrownBy(rw.writeLock()::lockInterruptibly)
                                                .isInstanceOf(InterruptedException.class))
                        .blockedOn(rw);
        List<Fork> readers = forks(kind, 3, rw::rLock);
        readers.forEach(r -> r.blockedOn(rw));
        writer.interrupt();
        writer.join();
        joinAll(readers); // all four read now
        for (int i = 0; i < 4; i++) {
            assertThat(rw.tryLock()).isFalse();
            rw.rUnlock();
        }
        assertUnlocked();
    }

    @ParameterizedTest
    @EnumSource
    void aWriterThatTimesOutLeavesNoTrace(Kind kind) throws Exception {
        rw.rLock();
        fork(kind, () -> assertThat(rw.writeLock().tryLock(5, TimeUnit.MILLISECONDS)).isFalse())
                .join();
        assertThat(rw.tryRLock()).isTrue();
        rw.rUnlock();
        rw.rUnlock();
        assertUnlocked();
    }

    @ParameterizedTest
    @EnumSource
    void anInterruptedReaderLeavesNoTrace(Kind kind) throws Exception {
        rw.lock();
        Fork first =
                fork(
                                kind,
                                () ->
                                        assertThatThrownBy(rw.readLock()::lockInterruptibly)
                                                .isInstanceOf(InterruptedException.class))
                        .blockedOn(rw);
        Fork second = fork(kind, rw::rLock).blockedOn(rw);
        fork(kind, () -> assertThat(rw.readLock().tryLock(5, TimeUnit.MILLISECONDS)).isFalse())
                .join();
        first.interrupt();
        first.join();
        rw.unlock();
        second.join();
        rw.rUnlock();
        assertUnlocked();
    }

    @ParameterizedTest
    @EnumSource
    void interruptedThreadsAreRefusedAndOthersWaitOn(Kind kind) throws Exception {
        fork(
                        kind,
                        () -> {
                            Thread.currentThread().interrupt();
                            assertThatThrownBy(rw.readLock()::lockInterruptibly)
                                    .isInstanceOf(InterruptedException.class);
                            Thread.currentThread().interrupt();
                            assertThatThrownBy(rw.writeLock()::lockInterruptibly)
                                    .isInstanceOf(InterruptedException.class);
                            Thread.currentThread().interrupt();
                            assertThatThrownBy(() -> rw.readLock().tryLock(1, TimeUnit.DAYS))
                                    .isInstanceOf(InterruptedException.class);
                            Thread.currentThread().interrupt();
                            assertThatThrownBy(() -> rw.writeLock().tryLock(1, TimeUnit.DAYS))
                                    .isInstanceOf(InterruptedException.class);
                        })
                .join();
        assertUnlocked();
        rw.lock();
        Fork reader =
                fork(
                        kind,
                        () -> {
                            rw.rLock();
                            assertThat(Thread.interrupted()).isTrue();
                            rw.rUnlock();
                        });
        reader.blockedOn(rw).interrupt();
        rw.unlock();
        reader.join();
    }

    @Test
    void misuseIsRefusedAndChangesNothing() {
        assertThatThrownBy(rw::rUnlock)
                .isInstanceOf(IllegalMonitorStateException.class)
                .hasMessage("sync: RUnlock of unlocked RWMutex");
        assertThatThrownBy(rw::unlock)
                .isInstanceOf(IllegalMonitorStateException.class)
                .hasMessage("sync: Unlock of unlocked RWMutex");
        rw.rLock();
        assertThatThrownBy(rw::unlock).hasMessage("sync: Unlock of unlocked RWMutex");
        rw.rUnlock();
        rw.lock();
        assertThatThrownBy(rw::rUnlock).hasMessage("sync: RUnlock of unlocked RWMutex");
        rw.unlock();
        assertUnlocked();
    }

    @ParameterizedTest
    @EnumSource
    void unlockWhileAWriterOnlyWaitsIsRefused(Kind kind) throws Exception {
        rw.rLock();
        Fork writer = fork(kind, rw::lock).blockedOn(rw);
        assertThatThrownBy(rw::unlock).hasMessage("sync: Unlock of unlocked RWMutex");
        assertThat(writer.hasEnded()).isFalse();
        rw.rUnlock();
        writer.join();
        rw.unlock();
        assertUnlocked();
    }

    @Test
    void viewsAreTheSameLock() throws Exception {
        rw.readLock().lock();
        assertThat(rw.writeLock().tryLock()).isFalse();
        assertThat(rw.readLock().tryLock()).isTrue();
        rw.readLock().unlock();
        rw.rUnlock();
        rw.writeLock().lock();
        assertThat(rw.readLock().tryLock()).isFalse();
        rw.unlock();
        assertThat(rw.writeLock().tryLock(1, TimeUnit.SECONDS)).isTrue();
        rw.writeLock().unlock();
        assertThat(rw.readLock()).isSameAs(rw.readLock());
        assertThatThrownBy(() -> rw.readLock().newCondition())
                .isInstanceOf(UnsupportedOperationException.class);
        assertUnlocked();
    }

    @ParameterizedTest
    @EnumSource
    void theWriteLockHasConditions(Kind kind) throws Exception {
        Condition c = rw.writeLock().newCondition();
        Fork waiter =
                fork(
                        kind,
                        () -> {
                            rw.lock();
                            c.await();
                            assertThat(rw.tryRLock()).isFalse();
                            rw.unlock();
                        });
        waiter.parked();
        rw.lock();
        c.signal();
        rw.unlock();
        waiter.join();
        assertUnlocked();
    }

    @ParameterizedTest
    @EnumSource
    void aGrantThatRacesWithAnInterruptIsNotLost(Kind kind) throws Exception {
        for (int i = 0; i < 300; i++) {
            boolean write = i % 2 == 0;
            if (write) {
                rw.rLock();
            } else {
                rw.lock();
            }
            boolean[] got = {false};
            Fork waiter =
                    fork(
                            kind,
                            () -> {
                                try {
                                    (write ? rw.writeLock() : rw.readLock()).lockInterruptibly();
                                    got[0] = true;
                                } catch (InterruptedException e) {
                                    // nothing taken
                                }
                            });
            Fork behind =
                    fork(
                            kind,
                            () -> {
                                rw.rLock();
                                rw.rUnlock();
                            });
            if (i % 4 < 2) {
                waiter.blockedOn(rw);
            }
            Fork unlocker = fork(kind, write ? rw::rUnlock : rw::unlock);
            waiter.interrupt();
            unlocker.join();
            waiter.join();
            if (got[0]) {
                (write ? rw.writeLock() : rw.readLock()).unlock();
            }
            behind.join();
            assertUnlocked();
        }
    }

    @ParameterizedTest
    @EnumSource
    void aWriterThatIsLetInWhileItGivesUpKeepsTheLock(Kind kind) throws Exception {
        rw.rLock();
        Fork writer =
                fork(
                                kind,
                                () -> {
                                    rw.writeLock().lockInterruptibly();
                                    assertThat(Thread.interrupted()).isTrue();
                                })
                        .blockedOn(rw);
        rw.readers.lock(); // the writer cannot take its announcement back yet
        writer.interrupt();
        eventually(() -> !writer.thread().isInterrupted()); // it has seen the interrupt
        rw.rUnlock();
        rw.readers.unlock();
        writer.join();
        assertThat(rw).hasToString("sync.RWMutex[write-locked]");
        rw.unlock();
        assertUnlocked();
    }

    /**
     * The writer has been let in by a writer, and is interrupted before it runs; a reader is first.
     */
    @Test
    void anInterruptBetweenTheTwoWaitsOfAWriterIsNotMissed() throws Exception {
        LateInterrupt.assertIsNotMissed(rw.writeLock(), rw.readLock());
        assertUnlocked();
    }

    private void assertUnlocked() {
        assertThat(rw.tryLock()).isTrue();
        rw.unlock();
        assertThat(rw).hasToString("sync.RWMutex[unlocked]");
    }
}
