package dev.jenny.bench;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code ./jenny bench scale}. */
@Command(
        name = "scale",
        header = "Show how cost grows with size, on Jenny and on Go.",
        synopsisHeading = "%nUsage: ",
        parameterListHeading = "%n",
        optionListHeading = "%nOptions:%n")
final class ScaleCommand implements Runnable {
    /**
     * What grows.
     *
     * @param name its name on the command line
     * @param title what is measured
     * @param workload the runner's workload
     * @param figure which of its figures
     * @param sizes the sizes, in increasing order
     * @param how what a size is
     * @param ops operations of a round, if they are not the size
     */
    record Series(
            String name,
            String title,
            String workload,
            String figure,
            List<Long> sizes,
            How how,
            long ops) {}

    /** What the size of a series is: the number of operations, BENCH_SIZE, or the number of Ps. */
    enum How {
        OPS,
        SIZE,
        PROCS
    }

    private static final List<Long> MEMORY =
            List.of(1_000L, 10_000L, 100_000L, 1_000_000L, 10_000_000L);
    private static final List<Long> WAITERS = List.of(1L, 10L, 100L, 1_000L, 10_000L, 100_000L);
    private static final List<Long> CASES = List.of(1L, 2L, 4L, 8L, 16L, 32L, 64L);
    private static final List<Long> TIMERS = List.of(1_000L, 10_000L, 100_000L, 1_000_000L);
    private static final List<Long> PROCS = List.of(1L, 2L, 4L, 8L);

    private static final List<Series> ALL =
            List.of(
                    parked("parked", "start a goroutine that parks, ns each", "ns_per_op"),
                    parked("parked-bytes", "a parked goroutine, bytes each", "bytes_per_op"),
                    parked("parked-wake", "wake them by close, ns each", "wake_ns_per_op"),
                    new Series(
                            "waiters",
                            "send to one of n waiting receivers, ns",
                            "scale-waiters",
                            "ns_per_op",
                            WAITERS,
                            How.OPS,
                            0),
                    new Series(
                            "dequeue",
                            "a select leaves a queue of n, ns",
                            "scale-dequeue",
                            "ns_per_op",
                            WAITERS,
                            How.OPS,
                            0),
                    new Series(
                            "select",
                            "select among n channels that waits, ns",
                            "scale-select",
                            "ns_per_op",
                            CASES,
                            How.SIZE,
                            200_000),
                    new Series(
                            "timers",
                            "start and stop one of n timers, ns",
                            "scale-timers",
                            "ns_per_op",
                            TIMERS,
                            How.OPS,
                            0),
                    procs("spawn-wg", 500_000),
                    procs("mpmc-4x4-128", 2_000_000),
                    procs("pairs-10k-0", 1_000_000),
                    procs("matmul", 20_000));

    private static Series parked(String name, String title, String figure) {
        return new Series(name, title, "parked-memory", figure, MEMORY, How.OPS, 0);
    }

    private static Series procs(String workload, long ops) {
        return new Series(
                "procs-" + workload,
                workload + " on n Ps, ns per operation",
                workload,
                "ns_per_op",
                PROCS,
                How.PROCS,
                ops);
    }

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Show this help.")
    @SuppressWarnings("UnusedVariable") // picocli acts on it
    private boolean help;

    @Option(names = "--max", paramLabel = "N", description = "Not more than N of anything.")
    private long max = Long.MAX_VALUE;

    @Option(
            names = "--rounds",
            paramLabel = "N",
            defaultValue = "5",
            description = "Rounds for each size (default: 5).")
    private int rounds;

    @Option(
            names = "--runtimes",
            paramLabel = "A,B",
            split = ",",
            defaultValue = "go,jenny",
            description = "Which runtimes (default: go,jenny).")
    private List<String> runtimes = List.of();

    @Option(
            names = "--out",
            paramLabel = "DIR",
            description = "Where scale.md and scale.svg go (default: bench/results).")
    private @Nullable Path out;

    @Option(names = "--json", paramLabel = "FILE", description = "Write all samples there.")
    private @Nullable Path json;

    @Parameters(
            paramLabel = "SERIES",
            description =
                    "Only these: parked, parked-bytes, parked-wake, waiters, dequeue, select,"
                            + " timers, procs-*.")
    private List<String> names = new ArrayList<>();

    @SuppressWarnings("NullAway.Init") // picocli sets the fields
    ScaleCommand() {}

