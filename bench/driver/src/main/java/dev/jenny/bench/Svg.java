package dev.jenny.bench;

import java.util.List;
import java.util.Locale;

/** Writes an SVG picture that can be read on a light and on a dark page. */
final class Svg {
    /** Colours for series that have none of their own. */
    private static final List<String> SERIES = List.of("s0", "s1", "s2", "s3", "s4", "s5", "s6");

    private static final String STYLE =
            """
            <style>
            text { font: 12px system-ui, sans-serif; fill: #24292f }
            .title { font-size: 15px; font-weight: 600 }
            .note { font-size: 11px; fill: #6e7781 }
            .grid { stroke: #8c959f; stroke-opacity: .25 }
            .one { stroke: #6e7781; stroke-width: 1.5 }
            .range { stroke: #d1242f; stroke-width: 2; stroke-opacity: .6 }
            .fit { stroke-width: 1; stroke-dasharray: 4 3 }
            path { fill: none; stroke-width: 2 }
            .jenny, .s0 { fill: #d1242f; stroke: #d1242f }
            .jenny-fallback, .s1 { fill: #e89a4c; stroke: #e89a4c }
            .jdk, .s2 { fill: #3b82d6; stroke: #3b82d6 }
            .jox, .s3 { fill: #2da44e; stroke: #2da44e }
            .kotlin, .s4 { fill: #a371f7; stroke: #a371f7 }
            .go, .s5 { fill: #12a5b8; stroke: #12a5b8 }
            .s6 { fill: #8a8f3c; stroke: #8a8f3c }
            path.line { fill: none }
            @media (prefers-color-scheme: dark) {
              text { fill: #e6edf3 }
              .note { fill: #9da7b1 }
              .one { stroke: #9da7b1 }
              .range, .jenny, .s0 { stroke: #ff6b6b }
              .jenny, .s0 { fill: #ff6b6b }
            }
            </style>
            """;

    private final StringBuilder out = new StringBuilder();

    Svg(int width, int height) {
        out.append(
                String.format(
                        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\""
                                + " height=\"%d\" role=\"img\">%n",
                        width, height, width, height));
        out.append(STYLE);
    }

    static String series(int i) {
        return SERIES.get(i % SERIES.size());
    }

    void text(double x, double y, String style, String anchor, String text) {
        out.append(
                String.format(
                        Locale.ROOT,
                        "<text x=\"%.1f\" y=\"%.1f\" class=\"%s\" text-anchor=\"%s\">%s</text>%n",
                        x,
                        y,
                        style,
                        anchor,
                        text.replace("&", "&amp;").replace("<", "&lt;")));
    }

    void line(double x1, double y1, double x2, double y2, String style) {
        out.append(
                String.format(
                        Locale.ROOT,
                        "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" class=\"%s\"/>%n",
                        x1,
                        y1,
                        x2,
                        y2,
                        style));
    }

    void dot(double x, double y, double radius, String style) {
        out.append(
                String.format(
                        Locale.ROOT,
                        "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"%.1f\" class=\"%s\"/>%n",
                        x,
                        y,
                        radius,
                        style));
    }

    void path(List<double[]> points, String style) {
        StringBuilder d = new StringBuilder();
        for (double[] p : points) {
            d.append(
                    String.format(
                            Locale.ROOT, "%s%.1f %.1f", d.length() == 0 ? "M" : "L", p[0], p[1]));
        }
        out.append("<path d=\"")
                .append(d)
                .append("\" class=\"line ")
                .append(style)
                .append("\" style=\"fill:none\"/>\n");
    }

    String end() {
        return out.append("</svg>\n").toString();
    }
}
