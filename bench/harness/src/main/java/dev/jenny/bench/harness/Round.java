package dev.jenny.bench.harness;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What one round is to do, and what came of it. Used by one thread. */
public final class Round {
    private final long wanted;
    private long ops;
    private long started;
    private long elapsed;
    private double nsPerOp = Double.NaN;
    private @Nullable String failure;
    private final Map<String, Double> metrics = new LinkedHashMap<>();

    public Round(long ops) {
        this.wanted = ops;
        this.ops = ops;
    }

    /** How many operations are wanted. */
    public long ops() {
        return ops;
    }

    /** A second parameter of the workload: {@code BENCH_SIZE} in the environment. */
    public int size() {
        String size = System.getenv("BENCH_SIZE");
        return size == null ? 1 : Integer.parseInt(size);
    }

    /**
     * For a workload with {@code n} equal parts: how many operations each part does, at least one.
     * Sets {@link #ops} to what that is in total.
     */
    public int share(int n) {
        long each = Math.max(1, wanted / n);
        ops = each * n;
        return Math.toIntExact(each);
    }

    /** The greatest power of ten that is not more than what is wanted; sets {@link #ops} to it. */
    public int powerOfTen() {
        int n = 1;
        while (n <= wanted / 10) {
            n *= 10;
        }
        ops = n;
        return n;
    }

    /**
     * How often to do the whole thing, so that there is enough to measure: for workloads whose
     * {@link #ops} is their size. Sets {@link #ops} to what that is in total.
     */
    public int repeats() {
        int times = (int) Math.max(1, 20_000 / wanted);
        ops = wanted * times;
        return times;
    }

    /** Measures from here instead of from the start of the round. */
    public void start() {
        started = System.nanoTime();
    }

    /** Measures up to here instead of up to the end of the round. Adds up if there are several. */
    public void stop() {
        elapsed += System.nanoTime() - started;
    }

    /** Sets the result instead of having it calculated from the time and {@link #ops}. */
    public void nsPerOp(double ns) {
        nsPerOp = ns;
    }

    /** Something else that was measured. */
    public void metric(String name, double value) {
        metrics.put(name, value);
    }

    /** Something else that was counted; up to 2^53. */
    public void metric(String name, long value) {
        metrics.put(name, (double) value);
    }

    /** Fails the run if the two differ. */
    public void check(String what, long expected, long actual) {
        if (expected != actual && failure == null) {
            failure = what + " is " + actual + " instead of " + expected;
        }
    }

    /** The sum of {@code i & 63} for i from 0 to n-1: what most workloads send. */
    public static long sum63(long n) {
        long rest = n & 63;
        return (n >> 6) * (63 * 64 / 2) + rest * (rest - 1) / 2;
    }

    // --- for Suite ---

    @Nullable String failure() {
        return failure;
    }

    Map<String, Double> metrics() {
        return metrics;
    }

    double result(long t0, long t1) {
        if (!Double.isNaN(nsPerOp)) {
            return nsPerOp;
        }
        return (elapsed != 0 ? elapsed : t1 - (started != 0 ? started : t0)) / (double) ops;
    }
}