    @Override
    public void run() {
        for (String name : names) {
            if (ALL.stream().noneMatch(s -> s.name.equals(name))) {
                throw new BenchError("no series '" + name + "': './jenny bench scale --help'");
            }
        }
        if (rounds < 1) {
            throw new BenchError("--rounds must be 1 or more");
        }
        Setup setup = new Setup();
        if (out != null) {
            Main.mustBeWritable(out.resolve("scale.md"));
        }
        if (json != null) {
            Main.mustBeWritable(json);
        }
        List<Contestant> contestants = Main.contestants(setup, runtimes);
        setup.build(contestants);
        Map<String, String> facts =
                Machine.facts(
                        setup,
                        contestants,
                        ("./jenny bench scale " + String.join(" ", names)).strip());
        List<Series> wanted =
                ALL.stream().filter(s -> names.isEmpty() || names.contains(s.name)).toList();
        // Series of the same workload come from the same runs.
        Map<String, Results> measured = Collections.synchronizedMap(new LinkedHashMap<>());
        Runnable report =
                () -> {
                    Progress.clear();
                    Map<String, Results> complete;
                    synchronized (measured) {
                        complete = new LinkedHashMap<>(measured);
                    }
                    report(setup, facts, contestants, wanted, complete);
                };
        IfStopped.report(report, () -> measure(setup, contestants, wanted, measured));
        report.run();
        List<String> failures =
                measured.values().stream().flatMap(r -> r.failures().stream()).toList();
        if (!failures.isEmpty()) {
            throw new BenchError(String.join("\n  ", failures));
        }
    }

    private void measure(
            Setup setup,
            List<Contestant> contestants,
            List<Series> wanted,
            Map<String, Results> measured) {
        for (Series s : wanted) {
            for (long size : s.sizes) {
                String key = s.workload + " " + size;
                if (size <= max && !measured.containsKey(key)) {
                    Results results = new Results();
                    measure(setup, contestants, s, size, results);
                    measured.put(key, results);
                }
            }
        }
    }

    private void measure(
            Setup setup, List<Contestant> contestants, Series s, long size, Results results) {
        Progress.show("jenny bench scale: " + s.name + " " + count(size), true);
        boolean parked = s.workload.equals("parked-memory");
        int times = size > 1_000_000 ? 1 : size > 100_000 && parked ? Math.min(rounds, 3) : rounds;
        for (Contestant c : contestants) {
            long heap = 2048;
            if (parked) {
                // G1 copies: half as much again as what lives.
                heap = Math.max(heap, size * 1500 / 1_000_000);
                long need = c.onJvm() ? heap : size * 2700 / 1_000_000;
                if (need > Machine.availableMegabytes() * 9 / 10) {
                    Progress.clear();
                    System.err.printf(
                            "jenny bench scale: %s: %s %s needs about %d MB, %d are free: left out%n",
                            c.name(), count(size), s.name, need, Machine.availableMegabytes());
                    continue;
                }
            }
            List<String> command =
                    new ArrayList<>(
                            c.command(
                                    setup,
                                    heap + "m",
                                    s.how == How.PROCS ? procs(size) : List.of()));
            command.add(s.workload);
            command.add(String.valueOf(s.how == How.OPS ? size : s.ops));
            // What has been used by a round before would not be counted in the next: as in the
            // suite.
            int each = parked ? 1 : times;
            command.add(String.valueOf(each));
            command.add(String.valueOf(warmUp(s, size)));
            Map<String, String> environment = new LinkedHashMap<>();
            if (c.onJvm() && size <= 1_000_000) {
                environment.put("BENCH_USED_HEAP", "1");
            }
            if (parked) {
                environment.put("BENCH_WARM_OPS", String.valueOf(Math.min(size, Session.WARM_OPS)));
            }
            if (s.how == How.SIZE) {
                environment.put("BENCH_SIZE", String.valueOf(size));
            }
            if (s.how == How.PROCS) {
                environment.put("GOMAXPROCS", String.valueOf(size));
            }
            for (int n = 0; n < times; n += each) {
                try (Runner runner = new Runner(command, environment)) {
                    for (int i = -1; i < each; i++) {
                        if (!results.add(s.workload, c.name(), runner.turn())) {
                            n = times;
                            break;
                        }
                    }
                }
            }
        }
    }

