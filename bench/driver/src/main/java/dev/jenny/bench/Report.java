package dev.jenny.bench;

import dev.jenny.bench.Workload.Metric;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;

/** Tables and the plot's data from results. */
final class Report {
    /** One line of the tables: a workload's time, or another figure of it. */
    record Row(String label, String workload, String figure) {
        boolean isTime() {
            return figure.equals("ns_per_op");
        }
    }

    private final Results results;
    private final List<String> runtimes; // those in the tables
    private final List<Row> rows = new ArrayList<>();

    /** What the others are compared with: Go; without it, the JDK. Null if there is neither. */
    private final @Nullable String base;

    Report(Results results, List<Workload> workloads, List<String> runtimes) {
        this.results = results;
        this.runtimes =
                runtimes.stream()
                        .filter(r -> results.has(r) && !Contestant.TRACED.contains(r))
                        .toList();
        for (Workload w : workloads) {
            if (!results.samples().containsKey(w.name())) {
                continue;
            }
            rows.add(new Row(w.name(), w.name(), "ns_per_op"));
            for (Metric m : Metric.ALL) {
                if (m.workload().equals(w.name())) {
                    rows.add(new Row(m.label(), w.name(), m.key()));
                }
            }
        }
        base = this.runtimes.contains("go") ? "go" : this.runtimes.contains("jdk") ? "jdk" : null;
    }

    List<Row> rows() {
        return rows;
    }

    List<String> runtimes() {
        return runtimes;
    }

    @Nullable String base() {
        return base;
    }

    @Nullable Stats ratio(Row row, String runtime, String to) {
        return results.ratio(row.workload, row.figure, runtime, to);
    }

    /** The geometric mean over all workloads that both have; NaN if there are none. */
    private double mean(String runtime, String to) {
        return Stats.geometricMean(times(rows, runtime, to));
    }

    private double[] times(List<Row> rows, String runtime, String to) {
        return rows.stream()
                .filter(Row::isTime)
                .map(row -> ratio(row, runtime, to))
                .filter(s -> s != null)
                .mapToDouble(Stats::median)
                .toArray();
    }

    /**
     * Geometric means of the ratios, for each group of workloads, and for all; empty if there is
     * nothing to compare with. Of how many, if a runtime has not all of a group.
     */
    String summary() {
        List<String> others = runtimes.stream().filter(r -> !r.equals(base)).toList();
        if (base == null || others.isEmpty()) {
            return "";
        }
        List<List<String>> table = new ArrayList<>();
        List<String> head = new ArrayList<>(List.of("time, geometric mean"));
        others.forEach(runtime -> head.add(runtime + " / " + base));
        table.add(head);
        for (Group group : Group.values()) {
            List<Row> members = rows.stream().filter(row -> group.has(row.workload)).toList();
            List<String> line = new ArrayList<>();
            long most = 0;
            for (String runtime : others) {
                most = Math.max(most, times(members, runtime, base).length);
            }
            if (most == 0) {
                continue;
            }
            line.add(group.title() + " (" + most + ")");
            for (String runtime : others) {
                double[] times = times(members, runtime, base);
                String of =
                        times.length == 0 || times.length == most ? "" : " (" + times.length + ")";
                line.add(mean(Stats.geometricMean(times)) + of);
            }
            table.add(line);
        }
        List<String> all = new ArrayList<>(List.of("all"));
        others.forEach(runtime -> all.add(mean(mean(runtime, base))));
        table.add(all);
        return markdown(table);
    }

    /** ns/op: the median, and the range of all rounds. */
    String amounts() {
        List<List<String>> table = new ArrayList<>();
        List<String> head = new ArrayList<>(List.of("ns/op: median (min–max)"));
        head.addAll(runtimes);
        table.add(head);
        for (Row row : rows) {
            List<String> line = new ArrayList<>(List.of(row.label));
            for (String runtime : runtimes) {
                Stats s = results.stats(row.workload, row.figure, runtime);
                line.add(s == null ? none(row, runtime) : range(s));
            }
            table.add(line);
        }
        return markdown(table);
    }

    private String none(Row row, String runtime) {
        return results.unsupported(row.workload, runtime) != null ? "n/a" : "–";
    }

