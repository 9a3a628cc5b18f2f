package dev.jenny.bench;

import java.util.ArrayList;
import java.util.List;

/**
 * A workload of the suite; bench/WORKLOADS.md defines what each of them does.
 *
 * @param name the name, as on the command line
 * @param ops operations of a round of the full suite
 * @param quickOps operations of a round with --quick
 * @param kind what is special about it
 * @param what one line for --list
 */
record Workload(String name, long ops, long quickOps, Kind kind, String what) {
    /** What is special about a workload. */
    enum Kind {
        PLAIN,
        /** Another number of operations would be another workload: never fewer on slow runtimes. */
        FIXED,
        /**
         * FIXED, and takes so much memory that the runtimes cannot stay loaded beside each other:
         * each round has a process of its own, with a larger heap.
         */
        HEAVY,
        /** Exists only where there are the JDK's primitives. */
        JDK
    }

    static final List<Workload> ALL =
            List.of(
                    of("pingpong", 1_000_000, 60_000, "round trip over two unbuffered channels"),
                    of("ring", 2_000_000, 100_000, "hop of a token in a ring of 503"),
                    of("spsc-0", 2_000_000, 100_000, "1 producer, 1 consumer, unbuffered"),
                    of("spsc-1", 2_000_000, 150_000, "the same, capacity 1"),
                    of("spsc-128", 8_000_000, 500_000, "the same, capacity 128"),
                    of("mpmc-4x4-0", 2_000_000, 100_000, "4 producers, 4 consumers, unbuffered"),
                    of("mpmc-4x4-128", 4_000_000, 200_000, "the same, capacity 128"),
                    of("mpmc-1000x1000-0", 2_000_000, 100_000, "1,000 and 1,000, unbuffered"),
                    of("pairs-10k-0", 2_000_000, 100_000, "10,000 pairs, each its own channel"),
                    of("pairs-10k-16", 4_000_000, 200_000, "the same, capacity 16"),
                    of("chain-10k", 1_000_000, 100_000, "chain of 10,000, one stage"),
                    of("select-2", 1_000_000, 60_000, "select among 2 unbuffered channels"),
                    of("select-timeout", 1_000_000, 50_000, "select with a timeout, not reached"),
                    of("select-nonblocking", 10_000_000, 500_000, "select with default, 2 empty"),
                    of("select-8", 500_000, 40_000, "select among 8 unbuffered channels"),
                    of("spawn-wg", 1_000_000, 50_000, "start a goroutine; wait for all"),
                    of("spawn-one", 1_000_000, 50_000, "start a goroutine and wait for it"),
                    fixed("skynet-1m", 1_000_000, 100_000, "tree with 1M leaves, per leaf"),
                    fixed("sieve-2000", 2000, 300, "concurrent prime sieve, per prime"),
                    of("mutex-uncontended", 50_000_000, 3_000_000, "lock, unlock"),
                    of("mutex-100", 5_000_000, 500_000, "the same by 100 goroutines"),
                    of("rwmutex-90r", 5_000_000, 300_000, "100 goroutines, 90 % reads"),
                    of("waitgroup-wake", 2_000_000, 100_000, "wake 100 waiters, per waiter"),
                    of("once", 200_000_000, 20_000_000, "Once that is done, by 4 goroutines"),
                    fixed("timers-100k", 100_000, 20_000, "100,000 goroutines sleep 10 ms"),
                    of("timer-startstop", 2_000_000, 100_000, "start and stop a timer of 1 h"),
                    of("after-loop", 1_000_000, 50_000, "select with a fresh timer channel"),
                    of("context-timeout", 1_000_000, 50_000, "context with timeout, cancelled"),
                    of("cancel-tree-1000", 200_000, 20_000, "cancel a tree, per leaf goroutine"),
                    of("yield", 4_000_000, 200_000, "4 goroutines yield"),
                    of("matmul", 20_000, 1_000, "matrix product by 1,000 goroutines, per row"),
                    of("prodcons-work", 200_000, 20_000, "4×4, capacity 128, 1 µs of work each"),
                    heavy("parked-memory", 1_000_000, 100_000, "start goroutines that park"),
                    fixed("wakeup-latency", 500, 20, "wake-up from idle, median"),
                    fixed("echo-1000", 50_000, 3_000, "request over loopback, 1,000 connections"),
                    jdk("jdk-reentrantlock", 5_000_000, 200_000, "ReentrantLock, 100 goroutines"),
                    jdk("jdk-abq", 2_000_000, 100_000, "ArrayBlockingQueue(128), 1 to 1"),
                    jdk("jdk-synchronized", 5_000_000, 200_000, "synchronized, 100 goroutines"));

    /**
     * A second figure that a workload yields.
     *
     * @param workload which workload
     * @param key its name in the runner's output
     * @param label its name in tables
     */
    record Metric(String workload, String key, String label) {
        static final List<Metric> ALL =
                List.of(
                        new Metric("parked-memory", "bytes_per_op", "parked-memory, bytes"),
                        new Metric("wakeup-latency", "p99_ns", "wakeup-latency, p99"),
                        new Metric("echo-1000", "p99_ns", "echo-1000, p99"));
    }

    private static Workload of(String name, long ops, long quickOps, String what) {
        return new Workload(name, ops, quickOps, Kind.PLAIN, what);
    }

    private static Workload fixed(String name, long ops, long quickOps, String what) {
        return new Workload(name, ops, quickOps, Kind.FIXED, what);
    }

    private static Workload heavy(String name, long ops, long quickOps, String what) {
        return new Workload(name, ops, quickOps, Kind.HEAVY, what);
    }

    private static Workload jdk(String name, long ops, long quickOps, String what) {
        return new Workload(name, ops, quickOps, Kind.JDK, what);
    }

    boolean heavy() {
        return kind == Kind.HEAVY;
    }

    /** The workloads with these names; all, if there are none. A name may end in {@code *}. */
    static List<Workload> named(List<String> names) {
        if (names.isEmpty()) {
            return ALL;
        }
        List<Workload> found = new ArrayList<>();
        for (String name : names) {
            boolean any = false;
            for (Workload w : ALL) {
                boolean matches =
                        name.endsWith("*")
                                ? w.name.startsWith(name.substring(0, name.length() - 1))
                                : w.name.equals(name);
                any |= matches;
                if (matches && !found.contains(w)) {
                    found.add(w);
                }
            }
            if (!any) {
                throw new BenchError("no workload '" + name + "': './jenny bench --list' has them");
            }
        }
        return found;
    }
}
