package dev.jenny.bench.harness;

import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Sequential work that some workloads do between their operations; the same in every runtime. */
public final class Work {
    private static final int MICROSECOND = 500;
    private static final int BLOCK = 1 << 16;

    /** A field, or the compiler would see that nobody uses what is allocated. */
    @SuppressWarnings("UnusedVariable")
    private static volatile byte @Nullable [] garbage;

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

    /**
     * Makes garbage until the young generation has been used twice. The first use of a page costs
     * microseconds in the kernel, and in a heap of gigabytes that would go on for many rounds; a
     * process that has run for a while has it behind it.
     */
    static void useHeap() {
        long enough = 2 * Runtime.getRuntime().maxMemory();
        long before = collections();
        for (long used = 0; used < enough && collections() < before + 2; used += BLOCK) {
            garbage = new byte[BLOCK];
        }
        garbage = null;
    }

    private static long collections() {
        return ManagementFactory.getGarbageCollectorMXBeans().stream()
                .mapToLong(GarbageCollectorMXBean::getCollectionCount)
                .sum();
    }
}
