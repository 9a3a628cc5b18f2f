package dev.jenny.sync;

import dev.jenny.context.Context;
import dev.jenny.context.ContextException;
import dev.jenny.internal.sched.CancelHook;
import dev.jenny.internal.sched.Clock;
import dev.jenny.internal.sched.SideWaiter;
import dev.jenny.internal.sched.WaitQueue;
import dev.jenny.internal.sched.WaitReason;
import dev.jenny.internal.sched.Waiter;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A counter of permits that goroutines take, several at a time if they wish, and give back; Go's
 * {@code x/sync/semaphore.Weighted}. It bounds the use of something: memory, connections, CPUs.
 *
 * {@snippet :
 * import dev.jenny.sync.Semaphore;
 *
 * class Resizer {
 *     private static final long MB = 1 << 20;
 *     private final Semaphore memory = new Semaphore(512 * MB);
 *
 *     void resize(String image, long bytes) throws InterruptedException {
 *         memory.acquire(bytes);
 *         try {
 *             work(image);
 *         } finally {
 *             memory.release(bytes);
 *         }
 *     }
 *
 *     private void work(String image) {}
 * }
 * }
 *
 * <p><b>Order.</b> Strictly first come, first served, whatever the weights: a small request does
 * not overtake a big one that waits, even if it could be met at once, so that big ones do not
 * starve. A request for more than the semaphore's size can never be met; it waits until it is
 * cancelled, and keeps nobody else waiting.
 *
 * <p><b>Memory.</b> A {@code release} happens before the return of every later {@code acquire} that
 * it makes possible. As with any semaphore, permits have no owner.
 */
// Invariant, whenever the lock of `waiters` is free: the head of its queue cannot be met, so
// whatever changes that (a release, the departure of the head) goes on to grant. A waiter that is
// granted is dequeued and counted as holding in one step; so nothing is lost if it is interrupted
// at that moment. Whoever ends a context ends the waits limited by it, on the spot and without
// memory.
public final class Semaphore {
    private final long size;
    private final WaitList waiters = new WaitList();
    private final WaitQueue doomed = new WaitQueue(); // for more than size; guarded by waiters
    private long held; // guarded by waiters

    private static final class Request extends SideWaiter {
        final long n;
        boolean cancelled; // written before ready

        Request(long n) {
            this.n = n;
        }
    }

    /**
     * A semaphore of which all permits are free.
     *
     * @param permits the size: how many permits can be held at the same time
     * @throws IllegalArgumentException if {@code permits} is negative
     */
    public Semaphore(long permits) {
        if (permits < 0) {
            throw new IllegalArgumentException("semaphore: negative size " + permits);
        }
        this.size = permits;
    }

    /**
     * Takes one permit, waiting until there is one.
     *
     * @throws InterruptedException if the thread was interrupted before or during the wait; nothing
     *     has been taken
     */
    public void acquire() throws InterruptedException {
        acquire(1);
    }

    /**
     * Takes {@code n} permits at once, waiting until that many are free and everybody who came
     * earlier has been served. In dumps the wait shows as {@code semacquire}.
     *
     * @param n how many, 0 or more
     * @throws InterruptedException if the thread was interrupted before or during the wait; nothing
     *     has been taken
     * @throws IllegalArgumentException if {@code n} is negative
     */
    public void acquire(long n) throws InterruptedException {
        checkWeight(n);
        WaitList.checkInterrupt();
        if (!take(n)) {
            WaitList.resultOf(await(n, true, Long.MAX_VALUE));
        }
    }

    /**
     * Takes {@code n} permits like {@link #acquire(long)}, waiting no longer than until {@code ctx}
     * is done. A context that is done already wins over permits that are free.
     *
     * {@snippet :
     * void handle(Context ctx) throws InterruptedException, ContextException {
     *     semaphore.acquire(ctx, 1);
     *     try {
     *         work(ctx);
     *     } finally {
     *         semaphore.release();
     *     }
     * }
     * }
     *
     * @param ctx ends the wait when it is done
     * @param n how many, 0 or more
     * @throws ContextException why {@code ctx} is done, as {@link Context#throwIfDone} throws it;
     *     nothing has been taken
     * @throws InterruptedException if the thread was interrupted before or during the wait; nothing
     *     has been taken
     * @throws IllegalArgumentException if {@code n} is negative
     */
    public void acquire(Context ctx, long n) throws InterruptedException, ContextException {
        checkWeight(n);
        WaitList.checkInterrupt();
        ctx.throwIfDone();
        if (take(n) || waitFor(ctx, n)) {
            if (ctx.err() == null) {
                return;
            }
            release(n); // the context was done before the permits were there, or as good as
        }
        ctx.throwIfDone();
    }

    private boolean waitFor(Context ctx, long n) throws InterruptedException {
        Request r = new Request(n);
        if (!enqueue(r)) {
            return true;
        }
        Context.AfterFunc hook;
        try {
            CancelHook wake = () -> cancel(r);
            hook = ctx.afterFunc(wake);
        } catch (Throwable t) { // no memory for it
            if (!leave(r)) {
                release(n);
            }
            throw t;
        }
        try {
            return WaitList.resultOf(await(r, true, Long.MAX_VALUE));
        } finally {
            hook.stop();
        }
    }

