package dev.jenny.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Something that {@code ./jenny bench tools} measures.
 *
 * @param name its name in the results
 * @param title what it is
 * @param workloads by runtime, for those that have such a thing
 * @param ops how many goroutines, round trips or clients
 * @param warmOps so many in the warm-up; 0 for as many
 * @param warmUpMillis how long the warm-up goes on; one round in any case
 * @param rounds rounds of each process
 * @param megabytes the heap of a JVM, and about what Go needs
 * @param figures what goes into the table
 */
record ToolsCase(
        String name,
        String title,
        Map<String, String> workloads,
        long ops,
        long warmOps,
        int warmUpMillis,
        int rounds,
        int megabytes,
        List<Figure> figures) {
    /** How a figure is written. */
    enum Unit {
        SECONDS,
        MILLIS,
        BYTES,
        COUNT,
        PLAIN
    }

    /**
     * A line of the table.
     *
     * @param key the figure's name in the results
     * @param title what it is, behind the title of its case
     * @param unit how it is written
     */
    record Figure(String key, String title, Unit unit) {}

    private static final Figure TIME = new Figure("took_ns", "time", Unit.SECONDS);
    private static final Figure FIRST = new Figure("first_ns", "the first one", Unit.SECONDS);
    private static final Figure STALL = new Figure("stall_ns", "stall", Unit.MILLIS);
    private static final Figure SIZE = new Figure("bytes", "size", Unit.BYTES);
    private static final Figure GOROUTINES =
            new Figure("goroutines", "goroutines in it", Unit.COUNT);

    static final List<ToolsCase> ALL =
            List.of(
                    new ToolsCase(
                            "profile-100k",
                            "Profile of 100,000 parked, grouped",
                            withDump("tools-profile"),
                            100_000,
                            0,
                            0,
                            3,
                            1000,
                            List.of(TIME, FIRST, STALL)),
                    new ToolsCase(
                            "profile-1m",
                            "Profile of 1,000,000 parked, grouped",
                            onGoAndJenny("tools-profile"),
                            1_000_000,
                            0,
                            0,
                            3,
                            4000,
                            List.of(TIME, FIRST, STALL)),
                    new ToolsCase(
                            "text-1m",
                            "Text of 1,000,000 parked, one by one",
                            withDump("tools-text"),
                            1_000_000,
                            0,
                            0,
                            1,
                            4000,
                            List.of(TIME, STALL, SIZE, GOROUTINES)),
                    new ToolsCase(
                            "leaks-1m",
                            "Proof of 1,000,000 leaks",
                            onGoAndJenny("tools-leaks"),
                            1_000_000,
                            10_000,
                            0,
                            1,
                            4000,
                            List.of(TIME, STALL)),
                    new ToolsCase(
                            "tracing",
                            "Ping-pong while traced",
                            onGoAndJenny("tools-tracing"),
                            500_000,
                            0,
                            2000,
                            5,
                            1000,
                            List.of(
                                    new Figure("ratio", "times as long", Unit.PLAIN),
                                    new Figure(
                                            "bytes_per_round_trip",
                                            "bytes a round trip",
                                            Unit.PLAIN),
                                    new Figure("bytes_per_event", "bytes an event", Unit.PLAIN),
                                    new Figure("lost_percent", "% of events lost", Unit.PLAIN))),
                    new ToolsCase(
                            "dashboards-200",
                            "200 dashboards on a busy program",
                            Map.of("jenny", "tools-dashboards"),
                            200,
                            10,
                            0,
                            2,
                            1000,
                            List.of(
                                    new Figure("cores", "CPUs of the tools' threads", Unit.PLAIN),
                                    new Figure(
                                            "least_samples",
                                            "samples in 5 s, the client with the fewest",
                                            Unit.COUNT))));

    private static Map<String, String> onGoAndJenny(String workload) {
        return Map.of("go", workload, "jenny", workload);
    }

    /** The JDK has one kind of dump, which says of each thread what it does. */
    private static Map<String, String> withDump(String workload) {
        return Map.of("go", workload, "jdk", "tools-dump", "jenny", workload);
    }

    /** What was measured, in Markdown: medians and ranges. */
    static String table(Results results, List<Contestant> contestants) {
        List<List<String>> table = new ArrayList<>();
        List<String> head = new ArrayList<>(List.of("median (range)"));
        contestants.forEach(c -> head.add(c.name()));
        table.add(head);
        for (ToolsCase c : ALL) {
            for (Figure f : c.figures) {
                List<String> line = new ArrayList<>(List.of(c.title + ": " + f.title));
                for (Contestant runtime : contestants) {
                    line.add(cell(results, c, f, runtime.name()));
                }
                if (line.stream().skip(1).anyMatch(s -> !s.equals("–"))) {
                    table.add(line);
                }
            }
        }
        return Report.markdown(table);
    }

    private static String cell(Results results, ToolsCase c, Figure f, String runtime) {
        // The JDK's one dump of the million is not taken twice.
        boolean same = runtime.equals("jdk") && c.name.equals("profile-1m");
        Stats stats = results.stats(same ? "text-1m" : c.name, f.key, runtime);
        return stats == null ? "–" : text(f.unit, stats);
    }

    private static String text(Unit unit, Stats s) {
        return switch (unit) {
            case SECONDS -> range(s, 1e9, " s");
            case MILLIS -> range(s, 1e6, " ms");
            case BYTES -> range(s, 1e6, " MB");
            case COUNT, PLAIN -> range(s, 1, "");
        };
    }

    private static String range(Stats s, double by, String unit) {
        String min = Format.short2(s.min() / by);
        String max = Format.short2(s.max() / by);
        String range = min.equals(max) ? "" : " (" + min + "–" + max + ")";
        return Format.short2(s.median() / by) + unit + range;
    }
}
