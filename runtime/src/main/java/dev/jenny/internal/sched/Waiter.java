package dev.jenny.internal.sched;

import dev.jenny.internal.loom.Coroutine;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * One thread's place in a wait queue (Go's sudog). Any thread can wait: a goroutine, another
 * virtual thread, a platform thread.
 *
 * <p>Protocol. A primitive guards its {@link WaitQueue}s with its {@link SpinLock}. The waiter
 * enqueues itself under the lock, releases it, and calls one of the {@code await} methods. A waker
 * dequeues it under the lock, fills {@link #item} and {@link #ok}, releases the lock, and calls
 * {@link #ready}. From dequeue on, the waiter belongs to that waker alone: there is exactly one
 * {@code ready}, and the waiter does not return before it. A waiter that wants to leave early (it
 * was interrupted, or its time is up) takes the lock and removes itself; if it is no longer queued,
 * a waker has it, the operation has happened, and it must wait for its {@code ready}.
 *
 * <p>Memory: all that the waker did before {@code ready} happens before the return of {@code
 * await}.
 *
 * <p>Waking leaves at most a spare park permit behind, which the JDK documents as a spurious return
 * that every caller of {@code park} must expect.
 *
 * <p>A goroutine is a waiter itself, so that most waits need no object. {@link #acquire} takes it
 * unless it is in use; all else gets a {@link SideWaiter}.
 */
public abstract class Waiter {
    /** Why a wait came back. */
    public enum Outcome {
        /** A waker called {@link Waiter#ready}. */
        READY,
        /** The thread was interrupted; the interrupt status has been cleared. */
        INTERRUPTED,
        /** The deadline has passed. */
        TIMED_OUT
    }

    private static final VarHandle READY;

    static {
        try {
            READY = MethodHandles.lookup().findVarHandle(Waiter.class, "ready", boolean.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /** What is handed over: the value to send, or the value received. */
    public @Nullable Object item;

    /** How the operation went, set by the waker; its meaning is the primitive's. */
    public boolean ok;

    @Nullable Waiter next;
    @Nullable Waiter prev;
    boolean queued;

    private volatile boolean ready;

    Waiter() {}

    /** The waiting thread. */
    public abstract Thread thread();

    /** The waiting goroutine; null for other threads. */
    abstract @Nullable G goroutine();

    /**
     * A waiter for the calling thread, possibly one that it used before. It must go back by {@link
     * #release} when no queue, waker or timer can still hold it.
     */
    public static Waiter acquire() {
        Thread t = Thread.currentThread();
        G g = G.current(t);
        if (g == null || g.waiterInUse) {
            return new SideWaiter(t, g);
        }
        g.waiterInUse = true;
        return g;
    }

    /**
     * Ends the use of a waiter, which {@link #acquire} may then give again if it is a goroutine.
     */
    public final void release() {
        if (this instanceof G g) {
            clear();
            g.waiterInUse = false;
        }
    }

    /** Makes the waiter as new, once no queue, waker or timer can still hold it. */
    final void clear() {
        item = null;
        ok = false;
        READY.setOpaque(this, false); // nobody else looks at it before the next enqueueing
    }

    /** True if the waiter is in a queue. Read under the primitive's lock. */
    public final boolean isQueued() {
        return queued;
    }

    /** True once a waker has called {@link #ready}. */
    public final boolean isReady() {
        return ready;
    }

    /** Ends the wait. Called once, by whoever dequeued the waiter, without holding a SpinLock. */
    public final void ready() {
        Thread t = thread();
        G g = goroutine();
        if (g != null && Coroutine.AVAILABLE) {
            READY.setRelease(this, true); // unpark claims the goroutine by CAS, or fences
        } else {
            // A volatile store, not a release: LockSupport.unpark does nothing if it finds a permit
            // there already. If it looked before the store is visible, the waiter might take that
            // permit and sleep on.
            ready = true;
        }
        unpark(t, g);
    }

    /** Waits for {@link #ready}; an interrupt is left pending for the caller's next wait. */
    public final void awaitUninterruptibly(WaitReason reason, Object on) {
        if (ready) {
            return;
        }
        boolean interrupted = false;
        G g = goroutine();
        if (g != null) {
            g.beginWait(reason, on);
        }
        while (!ready) {
            park(g, on);
            if (!ready && Thread.interrupted()) {
                interrupted = true; // park would return at once while the status is set
            }
        }
        if (g != null) {
            g.endWait(on);
        }
        if (interrupted) {
            thread().interrupt();
        }
    }

    /**
     * Waits for {@link #ready} or an interrupt.
     *
     * @return false if interrupted first; the interrupt status has been cleared, and the caller
     *     must leave the queue or find that it no longer can
     */
    public final boolean await(WaitReason reason, Object on) {
        G g = goroutine();
        if (g != null) {
            g.beginWait(reason, on);
        }
        boolean ok = true;
        while (!ready) {
            // Before each park: the caller may have waited before, for something else, and been
            // interrupted when that was over already.
            if (Thread.interrupted()) {
                ok = false;
                break;
            }
            park(g, on);
        }
        if (g != null) {
            g.endWait(on);
        }
        return ok;
    }

    /** Parks the calling thread, which is {@code g}'s if that is not null. */
    static void park(@Nullable G g, Object on) {
        if (g != null) {
            g.park(on);
        } else {
            LockSupport.park(on);
        }
    }

    /** Unparks {@code t}, which is {@code g}'s if that is not null. */
    static void unpark(Thread t, @Nullable G g) {
        if (g != null) {
            g.unpark();
        } else {
            LockSupport.unpark(t);
        }
    }
}