    /**
     * Takes one permit if one is free and nobody waits; never waits.
     *
     * @return true if it has been taken
     */
    public boolean tryAcquire() {
        return take(1);
    }

    /**
     * Takes {@code n} permits if that many are free and nobody waits; never waits.
     *
     * @param n how many, 0 or more
     * @return true if they have been taken
     * @throws IllegalArgumentException if {@code n} is negative
     */
    public boolean tryAcquire(long n) {
        checkWeight(n);
        return take(n);
    }

    /**
     * Takes {@code n} permits, waiting for up to {@code timeout}.
     *
     * @param n how many, 0 or more
     * @param timeout how long to wait; zero or negative: not at all
     * @return true if they have been taken; false if the time ran out first
     * @throws InterruptedException if the thread was interrupted before or during the wait; nothing
     *     has been taken
     * @throws IllegalArgumentException if {@code n} is negative
     */
    public boolean tryAcquire(long n, Duration timeout) throws InterruptedException {
        checkWeight(n);
        WaitList.checkInterrupt();
        if (take(n)) {
            return true;
        }
        long nanos = Clock.nanos(timeout);
        return nanos > 0 && WaitList.resultOf(await(n, true, Clock.after(nanos)));
    }

    /**
     * Gives back one permit.
     *
     * @throws IllegalStateException {@code semaphore: released more than held}
     */
    public void release() {
        release(1);
    }

    /**
     * Gives back {@code n} permits. They may have been taken by another goroutine, and in other
     * portions.
     *
     * @param n how many, 0 or more
     * @throws IllegalStateException {@code semaphore: released more than held}; nothing has changed
     * @throws IllegalArgumentException if {@code n} is negative
     */
    public void release(long n) {
        checkWeight(n);
        waiters.lock();
        boolean legal = n <= held;
        if (legal) {
            held -= n;
        }
        Waiter granted = grantLocked();
        waiters.unlock();
        WaitList.readyAll(granted);
        if (!legal) {
            throw new IllegalStateException("semaphore: released more than held");
        }
    }

    @Override
    public String toString() {
        waiters.lock();
        long h = held;
        waiters.unlock();
        return "sync.Semaphore[" + h + " of " + size + " held]";
    }

    /** How many permits are held, read without the lock. */
    long heldNow() {
        return held;
    }

    long size() {
        return size;
    }

    /** Takes {@code n} permits like {@link #acquire(long)}; an interrupt is left pending. */
    void acquireUninterruptibly(long n) {
        if (!take(n)) {
            await(n, false, Long.MAX_VALUE);
        }
    }

    private boolean take(long n) {
        waiters.lock();
        boolean taken = waiters.queue.isEmpty() && n <= size - held;
        if (taken) {
            held += n;
        }
        waiters.unlock();
        return taken;
    }

    /** Queues for {@code n} permits; READY means that they have been taken. */
    private Waiter.Outcome await(long n, boolean interruptible, long deadline) {
        Request r = new Request(n);
        return enqueue(r) ? await(r, interruptible, deadline) : Waiter.Outcome.READY;
    }

    /** Queues {@code r}; false if it could be met at once. */
    private boolean enqueue(Request r) {
        waiters.lock();
        boolean queued = !waiters.queue.isEmpty() || r.n > size - held;
        if (queued) {
            queueOf(r).add(r);
        } else {
            held += r.n;
        }
        waiters.unlock();
        return queued;
    }

    /** READY means granted; TIMED_OUT also stands for cancelled. */
    private Waiter.Outcome await(Request r, boolean interruptible, long deadline) {
        Waiter.Outcome o = WaitList.await(r, interruptible, deadline, WaitReason.SEMACQUIRE, this);
        if (o != Waiter.Outcome.READY && !leave(r)) {
            r.awaitUninterruptibly(WaitReason.SEMACQUIRE, this);
            WaitList.restoreInterrupt(o); // it was granted or cancelled first
            o = Waiter.Outcome.READY;
        }
        return o == Waiter.Outcome.READY && r.cancelled ? Waiter.Outcome.TIMED_OUT : o;
    }

    /** Takes a request out of its queue; false if it has been granted or cancelled. */
    private boolean leave(Request r) {
        waiters.lock();
        boolean left = queueOf(r).remove(r);
        Waiter granted = left ? grantLocked() : null; // those behind it may fit
        waiters.unlock();
        WaitList.readyAll(granted);
        return left;
    }

    private void cancel(Request r) {
        if (leave(r)) {
            r.cancelled = true;
            r.ready();
        }
    }

    private WaitQueue queueOf(Request r) {
        return r.n <= size ? waiters.queue : doomed;
    }

    /** Dequeues the requests that can be met now; the result is for {@link WaitList#readyAll}. */
    private @Nullable Waiter grantLocked() {
        Request first = null;
        Request last = null;
        while (waiters.queue.peek() instanceof Request r && r.n <= size - held) {
            waiters.queue.poll();
            held += r.n;
            if (last == null) {
                first = r;
            } else {
                last.item = r;
            }
            last = r;
        }
        return first;
    }

    private static void checkWeight(long n) {
        if (n < 0) {
            throw new IllegalArgumentException("semaphore: negative weight " + n);
        }
    }
}
