package dev.jenny.sync;

import static dev.jenny.support.Eventually.eventually;
import static dev.jenny.support.Fork.fork;
import static dev.jenny.support.Fork.joinAll;
import static org.assertj.core.api.Assertions.assertThat;

import dev.jenny.context.CancelledException;
import dev.jenny.context.Context;
import dev.jenny.support.Fork;
import dev.jenny.support.Fork.Kind;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Lock;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Interrupt storms: goroutines and platform threads use a primitive in every way that it has, while
 * they are interrupted at random. Nobody may own what another owns, nothing may get lost, and in
 * the end the primitive must work as new.
 */
@Tag("stress")
@Timeout(300)
class SyncStressTest {
    private static final Duration LENGTH =
            Duration.ofMillis(Long.getLong("jenny.stress.millis", 2_000));
    private static final int GOROUTINES = 10;
    private static final int PLATFORM_THREADS = 4;

    /** What each thread of a storm does again and again. */
    private interface Step {
        void run(Random random) throws Exception;
    }

    /** Runs {@code step} in all threads, with interrupts, for {@link #LENGTH}. */
    private static void storm(Step step) throws Exception {
        long end = System.nanoTime() + LENGTH.toNanos();
        List<Fork> all = new ArrayList<>();
        for (int i = 0; i < GOROUTINES + PLATFORM_THREADS; i++) {
            all.add(
                    fork(
                            i < GOROUTINES ? Kind.GOROUTINE : Kind.PLATFORM,
                            () -> {
                                Random random = new Random(ThreadLocalRandom.current().nextLong());
                                while (System.nanoTime() < end) {
                                    try {
                                        step.run(random);
                                    } catch (InterruptedException e) {
                                        // as ordered
                                    }
                                }
                            }));
        }
        Random random = new Random();
        while (System.nanoTime() < end) {
            all.get(random.nextInt(all.size())).interrupt();
            for (int i = random.nextInt(2_000); i > 0; i--) {
                Thread.onSpinWait();
            }
            if (random.nextInt(10) == 0) {
                Thread.yield();
            }
        }
        joinAll(all);
    }

    /** Acquires {@code lock} in a random manner; false if it did not. */
    private static boolean acquire(Lock lock, Random random) throws InterruptedException {
        switch (random.nextInt(8)) {
            case 0, 1:
                lock.lock();
                return true;
            case 2:
                return lock.tryLock();
            case 3:
                return lock.tryLock(random.nextInt(200), TimeUnit.MICROSECONDS);
            default:
                lock.lockInterruptibly();
                return true;
        }
    }

    private static void dawdle(Random random) {
        switch (random.nextInt(16)) {
            case 0:
                Thread.yield();
                break;
            case 1:
                for (int i = random.nextInt(200); i > 0; i--) {
                    Thread.onSpinWait();
                }
                break;
            default:
                break;
        }
    }

    /** A waiter gets the lock from its holder: no wake-up is lost, no bit is stuck. */
    private static void assertWorksAsNew(Lock lock) throws Exception {
        assertThat(lock.tryLock()).isTrue();
        Fork waiter =
                fork(
                                Kind.GOROUTINE,
                                () -> {
                                    lock.lock();
                                    lock.unlock();
                                })
                        .parked();
        lock.unlock();
        waiter.join();
        assertThat(lock.tryLock()).isTrue();
        lock.unlock();
    }

    @Test
    void mutexHasOneOwnerAndLosesNothing() throws Exception {
        Mutex mu = new Mutex();
        AtomicInteger inside = new AtomicInteger();
        AtomicLong acquired = new AtomicLong();
        long[] counter = {0};
        storm(random -> {
            if (acquire(mu, random)) {
                assertThat(inside.incrementAndGet()).isEqualTo(1);
                counter[0]++;
                dawdle(random);
                inside.decrementAndGet();
                acquired.incrementAndGet();
                mu.unlock();
            }
        });
        assertThat(counter[0]).isEqualTo(acquired.get()).isPositive();
        assertThat(mu.isLocked()).isFalse();
        assertWorksAsNew(mu);
    }

