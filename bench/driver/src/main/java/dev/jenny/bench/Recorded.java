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

    private static final List<String> BASES = List.of("go", "jdk");

    private final Path file;
    private final String mode;

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
        List<Row> suspects = new ArrayList<>();
        int compared = 0;
        for (Row row : report.rows()) {
            Boolean slower = isSlower(report, row, ratios);
            if (slower != null) {
                compared++;
                if (slower) {
                    suspects.add(row);
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
                            + String.join(", ", suspects.stream().map(Row::label).toList()));
            List<Workload> workloads =
                    Workload.ALL.stream()
                            .filter(w ->
                                    suspects.stream().anyMatch(r -> r.workload().equals(w.name())))
                            .toList();
            Report second = again.measure(workloads);
            for (Row row : suspects) {
                if (!Boolean.FALSE.equals(isSlower(second, row, ratios))) {
                    confirmed.add(describe(report, second, row, ratios));
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

    /** What to compare with: the first that was both recorded and measured. */
    private static @Nullable String base(
            Report report, Row row, Map<String, @Nullable Object> ratios) {
        for (String base : BASES) {
            if (report.ratio(row, "jenny", base) != null && recorded(ratios, row, base) != null) {
                return base;
            }
        }
        return null;
    }

    private static @Nullable Boolean isSlower(
            Report report, Row row, Map<String, @Nullable Object> ratios) {
        String base = base(report, row, ratios);
        Stats now = base == null ? null : report.ratio(row, "jenny", base);
        Stats then = base == null ? null : recorded(ratios, row, base);
        if (now == null || then == null) {
            return null;
        }
        return now.median() > Math.min(then.max(), then.median() * SPREAD) * TOLERANCE;
    }

    private static String describe(
            Report first, Report second, Row row, Map<String, @Nullable Object> ratios) {
        String base = base(first, row, ratios);
        if (base == null) {
            return row.label();
        }
        return row.label()
                + ": jenny / "
                + base
                + " is "
                + cell(first.ratio(row, "jenny", base))
                + " and "
                + cell(second.ratio(row, "jenny", base))
                + ", recorded "
                + cell(recorded(ratios, row, base));
    }

    private static String cell(@Nullable Stats s) {
        return s == null
                ? "–"
                : Format.ratio(s.median())
                        + " ("
                        + Format.ratio(s.min())
                        + "–"
                        + Format.ratio(s.max())
                        + ")";
    }

    private static @Nullable Stats recorded(
            Map<String, @Nullable Object> ratios, Row row, String base) {
        Map<String, @Nullable Object> entry = map(ratios.get(row.label()));
        if (entry.get("jenny/" + base) instanceof List<?> list
                && list.size() == 3
                && list.get(0) instanceof Double median
                && list.get(1) instanceof Double min
                && list.get(2) instanceof Double max) {
            return new Stats(median, min, max);
        }
        return null;
    }

    /** Replaces what this run has measured, and keeps the rest. */
    void write(Report report, Map<String, String> facts) {
        Map<String, @Nullable Object> all = read();
        Map<String, @Nullable Object> recorded = map(all.get(mode));
        Map<String, @Nullable Object> ratios = map(recorded.get("ratios"));
        for (Row row : report.rows()) {
            Map<String, @Nullable Object> entry = map(ratios.get(row.label()));
            for (String base : BASES) {
                Stats s = report.ratio(row, "jenny", base);
                if (s != null) {
                    entry.put("jenny/" + base, List.of(s.median(), s.min(), s.max()));
                }
            }
            if (!entry.isEmpty()) {
                ratios.put(row.label(), entry);
            }
        }
        recorded.put("facts", facts);
        recorded.put("ratios", ratios);
        all.put(mode, recorded);
        Main.save(file, Json.print(all, 3));
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
