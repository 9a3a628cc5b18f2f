package dev.jenny.bench.harness;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The workloads of one runtime, and the runner's main method.
 *
 * <p>The protocol is in bench/README.md: arguments {@code WORKLOAD OPS ROUNDS WARMUP_MS}, one line
 * of JSON for each round. The environment variable {@code BENCH_STEP=1} makes the runner wait for a
 * line on standard input before the warm-up and before each round, so that the driver can let the
 * runtimes take turns; {@code BENCH_MAX_MS} makes it do fewer operations if the last warm-up round
 * took longer.
 */
public final class Suite {
    /** Runs a workload on the kind of thread that the runtime's main program would have. */
    @FunctionalInterface
    public interface Starter {
        /** Returns when {@code body} has ended; what it threw is thrown. */
        void run(Body body) throws Exception;
    }

    /** What a {@link Starter} runs. */
    @FunctionalInterface
    public interface Body {
        /** Runs. */
        void run() throws Exception;
    }

    private final String runtime;
    private final Starter starter;
    private final Map<String, Workload> workloads = new LinkedHashMap<>();
    private final Map<String, String> unsupported = new LinkedHashMap<>();
    private final Map<String, Limit> limits = new LinkedHashMap<>();

    private record Limit(long ops, String why) {}

    /**
     * @param runtime the name in the results
     */
    public Suite(String runtime, Starter starter) {
        this.runtime = runtime;
        this.starter = starter;
    }

    /** Adds a workload. */
    public Suite add(String name, Workload workload) {
        workloads.put(name, workload);
        return this;
    }

    /** Says of some workloads why this runtime does not run them. */
    public Suite unsupported(String why, String... names) {
        for (String name : names) {
            unsupported.put(name, why);
        }
        return this;
    }

    /** Says why this runtime does not run a workload with more than {@code ops} operations. */
    public Suite unsupportedAbove(long ops, String why, String name) {
        limits.put(name, new Limit(ops, why));
        return this;
    }

    /** Runs what the arguments say and ends the JVM. */
    @SuppressWarnings("SystemExitOutsideMain") // it is the rest of main
    public void main(String[] args) {
        int status = 1;
        try {
            status = run(args);
        } catch (Throwable t) {
            t.printStackTrace();
            System.out.println(
                    line(args.length == 0 ? "?" : args[0])
                            + ",\"check\":"
                            + quote("FAILED " + t)
                            + "}");
        }
        System.out.flush();
        // Goroutines that a failed check has left behind must not keep the process alive.
        Runtime.getRuntime().halt(status);
    }

    private int run(String[] args) throws Exception {
        if (args.length == 1 && args[0].equals("--list")) {
            workloads.keySet().forEach(System.out::println);
            return 0;
        }
        if (args.length != 4) {
            System.err.println("usage: WORKLOAD OPS ROUNDS WARMUP_MS, or --list");
            return 2;
        }
        String name = args[0];
        long ops = Long.parseLong(args[1]);
        int rounds = Integer.parseInt(args[2]);
        long warmup = Long.parseLong(args[3]) * 1_000_000;
        Workload workload = workloads.get(name);
        Limit limit = limits.get(name);
        boolean tooMany = limit != null && ops > limit.ops;
        if (workload == null || tooMany) {
            String why =
                    tooMany
                            ? limit.why
                            : unsupported.getOrDefault(name, "no such workload in this runner");
            System.out.println(line(name) + ",\"unsupported\":" + quote(why) + "}");
            return 0;
        }
        // A goroutine that dies would leave the others waiting for ever.
        Thread.setDefaultUncaughtExceptionHandler((t, e) -> {
            e.printStackTrace();
            System.out.println(line(name) + ",\"check\":" + quote("FAILED " + e) + "}");
            System.out.flush();
            Runtime.getRuntime().halt(1);
        });
        boolean step = "1".equals(System.getenv("BENCH_STEP"));
        awaitTurn(step);
        if ("1".equals(System.getenv("BENCH_USED_HEAP"))) {
            Work.useHeap();
        }
        long full = ops;
        long small = longEnv("BENCH_WARM_OPS", full);
        // Fewer would make the setting up of many goroutines weigh too much.
        long least = full / 4;
        long maxNanos = longEnv("BENCH_MAX_MS", Long.MAX_VALUE / 1_000_000) * 1_000_000;
        // The first round may be so slow that it takes the whole time.
        long leastRounds = longEnv("BENCH_WARM_ROUNDS", 1);
        long begin = System.nanoTime();
        long done = 0;
        do {
            long warm = Math.min(ops, small);
            long t0 = System.nanoTime();
            Round round = once(workload, warm);
            long last = System.nanoTime() - t0;
            if (round.failure() != null) {
                return report(name, round, 0, 0);
            }
            // Up as well as down: at first the code is interpreted, and slow.
            double fitting = (double) warm * maxNanos / last;
            ops = Math.max(1, Math.min(full, Math.max(least, (long) fitting)));
            done++;
        } while (done < leastRounds || System.nanoTime() - begin < warmup);
        if (step) {
            System.out.println("{\"ready\":true}");
        }
        OperatingSystemMXBean os =
                (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        for (int i = 0; i < rounds; i++) {
            awaitTurn(step);
            long cpu0 = os.getProcessCpuTime();
            long t0 = System.nanoTime();
            Round round = once(workload, ops);
            long t1 = System.nanoTime();
            double cpu = (os.getProcessCpuTime() - cpu0) / (double) round.ops();
            int status = report(name, round, round.result(t0, t1), cpu);
            if (status != 0) {
                return status;
            }
        }
        return 0;
    }

    private Round once(Workload workload, long ops) throws Exception {
        Round round = new Round(ops);
        starter.run(() -> workload.run(round));
        return round;
    }

    private int report(String name, Round round, double nsPerOp, double cpuPerOp) {
        StringBuilder json = new StringBuilder(line(name));
        json.append(",\"ops\":").append(round.ops());
        json.append(",\"ns_per_op\":").append(number(nsPerOp));
        json.append(",\"cpu_ns_per_op\":").append(number(cpuPerOp));
        round.metrics()
                .forEach((key, value) ->
                        json.append(",").append(quote(key)).append(":").append(number(value)));
        String failure = round.failure();
        json.append(",\"check\":").append(quote(failure == null ? "ok" : "FAILED " + failure));
        System.out.println(json.append("}"));
        return failure == null ? 0 : 1;
    }

    private String line(String workload) {
        return "{\"runtime\":" + quote(runtime) + ",\"workload\":" + quote(workload);
    }

    private static void awaitTurn(boolean step) throws IOException {
        if (!step) {
            return;
        }
        int c;
        do {
            c = System.in.read();
            if (c < 0) {
                throw new IOException("the driver has gone");
            }
        } while (c != '\n');
    }

    private static long longEnv(String name, long otherwise) {
        String value = System.getenv(name);
        return value == null ? otherwise : Long.parseLong(value);
    }

    private static String number(double x) {
        return String.format(Locale.ROOT, "%.3f", x);
    }

    private static String quote(@Nullable String text) {
        return '"'
                + String.valueOf(text)
                        .replace("\\", "\\\\")
                        .replace("\"", "\\\"")
                        .replaceAll("\\p{Cntrl}", " ")
                + '"';
    }
}
