package dev.jenny.inspect.internal.analyze;

/** A histogram of times, to 6 %. */
final class Latency {
    private static final int PARTS = 16; // of each power of two

    private final long[] counts = new long[64 * PARTS];
    private long count;
    private long max;

    void add(long nanos) {
        long v = Math.max(0, nanos);
        counts[bucket(v)]++;
        count++;
        max = Math.max(max, v);
    }

    private static int bucket(long v) {
        if (v < PARTS) {
            return (int) v;
        }
        int log = 63 - Long.numberOfLeadingZeros(v);
        int part = (int) (v >>> (log - 4)) & (PARTS - 1);
        return (log - 3) * PARTS + part;
    }

    private static long upper(int bucket) {
        if (bucket < PARTS) {
            return bucket;
        }
        int log = bucket / PARTS + 3;
        return ((long) (PARTS + bucket % PARTS + 1) << (log - 4)) - 1;
    }

    long count() {
        return count;
    }

    long max() {
        return max;
    }

    /** A time that no more than a share {@code 1 - q} of all exceed. */
    long quantile(double q) {
        long rank = (long) Math.ceil(q * count);
        long sum = 0;
        for (int i = 0; i < counts.length; i++) {
            sum += counts[i];
            if (sum >= rank && sum > 0) {
                return Math.min(upper(i), max);
            }
        }
        return 0;
    }
}
