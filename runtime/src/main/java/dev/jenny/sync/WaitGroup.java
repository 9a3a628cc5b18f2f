package dev.jenny.sync;

import dev.jenny.Goroutine;
import dev.jenny.Task;
import dev.jenny.internal.sched.Clock;
import dev.jenny.internal.sched.GoexitSignal;
import dev.jenny.internal.sched.Local;
import dev.jenny.internal.sched.Runtimes;
import dev.jenny.internal.sched.WaitReason;
import dev.jenny.internal.sched.Waiter;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.time.Duration;
import java.util.Objects;

/**
 * Waits for a number of goroutines to finish, Go's {@code sync.WaitGroup}.
 *
 * <p>It holds a counter, at first 0. {@link #go} starts a goroutine that the group counts while it
 * runs; {@link #add} and {@link #done} change the counter by hand. {@link #await} waits until it is
 * 0.
 *
 * {@snippet :
 * import dev.jenny.sync.WaitGroup;
 * import java.util.List;
 *
 * class Fetcher {
 *     void fetchAll(List<String> urls) throws InterruptedException {
 *         WaitGroup wg = new WaitGroup();
 *         for (String url : urls) {
 *             wg.go(() -> fetch(url));
 *         }
 *         wg.await();
 *     }
 *
 *     void fetch(String url) {}
 * }
 * }
 *
 * <p><b>Rules.</b> An {@code add} with a positive number that finds the counter at 0 must happen
 * before {@code await}: call it before starting the goroutine, not inside. A group can be used
 * again once all its waits have returned. Breaking a rule throws {@link IllegalStateException}
 * where it is seen.
 *
 * <p><b>Memory.</b> What happens before a {@code done} happens before the return of the waits that
 * it ends.
 *
 * <p>The algorithm is that of Go's sync/waitgroup.go: one word with the counter and whether
 * somebody waits. The {@code done} that takes the counter to 0 finds that somebody waits, and wakes
 * all.
 */
// state = counter << 1 | WAITING
//
// Invariants: WAITING is set if and only if the queue is not empty, whenever its lock is free, and
// changes only under that lock. A waiter queues by the CAS that sets WAITING while the counter is
// positive. With the counter at 0 and WAITING set, whoever has the lock next releases the waiters
// (or, being the last waiter, leaves); a positive add is refused until then, so a released waiter
// was there before its generation ended.
public final class WaitGroup {
    private static final long WAITING = 1;
    private static final VarHandle STATE;

