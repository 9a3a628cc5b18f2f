package dev.jenny.bench;

import dev.jenny.bench.Report.Row;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Ratios of an earlier run, to notice what has become slower. Ratios, not times: they mean the same
 * on another machine, more or less. Quick runs and full runs are kept apart.
 */
final class Recorded {
    /** How far beyond the recorded range a ratio may be. */
    private static final double TOLERANCE = 1.3;

    /** How far the end of the recorded range may be from its median: beyond that is a mishap. */
    private static final double SPREAD = 1.5;

    private static final List<Pair> TO_OTHERS =
            List.of(new Pair("jenny", "go"), new Pair("jenny", "jdk"));

    private static final List<Pair> TO_ITSELF =
            Contestant.TRACED.stream().map(traced -> new Pair(traced, "jenny")).toList();

    private final Path file;
    private final String mode;

    /** Two runtimes, the ratio of whose times is recorded. */
    private record Pair(String runtime, String base) {
        @Nullable Stats in(Report report, Row row) {
            return report.ratio(row, runtime, base);
        }

        @Nullable Stats in(Map<String, @Nullable Object> ratios, Row row) {
            if (map(ratios.get(row.label())).get(runtime + "/" + base) instanceof List<?> list
                    && list.size() == 3
                    && list.get(0) instanceof Double median
                    && list.get(1) instanceof Double min
                    && list.get(2) instanceof Double max) {
                return new Stats(median, min, max);
            }
            return null;
        }

        /** Null if it was not recorded, or not measured. */
        @Nullable Boolean isSlower(Report report, Row row, Map<String, @Nullable Object> ratios) {
            Stats now = in(report, row);
            Stats then = in(ratios, row);
            if (now == null || then == null) {
                return null;
            }
            return now.median() > Math.min(then.max(), then.median() * SPREAD) * TOLERANCE;
        }
    }

    /** A ratio that may have become worse. */
    private record Suspect(Row row, Pair pair) {
        @Override
        public String toString() {
            return row.label() + " (" + pair.runtime + " / " + pair.base + ")";
        }
    }

    Recorded(Path file, boolean quick) {
        this.file = file;
        this.mode = quick ? "quick" : "full";
    }

    /** How suspects are looked at again. */
    @FunctionalInterface
    interface Again {
        /** Measures these once more. */
        Report measure(List<Workload> workloads);
    }

    /**
     * Fails if Jenny has become slower in comparison: a ratio beyond the greatest recorded one, of
     * which those far from the median do not count, and a tolerance, in this run and in a second
     * one. What is noise is not so twice.
     */
    void check(Report report, Again again) {
        Map<String, @Nullable Object> recorded = map(read().get(mode));
        Map<String, @Nullable Object> ratios = map(recorded.get("ratios"));
        if (ratios.isEmpty()) {
            throw new BenchError(
                    "--check: "
                            + file
                            + " has no ratios of a "
                            + mode
                            + " run: make them with --record");
        }
        List<Suspect> suspects = new ArrayList<>();
        int compared = 0;
        for (Row row : report.rows()) {
            for (Pair pair : compared(report, row, ratios)) {
                compared++;
                if (Boolean.TRUE.equals(pair.isSlower(report, row, ratios))) {
                    suspects.add(new Suspect(row, pair));
                }
            }
        }
        if (compared == 0) {
            throw new BenchError("--check: nothing to compare: it needs jenny, and go or jdk");
        }
        List<String> confirmed = new ArrayList<>();
        if (!suspects.isEmpty()) {
            System.err.println(
                    "jenny bench --check: slower than recorded, looking again: "
                            + String.join(", ", suspects.stream().map(Suspect::toString).toList()));
            List<Workload> workloads =
                    Workload.ALL.stream()
                            .filter(w ->
                                    suspects.stream()
                                            .anyMatch(s -> s.row.workload().equals(w.name())))
                            .toList();
            Report second = again.measure(workloads);
            for (Suspect s : suspects) {
                if (!Boolean.FALSE.equals(s.pair.isSlower(second, s.row, ratios))) {
                    confirmed.add(describe(report, second, s, ratios));
                }
            }
        }
        if (!confirmed.isEmpty()) {
            throw new BenchError(
                    "slower than recorded, twice:\n  " + String.join("\n  ", confirmed));
        }
        System.err.println(
                "jenny bench --check: "
                        + compared
                        + " ratios are within the recorded range, which ends at "
                        + SPREAD
                        + " times its median, × "
                        + TOLERANCE);
    }

    /** What was both recorded and measured; of the comparisons with others, the first. */
    private static List<Pair> compared(
            Report report, Row row, Map<String, @Nullable Object> ratios) {
        List<Pair> pairs = new ArrayList<>();
        TO_OTHERS.stream()
                .filter(p -> p.isSlower(report, row, ratios) != null)
                .findFirst()
                .ifPresent(pairs::add);
        TO_ITSELF.stream().filter(p -> p.isSlower(report, row, ratios) != null).forEach(pairs::add);
        return pairs;
    }

    private static String describe(
            Report first, Report second, Suspect s, Map<String, @Nullable Object> ratios) {
        return s.row.label()
                + ": "
                + s.pair.runtime
                + " / "
                + s.pair.base
                + " is "
                + cell(s.pair.in(first, s.row))
                + " and "
                + cell(s.pair.in(second, s.row))
                + ", recorded "
                + cell(s.pair.in(ratios, s.row));
    }

    private static String cell(@Nullable Stats s) {
        return s == null ? "–" : Format.range(s);
    }

    /** Replaces what this run has measured, and keeps the rest. */
    void write(Report report, Map<String, String> facts) {
        Map<String, @Nullable Object> all = read();
        Map<String, @Nullable Object> recorded = map(all.get(mode));
        Map<String, @Nullable Object> ratios = map(recorded.get("ratios"));
        for (Row row : report.rows()) {
            Map<String, @Nullable Object> entry = map(ratios.get(row.label()));
            TO_OTHERS.forEach(pair -> put(entry, pair, pair.in(report, row)));
            TO_ITSELF.forEach(pair -> put(entry, pair, pair.in(report, row)));
            if (!entry.isEmpty()) {
                ratios.put(row.label(), entry);
            }
        }
        recorded.put("facts", facts);
        recorded.put("ratios", ratios);
        all.put(mode, recorded);
        Main.save(file, Json.print(all, 3));
    }

    private static void put(Map<String, @Nullable Object> entry, Pair pair, @Nullable Stats s) {
        if (s != null) {
            entry.put(pair.runtime + "/" + pair.base, List.of(s.median(), s.min(), s.max()));
        }
    }

    private Map<String, @Nullable Object> read() {
        if (!Files.exists(file)) {
            return new LinkedHashMap<>();
        }
        try {
            return Json.object(Files.readString(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @SuppressWarnings("unchecked")
    private static Map<String, @Nullable Object> map(@Nullable Object value) {
        return value instanceof Map<?, ?> map
                ? (Map<String, @Nullable Object>) map
                : new LinkedHashMap<>();
    }
}
