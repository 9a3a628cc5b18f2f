package dev.jenny.internal.sched;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * A FIFO of {@link Waiter}s, doubly linked so that a waiter can leave from the middle. Guarded by
 * the owning primitive's {@link SpinLock}.
 *
 * <p>{@link #isEmpty} may be asked without the lock. Whoever finds the queue empty sees what was
 * written before its last waiter was taken out.
 */
public final class WaitQueue {
    private static final VarHandle FIRST;

    static {
        try {
            FIRST = MethodHandles.lookup().findVarHandle(WaitQueue.class, "first", Waiter.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private @Nullable Waiter first; // written by FIRST.setRelease
    private @Nullable Waiter last;

    /** An empty queue. */
    public WaitQueue() {}

    /** True if nobody waits. An acquiring read. */
    public boolean isEmpty() {
        return FIRST.getAcquire(this) == null;
    }

    /** The waiter that has waited longest. */
    public @Nullable Waiter peek() {
        return first;
    }

    /** The waiter that came last. */
    public @Nullable Waiter peekLast() {
        return last;
    }

    /** The waiter behind {@code w}. */
    public @Nullable Waiter after(Waiter w) {
        return w.next;
    }

    /** Appends {@code w}. */
    public void add(Waiter w) {
        w.queued = true;
        w.next = null;
        Waiter l = last;
        w.prev = l;
        if (l == null) {
            FIRST.setRelease(this, w);
        } else {
            l.next = w;
        }
        last = w;
    }

    /** Puts {@code w} at the front: it has waited before and lost. */
    public void addFirst(Waiter w) {
        w.queued = true;
        w.prev = null;
        Waiter f = first;
        w.next = f;
        if (f == null) {
            last = w;
        } else {
            f.prev = w;
        }
        FIRST.setRelease(this, w);
    }

    /** Takes the first waiter, whatever it is. */
    public @Nullable Waiter poll() {
        Waiter w = first;
        if (w != null) {
            unlink(w);
        }
        return w;
    }

    /**
     * Takes the first waiter that can be completed: waiters of selects that another case has
     * already won are dropped on the way. The caller has won the select of the waiter that it gets.
     */
    public @Nullable Waiter pollWinning() {
        for (; ; ) {
            Waiter w = first;
            if (w == null) {
                return null;
            }
            unlink(w);
            if (!(w instanceof CaseWaiter c) || c.selection.tryWin(c.index)) {
                return w;
            }
        }
    }

    /** Removes {@code w} if it is still queued; false if a waker has taken it. */
    public boolean remove(Waiter w) {
        if (!w.queued) {
            return false;
        }
        unlink(w);
        return true;
    }

    private void unlink(Waiter w) {
        Waiter p = w.prev;
        Waiter n = w.next;
        if (p == null) {
            FIRST.setRelease(this, n);
        } else {
            p.next = n;
        }
        if (n == null) {
            last = p;
        } else {
            n.prev = p;
        }
        w.next = null;
        w.prev = null;
        w.queued = false;
    }
}