    private static String range(Stats s) {
        return Format.amount(s.median())
                + " ("
                + Format.amount(s.min())
                + "–"
                + Format.amount(s.max())
                + ")";
    }

    /** Ratios to Go, and of the JDK to Jenny. */
    String ratios() {
        List<List<String>> table = new ArrayList<>();
        List<String> head = new ArrayList<>(List.of("ratio, median of rounds"));
        List<String> others = runtimes.stream().filter(r -> !r.equals(base)).toList();
        for (String runtime : base == null ? List.<String>of() : others) {
            head.add(runtime + " / " + base);
        }
        List<String> peers =
                runtimes.contains("jenny")
                        ? runtimes.stream()
                                .filter(r -> !r.equals("go") && !r.equals("jenny"))
                                .toList()
                        : List.of();
        for (String peer : peers) {
            head.add(peer + " / jenny");
        }
        if (head.size() == 1) {
            return "";
        }
        table.add(head);
        for (Row row : rows) {
            List<String> line = new ArrayList<>(List.of(row.label));
            if (base != null) {
                for (String runtime : others) {
                    line.add(cell(ratio(row, runtime, base)));
                }
            }
            for (String peer : peers) {
                line.add(cell(ratio(row, peer, "jenny")));
            }
            table.add(line);
        }
        List<String> mean = new ArrayList<>(List.of("geometric mean of ns/op"));
        if (base != null) {
            for (String runtime : others) {
                mean.add(mean(mean(runtime, base)));
            }
        }
        for (String peer : peers) {
            mean.add(mean(mean(peer, "jenny")));
        }
        table.add(mean);
        return markdown(table);
    }

    private static String cell(@Nullable Stats s) {
        return s == null ? "" : Format.ratio(s.median());
    }

    private static String mean(double x) {
        return Double.isNaN(x) ? "" : Format.ratio(x);
    }

    /** What recording events costs, requests per second, and what did not run and why. */
    String notes() {
        StringBuilder notes = new StringBuilder();
        for (Row row : rows) {
            for (String traced : Contestant.TRACED) {
                Stats s = ratio(row, traced, "jenny");
                if (s != null) {
                    notes.append("- ").append(row.label).append(": ").append(traced);
                    notes.append(" / jenny is ").append(Format.range(s)).append(".\n");
                }
            }
        }
        StringJoiner rates = new StringJoiner(", ");
        for (String runtime : runtimes) {
            Stats s = results.stats("echo-1000", "ns_per_op", runtime);
            if (s != null) {
                rates.add(runtime + " " + String.format("%,.0f", 1e9 / s.median()));
            }
        }
        if (rates.length() > 0) {
            notes.append("- echo-1000 in requests/s: ").append(rates).append(".\n");
        }
        for (String runtime : runtimes) {
            Map<String, List<String>> reasons = new java.util.LinkedHashMap<>();
            results.unsupported()
                    .forEach((workload, why) -> {
                        String reason = why.get(runtime);
                        if (reason != null) {
                            reasons.computeIfAbsent(reason, k -> new ArrayList<>()).add(workload);
                        }
                    });
            reasons.forEach((why, names) ->
                    notes.append("- n/a on ")
                            .append(runtime)
                            .append(": ")
                            .append(String.join(", ", names))
                            .append(": ")
                            .append(why)
                            .append(".\n"));
        }
        return notes.toString();
    }

    /** A Markdown table with aligned columns, which is readable as it is, too. */
    static String markdown(List<List<String>> table) {
        int columns = table.get(0).size();
        int[] width = new int[columns];
        for (List<String> line : table) {
            for (int i = 0; i < columns; i++) {
                width[i] = Math.max(Math.max(width[i], 3), line.get(i).length());
            }
        }
        StringBuilder out = new StringBuilder();
        for (int l = 0; l < table.size(); l++) {
            for (int i = 0; i < columns; i++) {
                String cell = table.get(l).get(i);
                String pad = " ".repeat(width[i] - cell.length());
                out.append("| ").append(i == 0 ? cell + pad : pad + cell).append(' ');
            }
            out.append("|\n");
            if (l == 0) {
                for (int i = 0; i < columns; i++) {
                    out.append('|').append("-".repeat(width[i] + 1)).append(i == 0 ? '-' : ':');
                }
                out.append("|\n");
            }
        }
        return out.toString();
    }
}