    @Test
    void rwMutexKeepsWritersAloneAndLosesNothing() throws Exception {
        RWMutex rw = new RWMutex();
        AtomicInteger inside = new AtomicInteger();
        AtomicLong writes = new AtomicLong();
        long[] counter = {0};
        storm(random -> {
            if (random.nextInt(4) == 0) {
                if (acquire(rw.writeLock(), random)) {
                    assertThat(inside.getAndAdd(1_000)).isZero();
                    counter[0]++;
                    dawdle(random);
                    inside.addAndGet(-1_000);
                    writes.incrementAndGet();
                    rw.unlock();
                }
            } else if (acquire(rw.readLock(), random)) {
                assertThat(inside.incrementAndGet()).isLessThan(1_000);
                dawdle(random);
                inside.decrementAndGet();
                rw.rUnlock();
            }
        });
        assertThat(counter[0]).isEqualTo(writes.get()).isPositive();
        assertThat(rw).hasToString("sync.RWMutex[unlocked]");
        assertWorksAsNew(rw.writeLock());
        rw.lock();
        Fork reader = fork(Kind.GOROUTINE, rw::rLock).parked();
        rw.unlock();
        reader.join();
        rw.rUnlock();
    }

    @Test
    void semaphoreNeverGivesTooMuchAndLosesNothing() throws Exception {
        int size = 5;
        Semaphore s = new Semaphore(size);
        AtomicLong held = new AtomicLong();
        storm(random -> {
            long n = 1 + random.nextInt(size);
            boolean got = true;
            switch (random.nextInt(6)) {
                case 0:
                    got = s.tryAcquire(n);
                    break;
                case 1:
                    got = s.tryAcquire(n, Duration.ofNanos(random.nextInt(200_000)));
                    break;
                case 2:
                    Context ctx =
                            Context.background()
                                    .withTimeout(Duration.ofNanos(random.nextInt(200_000)));
                    try (ctx) {
                        s.acquire(ctx, n);
                    } catch (dev.jenny.context.ContextException e) {
                        got = false;
                    }
                    break;
                default:
                    s.acquire(n);
                    break;
            }
            if (got) {
                assertThat(held.addAndGet(n)).isLessThanOrEqualTo(size);
                dawdle(random);
                held.addAndGet(-n);
                s.release(n);
            }
        });
        assertThat(s).hasToString("sync.Semaphore[0 of 5 held]");
        assertThat(s.tryAcquire(size)).isTrue();
        Fork waiter = fork(Kind.GOROUTINE, s::acquire).blockedOn(s);
        s.release(size);
        waiter.join();
    }

    @Test
    void condLosesNoItemOfABoundedBuffer() throws Exception {
        Mutex mu = new Mutex();
        Cond notEmpty = new Cond(mu);
        Cond notFull = new Cond(mu);
        ArrayDeque<Integer> buffer = new ArrayDeque<>();
        BitSet taken = new BitSet();
        int[] next = {0};
        AtomicInteger role = new AtomicInteger();
        ThreadLocal<Boolean> produces =
                ThreadLocal.withInitial(() -> role.getAndIncrement() % 2 == 0);
        storm(random -> {
            mu.lockInterruptibly();
            try {
                if (produces.get()) {
                    // time-outs so that the last ones of a role do not wait for ever
                    for (int tries = 0; buffer.size() == 3; tries++) {
                        if (tries == 3) {
                            return;
                        }
                        notFull.await(Duration.ofNanos(random.nextInt(300_000)));
                    }
                    buffer.add(next[0]++);
                    notEmpty.signal();
                } else {
                    for (int tries = 0; buffer.isEmpty(); tries++) {
                        if (tries == 3) {
                            return;
                        }
                        notEmpty.await(Duration.ofNanos(random.nextInt(300_000)));
                    }
                    int x = buffer.remove();
                    assertThat(taken.get(x)).isFalse();
                    taken.set(x);
                    notFull.signal();
                }
            } finally {
                mu.unlock();
            }
        });
        assertThat(next[0]).isPositive();
        assertThat(taken.cardinality() + buffer.size()).isEqualTo(next[0]);
        assertWorksAsNew(mu);
    }

