package dev.jenny.internal.sched;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * What the waiters of one blocked select share: the decision which case won. With it goes all the
 * memory that a select needs, so that a goroutine can use it for one select after the other.
 *
 * <p>Invariants:
 *
 * <ul>
 *   <li>In one select, {@code winner} changes once, by CAS, from {@link #OPEN} to the winner's case
 *       number, {@link #TIMEOUT} or {@link #CANCELLED}. A waker that dequeues a waiter of a select
 *       may complete it only after winning that CAS; one that loses forgets the waiter. It does
 *       both under its channel's lock.
 *   <li>A waker or timer that has won ends the wait by one {@link #wake}, and the selecting thread
 *       waits for that even if it has seen the CAS. So a winner's last touch comes before {@link
 *       #await} returns, and all that it wrote is visible then.
 *   <li>{@link #release} comes when nobody else can still reach the selection: every waiter was
 *       either dequeued by the winner, which has finished, or its thread has since had the lock of
 *       the channel under which it was queued, and found or made it dequeued; and its timer has
 *       been taken out of the heap, or was the winner. If the timer was neither, it is just firing
 *       and may look at {@code winner} at any later time: the selection is then left to the
 *       collector.
 * </ul>
 */
public final class Selection extends TimerNode {
    /** Nobody has won yet. */
    public static final int OPEN = -1;

    /** The timeout has won. */
    public static final int TIMEOUT = -2;

    /** The selecting thread has given up, being interrupted. */
    public static final int CANCELLED = -3;

    /** A goroutine keeps the memory for selects of up to so many cases. */
    private static final int KEPT_CASES = 16;

    private static final VarHandle WINNER;

    static {
        try {
            WINNER = MethodHandles.lookup().findVarHandle(Selection.class, "winner", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /** Case numbers in the order in which they are looked at; of use to the selecting thread. */
    public final int[] poll;

    /** Case numbers in the order in which their channels are locked; likewise. */
    public final int[] locks;

    private final Thread thread;
    private final @Nullable G g;

    /** One for each case, made when first needed. The thread waits on the first. */
    private @Nullable CaseWaiter[] waiters;

    private volatile int winner = OPEN;
    private boolean timerLoose;
    private long random;

    /** A selection by the calling thread, with room for two cases. */
    public Selection() {
        this(Thread.currentThread(), 2);
    }

    private Selection(Thread thread, int cases) {
        this.thread = thread;
        this.g = G.current(thread);
        this.random = ThreadLocalRandom.current().nextLong() | 1;
        poll = new int[cases];
        locks = new int[cases];
        waiters = new @Nullable CaseWaiter[1];
    }

    /**
     * A selection for the calling thread with room for {@code cases}, possibly one that it used
     * before. If it waits it must go back by {@link #release}.
     */
    public static Selection of(int cases) {
        Thread t = Thread.currentThread();
        G g = G.current(t);
        if (g == null) {
            return new Selection(t, cases);
        }
        Selection s = g.selection;
        if (s == null || s.poll.length < cases) {
            s = new Selection(t, Math.max(cases, 2));
            if (cases <= KEPT_CASES) {
                g.selection = s;
            }
        }
        return s;
    }

    /** A random number from 0 to below {@code bound}, for the selecting thread. */
    public int random(int bound) {
        long x = random; // xorshift64: 32 bits of it, scaled
        x ^= x << 13;
        x ^= x >>> 7;
        x ^= x << 17;
        random = x;
        return (int) (((x >>> 32) * bound) >>> 32);
    }

    /**
     * Says that the selection, which has its waiters, is now going to wait. Until {@link #release}
     * it is this select's alone, even if an error should keep it from coming back.
     */
    public void begin() {
        G g = this.g;
        if (g != null && g.selection == this) {
            g.selection = null;
        }
    }

    /** Makes the waiters of the first {@code n} cases of {@link #poll}, unless they are there. */
    public void reserve(int n) {
        waiter(0); // on which the thread waits
        for (int k = 0; k < n; k++) {
            waiter(poll[k]);
        }
    }

    /** Tries to decide the select; true for one caller only. */
    public boolean tryWin(int who) {
        return winner == OPEN && WINNER.compareAndSet(this, OPEN, who);
    }

    /** Who has won. */
    public int winner() {
        return winner;
    }

    /** Ends the wait; called once, by the winner, after it has released its lock. */
    public void wake() {
        waiter(0).ready();
    }

    /** The waiter of the case with number {@code index}. */
    public CaseWaiter waiter(int index) {
        if (index >= waiters.length) {
            waiters = Arrays.copyOf(waiters, Math.max(index + 1, poll.length));
        }
        CaseWaiter w = waiters[index];
        if (w == null) {
            w = new CaseWaiter(thread, g, this, index);
            waiters[index] = w;
        }
        return w;
    }

    /**
     * Waits until there is a winner.
     *
     * @param deadline on {@link Clock}; {@code Long.MAX_VALUE} for none
     * @return the winner; {@link #CANCELLED} if the thread was interrupted first, with the status
     *     cleared
     */
    public int await(WaitReason reason, Object on, long deadline) {
        Waiter parked = waiter(0);
        if (deadline != Long.MAX_VALUE) {
            Timers.start(this, deadline);
        }
        if (!parked.await(reason, on) && !tryWin(CANCELLED)) {
            // somebody has won in between; the caller's next wait sees the interrupt
            parked.awaitUninterruptibly(reason, on);
            thread.interrupt();
        }
        int w = winner;
        if (deadline != Long.MAX_VALUE && w != TIMEOUT) {
            timerLoose = !Timers.stop(this);
        }
        return w;
    }

    /** The channels that it waits on, each once, for dumps: from any thread, as it sees them. */
    public List<Object> channels() {
        List<Object> channels = new ArrayList<>();
        for (CaseWaiter w : waiters) {
            Object ch = w == null ? null : w.channel;
            if (ch != null && !channels.contains(ch)) {
                channels.add(ch);
            }
        }
        return channels;
    }

    /** Ends the use of a selection that has waited with the waiters of {@code cases} cases. */
    public void release(int cases) {
        G g = this.g;
        if (g == null || timerLoose || poll.length > KEPT_CASES) {
            return;
        }
        for (int i = Math.min(Math.max(cases, 1), waiters.length); --i >= 0; ) {
            CaseWaiter w = waiters[i];
            if (w != null) {
                w.channel = null;
                w.clear();
            }
        }
        WINNER.setOpaque(this, OPEN);
        g.selection = this;
    }

    @Override
    protected void fire(long now) {
        if (tryWin(TIMEOUT)) {
            wake();
        }
    }
}
