package dev.jenny.inspect.internal.analyze;

/**
 * For how long somebody was runnable: up to now, and up to moments that are not long ago. For one
 * thread.
 */
final class Queued {
    private static final int SIZE = 1 << 13;

    /** Sums are kept so far apart, in nanoseconds; between them the time is shared out evenly. */
    private static final long GRAIN = 10_000;

    private final long[] times = new long[SIZE];
    private final long[] sums = new long[SIZE];
    private long count;
    private long now = Long.MIN_VALUE;
    private long sum;

    /** Time goes on to {@code t}; {@code since} is when it last did. */
    void pass(long since, long t, boolean somebody) {
        sum += somebody ? t - since : 0;
        now = t;
        if (count == 0 || t - times[(int) ((count - 1) % SIZE)] >= GRAIN) {
            int i = (int) (count++ % SIZE);
            times[i] = t;
            sums[i] = sum;
        }
    }

    /** Up to now. */
    long sum() {
        return sum;
    }

    /** Up to {@code t}, if up to {@code begin} it was {@code before}. */
    long at(long t, long begin, long before) {
        if (t >= now) {
            return sum;
        }
        if (t <= begin) {
            return before;
        }
        long to = now;
        long after = sum;
        for (long k = count - 1; k >= Math.max(0, count - SIZE); k--) {
            int i = (int) (k % SIZE);
            if (times[i] <= begin) {
                break;
            }
            if (times[i] <= t) {
                return between(times[i], sums[i], to, after, t);
            }
            to = times[i];
            after = sums[i];
        }
        return between(begin, before, to, after, t);
    }

    private static long between(long from, long before, long to, long after, long t) {
        return before + (long) ((double) (t - from) / (to - from) * (after - before));
    }
}