    static {
        try {
            STATE = MethodHandles.lookup().findVarHandle(WaitGroup.class, "state", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private volatile long state;

    /**
     * Seen by tests, which hold it to look at the moment between the last done and its wake-ups.
     */
    final WaitList waiters = new WaitList();

    /** A group whose counter is 0. */
    public WaitGroup() {}

    /**
     * Adds {@code delta}, which may be negative, to the counter. If that makes it 0, all waits end.
     *
     * @param delta what to add
     * @throws IllegalStateException {@code sync: negative WaitGroup counter}; {@code sync:
     *     WaitGroup misuse: Add called concurrently with Wait}, if the counter has just reached 0
     *     and its waits have not ended yet. The counter has not changed.
     */
    public void add(int delta) {
        for (; ; ) {
            long s = state;
            long counter = (s >> 1) + delta;
            if (counter < 0) {
                throw new IllegalStateException("sync: negative WaitGroup counter");
            }
            if (counter > Integer.MAX_VALUE) {
                throw new IllegalStateException("sync: WaitGroup counter overflow");
            }
            if (s == WAITING && delta > 0) {
                throw new IllegalStateException(
                        "sync: WaitGroup misuse: Add called concurrently with Wait");
            }
            long t = counter << 1 | (s & WAITING);
            if (STATE.compareAndSet(this, s, t)) {
                if (t == WAITING) {
                    releaseWaiters();
                }
                return;
            }
        }
    }

    /**
     * Subtracts 1 from the counter.
     *
     * @throws IllegalStateException {@code sync: negative WaitGroup counter}
     */
    public void done() {
        add(-1);
    }

    /**
     * Starts a goroutine that this group counts: {@code add(1)} now, {@code done()} when the task
     * has returned or called {@code goexit}. An exception that leaves the task is a panic as with
     * {@code Go.go}; the group is done with it only after the panic was reported, so that under
     * {@code jenny run} nothing that waits for the group can run on and hide the report.
     *
     * @param task what to run
     * @return the goroutine
     * @throws NullPointerException if {@code task} is null
     * @throws IllegalStateException as {@link #add}
     */
    public Goroutine go(Task task) {
        Objects.requireNonNull(task, "go of nil func value");
        add(1);
        boolean started = false;
        try {
            Goroutine g = Runtimes.goIn(this, () -> runCounted(task), task);
            started = true;
            return g;
        } finally {
            if (!started) {
                done();
            }
        }
    }

    private void runCounted(Task task) {
        try {
            task.run();
        } catch (GoexitSignal goexit) {
            throw goexit;
        } catch (Throwable panic) {
            Local.reportPanic(panic);
        } finally {
            done();
        }
    }

    /**
     * Waits until the counter is 0. In dumps the wait shows as {@code sync.WaitGroup.Wait}.
     *
     * @throws InterruptedException if the thread was interrupted before or during the wait
     * @throws IllegalStateException {@code sync: WaitGroup is reused before previous Wait has
     *     returned}
     */
    public void await() throws InterruptedException {
        await(Long.MAX_VALUE);
    }

    /**
     * Waits until the counter is 0, for up to {@code timeout}.
     *
     * @param timeout how long to wait; zero or negative: not at all
     * @return true if the counter was 0; false if the time ran out first
     * @throws InterruptedException if the thread was interrupted before or during the wait
     * @throws IllegalStateException as {@link #await()}
     */
    public boolean await(Duration timeout) throws InterruptedException {
        long nanos = Clock.nanos(timeout);
        return await(nanos <= 0 ? Long.MIN_VALUE : Clock.after(nanos));
    }

    @Override
    public String toString() {
        return "sync.WaitGroup[" + (state >> 1) + "]";
    }

    /** The counter. */
    long count() {
        return state >> 1;
    }

    private boolean await(long deadline) throws InterruptedException {
        WaitList.checkInterrupt();
        if (state >> 1 == 0) {
            return true;
        }
        if (deadline == Long.MIN_VALUE) {
            return false;
        }
        Waiter w = WaitList.waiter(deadline);
        if (!enqueue(w)) {
            w.release();
            return true;
        }
        Waiter.Outcome o = WaitList.await(w, true, deadline, WaitReason.WAITGROUP_WAIT, this);
        if (o != Waiter.Outcome.READY && !leave(w)) {
            w.awaitUninterruptibly(WaitReason.WAITGROUP_WAIT, this);
            WaitList.restoreInterrupt(o); // the counter reached 0 first
            o = Waiter.Outcome.READY;
        }
        w.release();
        if (o == Waiter.Outcome.READY && state != 0) {
            throw new IllegalStateException(
                    "sync: WaitGroup is reused before previous Wait has returned");
        }
        return WaitList.resultOf(o);
    }

    /** Queues {@code w}; false if the counter is 0. */
    private boolean enqueue(Waiter w) {
        waiters.lock();
        boolean queued;
        for (; ; ) {
            long s = state;
            queued = s >> 1 != 0;
            if (!queued || STATE.compareAndSet(this, s, s | WAITING)) {
                break;
            }
        }
        if (queued) {
            waiters.queue.add(w);
        }
        waiters.unlock();
        return queued;
    }

    /** Takes {@code w} out of the queue; false if it has been released. */
    private boolean leave(Waiter w) {
        waiters.lock();
        boolean left = waiters.queue.remove(w);
        if (left && waiters.queue.isEmpty()) {
            STATE.getAndBitwiseAnd(this, ~WAITING);
        }
        waiters.unlock();
        return left;
    }

    private void releaseWaiters() {
        waiters.lock();
        // if it fails, the last waiter has left, and the next generation may have begun
        Waiter chain = STATE.compareAndSet(this, WAITING, 0L) ? waiters.takeAll() : null;
        waiters.unlock();
        WaitList.readyAll(chain);
    }
}
