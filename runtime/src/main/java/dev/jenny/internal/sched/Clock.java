package dev.jenny.internal.sched;

import java.time.Duration;

/** Monotonic time in nanoseconds since the runtime was loaded; never negative. */
public final class Clock {
    private static final long ORIGIN = System.nanoTime();

    /**
     * The time of the monitor's last look, for what needs no better than about 10 ms: it costs one
     * load where {@link #now} costs a call into the kernel's clock page.
     */
    private static volatile long coarse;

    private Clock() {}

    /** The time now. */
    public static long now() {
        return System.nanoTime() - ORIGIN;
    }

    /** What {@link System#nanoTime} was at time {@code t}. */
    static long nanoTime(long t) {
        return t + ORIGIN;
    }

    /** The time now or up to about 10 ms ago. */
    public static long coarse() {
        return coarse;
    }

    /** Refreshes {@link #coarse}; returns the time now. */
    static long tick() {
        long now = now();
        coarse = now;
        return now;
    }

    /** {@code now() + d}, or {@code Long.MAX_VALUE} if that overflows. */
    public static long after(Duration d) {
        return after(nanos(d));
    }

    /** {@code now() + nanos}, or {@code Long.MAX_VALUE} if that overflows. */
    public static long after(long nanos) {
        long when = now() + nanos;
        return when < 0 && nanos > 0 ? Long.MAX_VALUE : when;
    }

    /** {@link #after}, but never {@code Long.MAX_VALUE}, which stands for no deadline at all. */
    public static long deadline(long nanos) {
        return Math.min(after(nanos), Long.MAX_VALUE - 1);
    }

    /** A duration in nanoseconds, clamped to what a long holds. */
    public static long nanos(Duration d) {
        try {
            return d.toNanos();
        } catch (ArithmeticException e) {
            return d.isNegative() ? Long.MIN_VALUE : Long.MAX_VALUE;
        }
    }
}
