package dev.jenny.verify;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jenny.internal.sched.SideWaiter;
import dev.jenny.internal.sched.SpinLock;
import dev.jenny.internal.sched.WaitQueue;
import dev.jenny.internal.sched.WaitReason;
import dev.jenny.internal.sched.Waiter;
import dev.jenny.sync.Mutex;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jetbrains.lincheck.LincheckAssertionError;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Options;
import org.jetbrains.lincheck.datastructures.StressOptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * The mutex, in two ways. As an object with operations that do not wait for ever: lock attempts,
 * with and without time, interrupted ones, and unlocks by whoever likes. And as what it is for:
 * critical sections entered in every manner count without a gap, and none waits for ever, which
 * Lincheck reports as a hang.
 */
@Tag("lincheck")
class MutexLincheckTest {
    /** What lock attempts are tested against. */
    public static class Spec {
        private boolean locked;

        public boolean tryLock() {
            boolean did = !locked;
            locked = true;
            return did;
        }

        public boolean timedTryLock() {
            return tryLock();
        }

        public String interruptedLock() {
            return "interrupted";
        }

        public boolean isLocked() {
            return locked;
        }

        public void unlock() {
            if (!locked) {
                throw new IllegalMonitorStateException();
            }
            locked = false;
        }
    }

    /** Lock attempts on the real mutex. */
    public static class Real {
        private final Mutex mu = new Mutex();

        @Operation
        public boolean tryLock() {
            return mu.tryLock();
        }

        @Operation
        public boolean timedTryLock() throws InterruptedException {
            return mu.tryLock(20, TimeUnit.MICROSECONDS);
        }

        @Operation
        public String interruptedLock() {
            Thread.currentThread().interrupt();
            try {
                mu.lockInterruptibly();
                return "locked";
            } catch (InterruptedException e) {
                return "interrupted";
            }
        }

        @Operation
        public boolean isLocked() {
            return mu.isLocked();
        }

        @Operation
        public void unlock() {
            mu.unlock();
        }
    }

    /** What critical sections are tested against. */
    public static class CounterSpec {
        private int n;

        public int lock() {
            return n++;
        }

        public int lockInterruptibly() {
            return n++;
        }

        public int timedTryLock() {
            return n++;
        }
    }

    /** Critical sections of the real mutex. */
    public static class RealCounter {
        private final Mutex mu = new Mutex();
        private int n;

        private int count() {
            try {
                return n++;
            } finally {
                mu.unlock();
            }
        }

        @Operation
        public int lock() {
            mu.lock();
            return count();
        }

        @Operation
        public int lockInterruptibly() throws InterruptedException {
            mu.lockInterruptibly();
            return count();
        }

        @Operation
        public int timedTryLock() throws InterruptedException {
            while (!mu.tryLock(2, TimeUnit.MICROSECONDS)) {
                Thread.onSpinWait();
            }
            return count();
        }
    }

    /**
     * The falsifier: Go's algorithm, but a woken waiter that loses goes back to the queue without
     * giving up its token, so that no unlock wakes anybody any more.
     */
    public static class BrokenCounter extends SpinLock {
        private static final int LOCKED = 1;
        private static final int WAITERS = 2;
        private static final int WOKEN = 4;

        private final AtomicInteger state = new AtomicInteger();
        private final WaitQueue queue = new WaitQueue();
        private int n;

        @Operation
        public int increment() {
            boolean woken = false;
            for (; ; ) {
                Waiter w = new SideWaiter();
                if (!enqueue(w, woken)) {
                    break;
                }
                w.awaitUninterruptibly(WaitReason.MUTEX_LOCK, this);
                woken = true;
            }
            int v = n++;
            release();
            return v;
        }

        private boolean enqueue(Waiter w, boolean woken) {
            lock();
            for (; ; ) {
                int s = state.get();
                boolean free = (s & LOCKED) == 0;
                int t =
                        free
                                ? s | LOCKED
                                : s | WAITERS; // the defect: with a token, t must lack WOKEN
                if (state.compareAndSet(s, free && woken ? t & ~WOKEN : t)) {
                    if (!free) {
                        queue.add(w);
                    }
                    unlock();
                    return !free;
                }
            }
        }

        private void release() {
            lock();
            Waiter head = null;
            for (; ; ) {
                int s = state.get();
                int t = s & ~LOCKED;
                head = (s & WOKEN) == 0 ? queue.peek() : null;
                if (head != null) {
                    t |= WOKEN;
                    if (queue.after(head) == null) {
                        t &= ~WAITERS;
                    }
                }
                if (state.compareAndSet(s, t)) {
                    break;
                }
            }
            if (head != null) {
                queue.poll();
            }
            unlock();
            if (head != null) {
                head.ready();
            }
        }
    }

    /** The specification for the falsifier. */
    public static class BrokenCounterSpec {
        private int n;

        public int increment() {
            return n++;
        }
    }

    private static <O extends Options<O, ?>> O sized(O options) {
        return options.iterations(10).invocationsPerIteration(2_000).threads(3).actorsPerThread(3);
    }

    @Test
    void lockAttemptsAreLinearizable() {
        sized(new StressOptions()).sequentialSpecification(Spec.class).check(Real.class);
    }

    @Test
    void criticalSectionsCountWithoutAGapAndNoneWaitsForEver() {
        sized(new StressOptions())
                .sequentialSpecification(CounterSpec.class)
                .check(RealCounter.class);
    }

    @Test
    void theBrokenTwinFails() {
        assertThatThrownBy(() ->
                        new StressOptions()
                                .iterations(50)
                                .invocationsPerIteration(10_000)
                                .threads(3)
                                .actorsPerThread(5)
                                .minimizeFailedScenario(false)
                                .sequentialSpecification(BrokenCounterSpec.class)
                                .check(BrokenCounter.class))
                .isInstanceOf(LincheckAssertionError.class);
    }
}
