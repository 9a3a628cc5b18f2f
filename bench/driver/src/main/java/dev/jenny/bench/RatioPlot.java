package dev.jenny.bench;

import dev.jenny.bench.Report.Row;
import java.util.List;
import java.util.Locale;
import java.util.Objects;

/** The ratios as a picture: a line for each workload, a dot for each runtime, on a log scale. */
final class RatioPlot {
    private static final int LEFT = 190;
    private static final int WIDTH = 640;
    private static final int RIGHT = 30;
    private static final int TOP = 70;
    private static final int LINE = 20;

    private RatioPlot() {}

    static String svg(Report report, String subtitle) {
        String base = Objects.requireNonNull(report.base());
        List<String> runtimes = report.runtimes().stream().filter(r -> !r.equals(base)).toList();
        double low = 0.5;
        double high = 2;
        for (Row row : report.rows()) {
            for (String runtime : runtimes) {
                Stats s = report.ratio(row, runtime, base);
                if (s != null) {
                    low = Math.min(low, s.median());
                    high = Math.max(high, s.median());
                }
            }
        }
        Axis axis = Axis.log(low / 1.1, high * 1.1, LEFT, LEFT + WIDTH);
        int height = TOP + report.rows().size() * LINE + 40;
        Svg svg = new Svg(LEFT + WIDTH + RIGHT, height);
        svg.text(10, 20, "title", "start", "Time per operation, compared with " + base);
        svg.text(10, 38, "note", "start", subtitle + "; left of 1 is faster; line: range of Jenny");
        int x = 10;
        for (String runtime : runtimes) {
            svg.dot(x + 5, 53, 4, runtime);
            svg.text(x + 14, 57, "label", "start", runtime);
            x += 30 + runtime.length() * 7;
        }
        int bottom = TOP + report.rows().size() * LINE;
        for (double tick : axis.ticks()) {
            svg.line(axis.at(tick), TOP - 5, axis.at(tick), bottom, tick == 1 ? "one" : "grid");
            svg.text(axis.at(tick), bottom + 16, "note", "middle", label(tick));
        }
        int y = TOP + LINE / 2;
        for (Row row : report.rows()) {
            svg.text(LEFT - 10, y + 4, "label", "end", row.label());
            svg.line(LEFT, y, LEFT + WIDTH, y, "grid");
            Stats jenny = report.ratio(row, "jenny", base);
            if (jenny != null) {
                svg.line(axis.at(jenny.min()), y, axis.at(jenny.max()), y, "range");
            }
            for (int i = runtimes.size() - 1; i >= 0; i--) { // Jenny's on top
                Stats s = report.ratio(row, runtimes.get(i), base);
                if (s != null) {
                    boolean main = runtimes.get(i).equals("jenny");
                    svg.dot(axis.at(s.median()), y, main ? 5 : 3.5, runtimes.get(i));
                }
            }
            y += LINE;
        }
        return svg.end();
    }

    static String label(double x) {
        return x >= 1 ? String.format(Locale.ROOT, "%.0f", x) : Format.significant(x, 2);
    }
}
