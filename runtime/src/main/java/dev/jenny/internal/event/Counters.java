package dev.jenny.internal.event;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What one P has done since it was made. Always on.
 *
 * <p>Written by the M that holds the P, without fences; read by anyone, at any time. A sum over Ps
 * is not a picture of one instant.
 */
public final class Counters {
    /** Of so many times that a goroutine becomes runnable, one is measured. A power of two. */
    public static final int SAMPLE = 128;

    /** Room for so many wait reasons; the last place is for JDK code and for no wait at all. */
    public static final int REASONS = 32;

    private static final AtomicLong WAKEUPS = new AtomicLong();
    private static final VarHandle CELL = MethodHandles.arrayElementVarHandle(long[].class);
    private static final VarHandle YIELDS;
    private static final VarHandle STEALS;
    private static final VarHandle IDLES;

    static {
        try {
            var lookup = MethodHandles.lookup();
            YIELDS = lookup.findVarHandle(Counters.class, "yields", long.class);
            STEALS = lookup.findVarHandle(Counters.class, "steals", long.class);
            IDLES = lookup.findVarHandle(Counters.class, "idles", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final int p;
    private long yields;
    private long steals;
    private long idles;
    private volatile long[] stolenFrom = new long[4];
    private final TimeHistogram latency = new TimeHistogram();
    private final long[] waits = new long[REASONS];

    Counters(int p) {
        this.p = p;
    }

    // ---- the M's side ----

    /** A goroutine yielded. */
    public void yielded() {
        YIELDS.setOpaque(this, yields + 1);
    }

    /** The P found nothing to do. */
    public void wentIdle() {
        IDLES.setOpaque(this, idles + 1);
    }

    /** The P took {@code n} goroutines from {@code victim}. */
    public void stole(int victim, int n) {
        STEALS.setOpaque(this, steals + 1);
        long[] from = stolenFrom;
        if (victim >= from.length) {
            try {
                from = Arrays.copyOf(from, Integer.highestOneBit(victim) * 2);
            } catch (OutOfMemoryError e) {
                return; // what has been stolen must run
            }
            stolenFrom = from;
        }
        CELL.setOpaque(from, victim, from[victim] + n);
    }

    /** A sampled goroutine runs, {@code nanos} after it became runnable. */
    public void started(int reason, long nanos) {
        latency.add(nanos);
        int i = reason < 0 || reason >= REASONS ? REASONS - 1 : reason;
        CELL.setOpaque(waits, i, waits[i] + 1);
    }

    /** An M was woken to look for work. By any thread. */
    public static void woke() {
        WAKEUPS.getAndIncrement();
    }

    // ---- the readers' side ----

    /** The P's number. */
    public int p() {
        return p;
    }

    /** How often a goroutine yielded. */
    public long yields() {
        return (long) YIELDS.getOpaque(this);
    }

    /** How often this P took goroutines from another. */
    public long steals() {
        return (long) STEALS.getOpaque(this);
    }

    /** How often this P went idle. */
    public long idles() {
        return (long) IDLES.getOpaque(this);
    }

    /** How many goroutines this P took from P {@code victim}. */
    public long stolenFrom(int victim) {
        long[] from = stolenFrom;
        return victim < from.length ? (long) CELL.getOpaque(from, victim) : 0;
    }

    /**
     * An estimate of how often goroutines that then ran on this P waited for {@code reason}, the
     * number of a {@code WaitReason}: {@value #SAMPLE} for each that was sampled. A negative reason
     * asks for starts after no wait of ours: new goroutines, yields, waits in JDK code.
     */
    public long waits(int reason) {
        int i = reason < 0 || reason >= REASONS ? REASONS - 1 : reason;
        return (long) CELL.getOpaque(waits, i) * SAMPLE;
    }

    /** Times from runnable to running of the sampled goroutines, one in {@value #SAMPLE}. */
    public TimeHistogram latency() {
        return latency;
    }

    /** How often an idle M was woken to look for work. */
    public static long wakeups() {
        return WAKEUPS.get();
    }
}