    /** Milliseconds. A round among Ps is short, so what is not compiled before it shows in it. */
    private static int warmUp(Series s, long size) {
        if (s.how == How.PROCS) {
            return 3000;
        }
        return size > 1_000_000 ? 0 : 1000;
    }

    /** For whichever runtime it is. */
    private static List<String> procs(long n) {
        return List.of(
                "-Djenny.maxprocs=" + n,
                "-Djdk.virtualThreadScheduler.parallelism=" + n,
                "-Djdk.virtualThreadScheduler.maxPoolSize=" + n,
                "-Dkotlinx.coroutines.scheduler.core.pool.size=" + n,
                "-Dkotlinx.coroutines.scheduler.max.pool.size=" + Math.max(2, n));
    }

    private void report(
            Setup setup,
            Map<String, String> facts,
            List<Contestant> contestants,
            List<Series> wanted,
            Map<String, Results> measured) {
        StringBuilder text = new StringBuilder();
        List<GrowthPlot.Chart> charts = new ArrayList<>();
        for (Series s : wanted) {
            List<List<String>> table = new ArrayList<>();
            List<String> head = new ArrayList<>(List.of(s.title));
            List<GrowthPlot.Curve> curves = new ArrayList<>();
            for (long size : s.sizes) {
                if (measured.containsKey(s.workload + " " + size)) {
                    head.add(count(size));
                }
            }
            head.add("grows as");
            table.add(head);
            for (Contestant c : contestants) {
                List<String> line = new ArrayList<>(List.of(c.name()));
                List<double[]> points = new ArrayList<>();
                for (long size : s.sizes) {
                    Results results = measured.get(s.workload + " " + size);
                    if (results == null) {
                        continue;
                    }
                    Stats stats = results.stats(s.workload, s.figure, c.name());
                    line.add(stats == null ? "–" : Format.amount(stats.median()));
                    if (stats != null && stats.median() > 0) {
                        points.add(new double[] {size, stats.median()});
                    }
                }
                if (points.isEmpty()) {
                    continue;
                }
                double exponent = exponent(points);
                line.add(Double.isNaN(exponent) ? "–" : law(exponent));
                table.add(line);
                curves.add(new GrowthPlot.Curve(c.name(), points, exponent));
            }
            if (!curves.isEmpty()) {
                text.append(Report.markdown(table)).append('\n');
                charts.add(new GrowthPlot.Chart(s.title, curves));
            }
        }
        System.out.print(text);
        if (json != null) { // first: what is in the other files can be made of it
            Map<String, @Nullable Object> all = new LinkedHashMap<>();
            all.put("facts", facts);
            measured.forEach(
                    (workloadAndSize, results) -> all.put(workloadAndSize, results.asJson()));
            Main.save(json, Json.print(all, 3));
        }
        Path folder = out != null ? out : setup.root().resolve("bench/results");
        StringBuilder document = new StringBuilder("# How cost grows\n\n");
        facts.forEach((key, value) ->
                document.append("- ").append(key).append(": ").append(value).append('\n'));
        document.append("\nMedians. The law is the exponent b of cost = a·n^b that fits best, by")
                .append(" least squares on logarithms:\n0 means that the cost of one does not")
                .append(" depend on how many there are, 1 that it grows with their number.\n\n")
                .append("![How cost grows](scale.svg)\n\n")
                .append(text);
        Main.save(folder.resolve("scale.md"), document.toString());
        if (!charts.isEmpty()) {
            Main.save(folder.resolve("scale.svg"), GrowthPlot.svg(charts));
        }
    }

    static String law(double exponent) {
        return String.format(Locale.ROOT, "n^%.2f", exponent == 0 ? 0.0 : exponent);
    }

    /** The slope of the line through the logarithms; NaN for fewer than two points. */
    static double exponent(List<double[]> points) {
        int n = points.size();
        double sx = 0;
        double sy = 0;
        double sxx = 0;
        double sxy = 0;
        for (double[] p : points) {
            double x = Math.log(p[0]);
            double y = Math.log(p[1]);
            sx += x;
            sy += y;
            sxx += x * x;
            sxy += x * y;
        }
        return n < 2 ? Double.NaN : (n * sxy - sx * sy) / (n * sxx - sx * sx);
    }

    static String count(long n) {
        if (n >= 1_000_000 && n % 1_000_000 == 0) {
            return n / 1_000_000 + "M";
        }
        return n >= 1000 && n % 1000 == 0 ? n / 1000 + "k" : String.valueOf(n);
    }
}
