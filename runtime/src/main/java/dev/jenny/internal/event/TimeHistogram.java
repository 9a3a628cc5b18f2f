package dev.jenny.internal.event;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * Counts of durations in buckets as wide as Go's {@code runtime/metrics} has them: up to 512 ns
 * four equal ones, then four equal ones for each doubling, so a bucket's bounds are 25 % apart at
 * most. Beyond 2<sup>48</sup> ns, about 78 hours, there is one last bucket.
 *
 * <p>One thread adds, anyone reads.
 */
public final class TimeHistogram {
    private static final int MIN_BITS = 9;
    private static final int MAX_BITS = 48;
    private static final int SUB_BITS = 2;
    private static final int SUB = 1 << SUB_BITS;

    /** How many buckets there are, the last one open-ended. */
    public static final int BUCKETS = (MAX_BITS - MIN_BITS + 1) * SUB + 1;

    private static final VarHandle CELL = MethodHandles.arrayElementVarHandle(long[].class);
    private static final VarHandle SUM;

    static {
        try {
            SUM = MethodHandles.lookup().findVarHandle(TimeHistogram.class, "sum", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final long[] counts = new long[BUCKETS];
    private long sum;

    /** An empty histogram. */
    public TimeHistogram() {}

    /** Adds a duration. One thread at a time. */
    public void add(long nanos) {
        int i = bucket(nanos);
        CELL.setOpaque(counts, i, counts[i] + 1);
        SUM.setOpaque(this, sum + Math.max(0, nanos));
    }

    /** The bucket of a duration; a negative one counts as 0. */
    public static int bucket(long nanos) {
        if (nanos < 1 << MIN_BITS) {
            return nanos < 0 ? 0 : (int) (nanos >> (MIN_BITS - SUB_BITS));
        }
        int bits = Long.SIZE - Long.numberOfLeadingZeros(nanos);
        if (bits > MAX_BITS) {
            return BUCKETS - 1;
        }
        int sub = (int) (nanos >> (bits - 1 - SUB_BITS)) & (SUB - 1);
        return (bits - MIN_BITS) * SUB + sub;
    }

    /** The least duration, in nanoseconds, that falls into bucket {@code i}. */
    public static long lowerBound(int i) {
        if (i < SUB) {
            return (long) i << (MIN_BITS - SUB_BITS);
        }
        int bits = i / SUB + MIN_BITS;
        return (long) (SUB + i % SUB) << (bits - 1 - SUB_BITS);
    }

    /** The number of durations in bucket {@code i}. */
    public long count(int i) {
        return (long) CELL.getOpaque(counts, i);
    }

    /** The sum of all durations, in nanoseconds. */
    public long sum() {
        return (long) SUM.getOpaque(this);
    }

    /** Adds the counts of all buckets to {@code into}, of length {@link #BUCKETS}. */
    public void addTo(long[] into) {
        for (int i = 0; i < BUCKETS; i++) {
            into[i] += count(i);
        }
    }

    /**
     * The duration that a fraction {@code q} of the counted ones do not exceed, in nanoseconds, to
     * the precision of a bucket; 0 if nothing was counted.
     */
    public static long quantile(long[] counts, double q) {
        long total = 0;
        for (long c : counts) {
            total += c;
        }
        if (total == 0) {
            return 0;
        }
        long rank = (long) Math.ceil(q * total);
        long seen = 0;
        for (int i = 0; i < counts.length; i++) {
            seen += counts[i];
            if (seen >= rank && counts[i] > 0) {
                return i + 1 < counts.length ? lowerBound(i + 1) : lowerBound(i);
            }
        }
        return lowerBound(counts.length - 1);
    }
}
