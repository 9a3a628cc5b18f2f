package dev.jenny.verify;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import dev.jenny.internal.sched.Selection;
import dev.jenny.internal.sched.SideWaiter;
import dev.jenny.internal.sched.SpinLock;
import dev.jenny.internal.sched.WaitQueue;
import dev.jenny.internal.sched.Waiter;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/**
 * Park and ready: a waiter is completed by exactly one waker, or has left; what the waker wrote is
 * seen.
 */
public final class WaiterStress {
    private WaiterStress() {}

    /** A waker hands over 42 while the waiter, interrupted, tries to leave. */
    @JCStressTest
    @Outcome(id = "42, 42", expect = ACCEPTABLE, desc = "handed over and received")
    @Outcome(id = "0, 0", expect = ACCEPTABLE, desc = "left; the waker found nobody")
    @Outcome(expect = FORBIDDEN, desc = "lost, or received without being handed over")
    @State
    public static class LeaveAgainstReady {
        final SpinLock lock = new SpinLock();
        final WaitQueue queue = new WaitQueue();
        final Waiter waiter = new SideWaiter();

        public LeaveAgainstReady() {
            queue.add(waiter);
        }

        @Actor
        public void waker(II_Result r) {
            lock.lock();
            Waiter w = queue.pollWinning();
            if (w != null) {
                w.item = 42;
                r.r1 = 42;
            }
            lock.unlock();
            if (w != null) {
                w.ready();
            }
        }

        @Actor
        public void waiter(II_Result r) {
            lock.lock();
            boolean left = queue.remove(waiter);
            lock.unlock();
            if (!left) {
                while (!waiter.isReady()) {
                    Thread.onSpinWait();
                }
                r.r2 = (Integer) waiter.item;
            }
        }
    }

    /** The value is visible through {@code ready} alone, without the lock. */
    @JCStressTest
    @Outcome(
            id = {"0, 0", "1, 42"},
            expect = ACCEPTABLE,
            desc = "not ready, or ready with its item")
    @Outcome(expect = FORBIDDEN, desc = "ready without its item")
    @State
    public static class ReadyPublishes {
        final Waiter waiter = new SideWaiter();

        @Actor
        public void waker() {
            waiter.item = 42;
            waiter.ready();
        }

        @Actor
        public void waiter(II_Result r) {
            if (waiter.isReady()) {
                r.r1 = 1;
                Object item = waiter.item;
                r.r2 = item == null ? -1 : (Integer) item;
            }
        }
    }

    /** Two channels want to complete the same select. */
    @JCStressTest
    @Outcome(
            id = {"1, 0", "0, 1"},
            expect = ACCEPTABLE,
            desc = "one case won")
    @Outcome(expect = FORBIDDEN, desc = "none or both")
    @State
    public static class SelectWonOnce {
        final Selection selection = new Selection();
        final WaitQueue first = new WaitQueue();
        final WaitQueue second = new WaitQueue();

        public SelectWonOnce() {
            first.add(selection.waiter(0));
            second.add(selection.waiter(1));
        }

        @Actor
        public void waker1(II_Result r) {
            r.r1 = first.pollWinning() == null ? 0 : 1;
        }

        @Actor
        public void waker2(II_Result r) {
            r.r2 = second.pollWinning() == null ? 0 : 1;
        }
    }

    /** Increments under the lock do not get lost. */
    @JCStressTest
    @Outcome(
            id = {"1, 2", "2, 1"},
            expect = ACCEPTABLE,
            desc = "one after the other")
    @Outcome(expect = FORBIDDEN, desc = "both at once")
    @State
    public static class SpinLockExcludes {
        final SpinLock lock = new SpinLock();
        int n;

        @Actor
        public void first(II_Result r) {
            lock.lock();
            r.r1 = ++n;
            lock.unlock();
        }

        @Actor
        public void second(II_Result r) {
            lock.lockPinned();
            r.r2 = ++n;
            lock.unlock();
        }
    }

    /** The falsifier: the waiter leaves, and the waker dequeues, without the lock. */
    @JCStressTest
    @Outcome(id = "1, 0", expect = ACCEPTABLE, desc = "the waker has it")
    @Outcome(id = "0, 1", expect = ACCEPTABLE, desc = "the waiter has left")
    @Outcome(expect = FORBIDDEN, desc = "both think so")
    @State
    public static class LeaveAgainstReadyBroken {
        final WaitQueue queue = new WaitQueue();
        final Waiter waiter = new SideWaiter();

        public LeaveAgainstReadyBroken() {
            queue.add(waiter);
        }

        @Actor
        public void waker(II_Result r) {
            r.r1 = queue.poll() == null ? 0 : 1;
        }

        @Actor
        public void waiter(II_Result r) {
            r.r2 = queue.remove(waiter) ? 1 : 0;
        }
    }
}
