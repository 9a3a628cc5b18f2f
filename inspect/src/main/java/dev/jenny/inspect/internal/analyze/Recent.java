package dev.jenny.inspect.internal.analyze;

import java.util.Arrays;
import java.util.Map;

/** The last slices of a P: so that it can be told what ran while somebody stood runnable. */
final class Recent {
    private static final int SIZE = 1 << 11;

    // They grow up to SIZE: a file may name many Ps that hardly do anything.
    private long[] from = new long[8];
    private long[] to = new long[8];
    private int[] site = new int[8];
    private long count;

    void add(long begin, long end, int s) {
        if (count == from.length && count < SIZE) {
            int more = 2 * from.length;
            from = Arrays.copyOf(from, more);
            to = Arrays.copyOf(to, more);
            site = Arrays.copyOf(site, more);
        }
        int i = (int) (count++ % from.length);
        from[i] = begin;
        to[i] = end;
        site[i] = s;
    }

    /** Adds to {@code sums} how long which site ran within a time. */
    void sum(long begin, long end, Map<Integer, Long> sums) {
        for (long k = count - 1; k >= Math.max(0, count - from.length); k--) {
            int i = (int) (k % from.length);
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
