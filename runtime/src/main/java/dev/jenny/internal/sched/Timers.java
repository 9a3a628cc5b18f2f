package dev.jenny.internal.sched;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.ThreadLocalRandom;

/**
 * All timers of the runtime: a few {@link TimerHeap}s, so that Ps seldom meet at one lock, and one
 * published earliest deadline, so that asking "is anything due?" costs one load.
 *
 * <p>Who fires: every M between two goroutines; the idle M that sleeps until the earliest deadline
 * (the keeper, see {@link Sched}); the monitor, if all Ms are held up. In fallback mode, a thread
 * of its own.
 *
 * <p>Invariant: {@code next} is never later than the earliest timer in any heap, except inside
 * {@link #start}, between the insertion and {@link #lower}. It may be too early after a stop; that
 * costs one look. {@link #runDue} first sets {@code next} to "none", then reads every heap's
 * earliest: an insertion that it does not see in the heap happens after, so its own {@code lower}
 * comes after the reset and stands.
 */
public final class Timers {
    private static final VarHandle NEXT;

    static {
        try {
            NEXT = MethodHandles.lookup().findStaticVarHandle(Timers.class, "next", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private static final TimerHeap[] HEAPS = new TimerHeap[stripes()];
    private static volatile long next = Long.MAX_VALUE;

    static {
        for (int i = 0; i < HEAPS.length; i++) {
            HEAPS[i] = new TimerHeap();
        }
    }

    private Timers() {}

    private static int stripes() {
        int n = Runtime.getRuntime().availableProcessors();
        return Math.min(64, Integer.highestOneBit(Math.max(1, 2 * n - 1)));
    }

    /** Sets {@code t} to fire at {@code when}. It must not be running already. */
    public static void start(TimerNode t, long when) {
        P p = M.currentP();
        if (p == null) {
            Boot.ensure(); // a timed wait may be the first thing that a program does with Jenny
        }
        int hint = p != null ? p.id : ThreadLocalRandom.current().nextInt();
        TimerHeap h = HEAPS[hint & (HEAPS.length - 1)];
        while (!add(h, t, when)) {
            // The JVM's heap is full. Whoever adds a timer may be in a queue already, where a
            // wake-up would look for it, so this must not fail.
            Thread.onSpinWait();
        }
        if (when < next) {
            lower(when);
            Sched.timerAdded(when);
        }
    }

    private static boolean add(TimerHeap h, TimerNode t, long when) {
        h.lock();
        t.heap = h;
        boolean added = h.add(t, when);
        h.unlock();
        return added;
    }

    /**
     * Stops {@code t}.
     *
     * @return true if it had been started and now will not fire; false if it is firing, has fired
     *     or was never started
     */
    public static boolean stop(TimerNode t) {
        TimerHeap h = t.heap;
        if (h == null) {
            return false;
        }
        h.lock();
        boolean running = t.heap == h && t.index >= 0;
        if (running) {
            h.remove(t);
        }
        h.unlock();
        return running;
    }

    /** The earliest deadline, or one before it; {@code Long.MAX_VALUE} if no timer runs. */
    static long next() {
        return next;
    }

    /** How many timers run. */
    public static int count() {
        int n = 0;
        for (TimerHeap h : HEAPS) {
            n += h.size();
        }
        return n;
    }

    /** Fires everything that is due. */
    static void runDue(long now) {
        if (next > now) {
            return;
        }
        next = Long.MAX_VALUE;
        try {
            fireDue(now);
        } catch (Throwable e) {
            lower(now); // of what is left, nobody else would know
            throw e;
        }
        long n = next;
        if (n != Long.MAX_VALUE) {
            Sched.timerAdded(n); // whoever sleeps until the next timer may have looked too early
        }
    }

    private static void fireDue(long now) {
        for (TimerHeap h : HEAPS) {
            while (h.earliest() <= now) {
                h.lock();
                TimerNode t = h.pollDue(now);
                h.unlock();
                if (t == null) {
                    break;
                }
                try {
                    t.fire(now);
                    Hooks.timerFired();
                } catch (Throwable e) {
                    Panics.internal(e); // the other timers are due all the same
                }
            }
            long e = h.earliest();
            if (e != Long.MAX_VALUE) {
                lower(e);
            }
        }
    }

    private static void lower(long when) {
        for (; ; ) {
            long n = next;
            if (n <= when || NEXT.compareAndSet(n, when)) {
                return;
            }
        }
    }
}
