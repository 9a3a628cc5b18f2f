package dev.jenny.internal.event;

import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.LongAdder;

/**
 * How long goroutines and threads have waited for mutexes, altogether; always counted, for it costs
 * a waiter next to nothing. Waits that failed, by an interrupt or a time limit, do not count. For a
 * {@code Mutex}, which looks at the clock anyway, the sum is exact; of the waits for an {@code
 * RWMutex} one in {@value #SAMPLED} is measured, and counted so often.
 */
public final class LockWaits {
    private static final int SAMPLED = 8;
    private static final LongAdder NANOS = new LongAdder();

    private LockWaits() {}

    /** Somebody has a lock for which he waited {@code nanos}. */
    public static void add(long nanos) {
        NANOS.add(nanos);
    }

    /** A wait begins; what it returns is for {@link #end} if it succeeds. */
    public static long begin() {
        return ThreadLocalRandom.current().nextInt(SAMPLED) == 0 ? System.nanoTime() | 1 : 0;
    }

    /** The wait that {@code begin} began has succeeded. */
    public static void end(long begin) {
        if (begin != 0) {
            NANOS.add(Math.max(0, System.nanoTime() - begin) * SAMPLED);
        }
    }

    /** All waits since the JVM's start, in nanoseconds. */
    public static long nanos() {
        return NANOS.sum();
    }
}
