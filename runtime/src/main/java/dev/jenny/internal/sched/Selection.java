package dev.jenny.internal.sched;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * What the waiters of one blocked select share: the decision which case won.
 *
 * <p>Invariant: {@code winner} changes once, by CAS, from {@link #OPEN} to the winner's case number
 * or {@link #TIMEOUT}. A waker that dequeues a waiter of a select may complete it only after
 * winning that CAS; one that loses forgets the waiter. The waker wins under its channel's lock, and
 * the selecting thread takes every channel's lock before it looks at a waiter's item, which orders
 * the two.
 */
public final class Selection extends TimerNode {
    /** Nobody has won yet. */
    public static final int OPEN = -1;

    /** The timeout has won. */
    public static final int TIMEOUT = -2;

    /** The selecting thread has given up, being interrupted. */
    public static final int CANCELLED = -3;

    private static final VarHandle WINNER;

    static {
        try {
            WINNER = MethodHandles.lookup().findVarHandle(Selection.class, "winner", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final Thread thread = Thread.currentThread();
    private final @Nullable G g = G.current(thread);
    private volatile int winner = OPEN;

    /** A selection by the calling thread. */
    public Selection() {}

    /** Tries to decide the select; true for one caller only. */
    public boolean tryWin(int who) {
        return winner == OPEN && WINNER.compareAndSet(this, OPEN, who);
    }

    /** Who has won. */
    public int winner() {
        return winner;
    }

    /** Wakes the selecting thread; called by the winner after releasing its lock. */
    public void wake() {
        LockSupport.unpark(thread);
    }

    /** A waiter of this select, one for each case. */
    public Waiter waiter(int index) {
        Waiter w = new Waiter(thread, g);
        w.selection = this;
        w.index = index;
        return w;
    }

    /**
     * Parks until there is a winner.
     *
     * @param deadline on {@link Clock}; {@code Long.MAX_VALUE} for none
     * @return the winner; {@link #CANCELLED} if the thread was interrupted first, with the status
     *     cleared
     */
    public int await(WaitReason reason, Object on, long deadline) {
        if (deadline != Long.MAX_VALUE) {
            Timers.start(this, deadline);
        }
        if (g != null) {
            g.beginWait(reason, on);
        }
        while (winner == OPEN) {
            LockSupport.park(on);
            if (winner == OPEN && Thread.interrupted() && !tryWin(CANCELLED)) {
                thread.interrupt(); // somebody won in between; the caller's next wait sees it
            }
        }
        if (g != null) {
            g.endWait();
        }
        if (deadline != Long.MAX_VALUE && winner != TIMEOUT) {
            Timers.stop(this);
        }
        return winner;
    }

    @Override
    protected void fire(long now) {
        if (tryWin(TIMEOUT)) {
            wake();
        }
    }
}
