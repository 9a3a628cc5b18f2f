package dev.jenny.inspect.internal.analyze;

import java.util.Map;

/** The last slices of a P: so that it can be told what ran while somebody stood runnable. */
final class Recent {
    private static final int SIZE = 1 << 11;

    private final long[] from = new long[SIZE];
    private final long[] to = new long[SIZE];
    private final int[] site = new int[SIZE];
    private long count;

    void add(long begin, long end, int s) {
        int i = (int) (count++ % SIZE);
        from[i] = begin;
        to[i] = end;
        site[i] = s;
    }

    /** Adds to {@code sums} how long which site ran within a time. */
    void sum(long begin, long end, Map<Integer, Long> sums) {
        for (long k = count - 1; k >= Math.max(0, count - SIZE); k--) {
            int i = (int) (k % SIZE);
            if (to[i] <= begin) {
                return; // all others are older
            }
            long d = Math.min(end, to[i]) - Math.max(begin, from[i]);
            if (d > 0) {
                sums.merge(site[i], d, Long::sum);
            }
        }
    }
}