    @Test
    void condLosesNoSignalToAnInterruptedWaiter() throws Exception {
        Mutex mu = new Mutex();
        Cond cond = new Cond(mu);
        long end = System.nanoTime() + LENGTH.toNanos();
        Random random = new Random();
        while (System.nanoTime() < end) {
            int n = 6;
            AtomicInteger signalled = new AtomicInteger();
            AtomicInteger interrupted = new AtomicInteger();
            List<Fork> waiters = new ArrayList<>();
            for (int i = 0; i < n; i++) {
                waiters.add(
                        fork(
                                i % 3 == 0 ? Kind.PLATFORM : Kind.GOROUTINE,
                                () -> {
                                    mu.lock();
                                    try {
                                        cond.await();
                                        signalled.incrementAndGet();
                                    } catch (InterruptedException e) {
                                        interrupted.incrementAndGet();
                                    } finally {
                                        mu.unlock();
                                    }
                                }));
            }
            waiters.forEach(w -> w.blockedOn(cond));
            int signals = 1 + random.nextInt(n);
            Fork signaller =
                    fork(
                            Kind.GOROUTINE,
                            () -> {
                                for (int i = 0; i < signals; i++) {
                                    cond.signal();
                                }
                            });
            Collections.shuffle(waiters, random);
            List<Fork> victims = waiters.subList(0, 1 + random.nextInt(n));
            victims.forEach(Fork::interrupt);
            signaller.join();
            joinAll(victims);
            // a signal has no effect only if nobody waits any more
            int expected = Math.min(signals, n - interrupted.get());
            eventually(() -> signalled.get() == expected);
            cond.broadcast();
            joinAll(waiters);
            assertThat(signalled.get() + interrupted.get()).isEqualTo(n);
        }
    }

    @Test
    void waitGroupWakesEverybodyWhoIsStillThere() throws Exception {
        long end = System.nanoTime() + LENGTH.toNanos();
        Random random = new Random();
        while (System.nanoTime() < end) {
            WaitGroup wg = new WaitGroup();
            int n = 8;
            wg.add(n);
            AtomicInteger counted = new AtomicInteger(n);
            List<Fork> all = new ArrayList<>();
            for (int i = 0; i < n; i++) {
                Kind kind = i % 4 == 0 ? Kind.PLATFORM : Kind.GOROUTINE;
                all.add(
                        fork(
                                kind,
                                () -> {
                                    try {
                                        wg.await();
                                        assertThat(counted.get()).isZero();
                                    } catch (InterruptedException e) {
                                        // as ordered
                                    }
                                }));
                all.add(
                        fork(
                                kind,
                                () -> {
                                    dawdle(random);
                                    counted.decrementAndGet();
                                    wg.done();
                                }));
            }
            for (int i = 0; i < 3; i++) {
                all.get(2 * random.nextInt(n)).interrupt();
            }
            joinAll(all);
            wg.await();
        }
    }

    @Test
    void singleFlightRunsOneCallAtATimeForAKey() throws Exception {
        SingleFlight<Integer, Long> flight = new SingleFlight<>();
        AtomicInteger[] running = {new AtomicInteger(), new AtomicInteger(), new AtomicInteger()};
        AtomicLong values = new AtomicLong();
        storm(random -> {
            int key = random.nextInt(running.length);
            try {
                flight.run(
                        key,
                        () -> {
                            assertThat(running[key].incrementAndGet()).isEqualTo(1);
                            try {
                                dawdle(random);
                                if (random.nextInt(10) == 0) {
                                    throw new CallFailed();
                                }
                                return values.incrementAndGet();
                            } finally {
                                running[key].decrementAndGet();
                            }
                        });
            } catch (CallFailed e) {
                // reaches everybody
            }
        });
        for (int key = 0; key < running.length; key++) {
            assertThat(flight.run(key, () -> -1L)).isEqualTo(-1L);
        }
    }

    private static final class CallFailed extends Exception {}

    @Test
    void errGroupCountsRightUnderItsLimit() throws Exception {
        long end = System.nanoTime() + LENGTH.toNanos();
        Random random = new Random();
        while (System.nanoTime() < end) {
            ErrGroup group = ErrGroup.withContext(Context.background());
            int limit = 1 + random.nextInt(4);
            group.setLimit(limit);
            AtomicInteger active = new AtomicInteger();
            AtomicInteger ended = new AtomicInteger();
            int n = 50;
            int failing = random.nextInt(2 * n);
            CallFailed boom = new CallFailed();
            for (int i = 0; i < n; i++) {
                int number = i;
                group.go(() -> {
                    assertThat(active.incrementAndGet()).isLessThanOrEqualTo(limit);
                    dawdle(random);
                    active.decrementAndGet();
                    ended.incrementAndGet();
                    if (number == failing) {
                        throw boom;
                    }
                });
                if (random.nextInt(20) == 0) {
                    Thread.currentThread().interrupt(); // go waits all the same
                }
            }
            boolean ignored = Thread.interrupted();
            try {
                group.await();
                assertThat(failing).isGreaterThanOrEqualTo(n);
            } catch (CallFailed e) {
                assertThat(e).isSameAs(boom);
            }
            assertThat(ended.get()).isEqualTo(n);
            assertThat(group.context().err()).isInstanceOf(CancelledException.class);
        }
    }
}
