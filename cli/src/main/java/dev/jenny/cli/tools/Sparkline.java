package dev.jenny.cli.tools;

import java.util.List;

/** A row of small bars. */
final class Sparkline {
    private static final String BARS = "▁▂▃▄▅▆▇█";

    private Sparkline() {}

    /** The last {@code width} values, with 0 at the bottom and the highest at the top. */
    static String of(List<Double> values, int width) {
        List<Double> shown = values.subList(Math.max(0, values.size() - width), values.size());
        double max = shown.stream().mapToDouble(Double::doubleValue).max().orElse(0);
        StringBuilder line = new StringBuilder();
        for (double value : shown) {
            double part = max <= 0 ? 0 : Math.max(0, value) / max;
            line.append(BARS.charAt((int) Math.round(part * (BARS.length() - 1))));
        }
        return line.toString();
    }
}
