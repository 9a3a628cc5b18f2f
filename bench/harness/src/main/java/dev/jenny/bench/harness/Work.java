package dev.jenny.bench.harness;

import java.util.Arrays;

/** Sequential work that some workloads do between their operations; the same in every runtime. */
public final class Work {
    private static final int MICROSECOND = 500;

    private Work() {}

    /**
     * About 1 µs on a 3 GHz CPU: a chain of dependent shifts, which no compiler shortens. The same
     * number of steps everywhere.
     */
    public static long microsecond(long seed) {
        long x = seed | 1;
        for (int i = 0; i < MICROSECOND; i++) {
            x ^= x << 13;
            x ^= x >>> 7;
            x ^= x << 17;
        }
        return x;
    }

    /** The first {@code n} primes. */
    public static int[] primes(int n) {
        int limit = n < 6 ? 15 : (int) (n * (Math.log(n) + Math.log(Math.log(n)))) + 1;
        boolean[] composite = new boolean[limit + 1];
        int[] primes = new int[n];
        int count = 0;
        for (int i = 2; count < n; i++) {
            if (composite[i]) {
                continue;
            }
            primes[count++] = i;
            for (long j = (long) i * i; j <= limit; j += i) {
                composite[(int) j] = true;
            }
        }
        return primes;
    }

    /** Sorts and reports p50 and p99 of {@code latencies}, in ns. */
    public static void percentiles(Round round, long[] latencies) {
        Arrays.sort(latencies);
        round.metric("p50_ns", (double) latencies[latencies.length / 2]);
        round.metric("p99_ns", (double) latencies[(int) (latencies.length * 0.99)]);
    }

    /** Bytes of live objects, after a collection. */
    public static long liveBytes() {
        Runtime runtime = Runtime.getRuntime();
        System.gc();
        return runtime.totalMemory() - runtime.freeMemory();
    }
}
