package dev.jenny.bench;

import java.util.List;

/** Small charts of cost over size, both logarithmic. */
final class GrowthPlot {
    private static final int WIDTH = 360;
    private static final int HEIGHT = 240;
    private static final int COLUMNS = 2;

    private GrowthPlot() {}

    /**
     * One runtime's line.
     *
     * @param runtime whose
     * @param points pairs of size and cost
     * @param exponent of the law that fits
     */
    record Curve(String runtime, List<double[]> points, double exponent) {}

    /** One picture of several. */
    record Chart(String title, List<Curve> curves) {}

    static String svg(List<Chart> charts) {
        int rows = (charts.size() + COLUMNS - 1) / COLUMNS;
        Svg svg = new Svg(WIDTH * COLUMNS, HEIGHT * rows);
        for (int i = 0; i < charts.size(); i++) {
            draw(svg, charts.get(i), i % COLUMNS * WIDTH, i / COLUMNS * HEIGHT);
        }
        return svg.end();
    }

    private static void draw(Svg svg, Chart chart, int left, int top) {
        double minX = Double.MAX_VALUE;
        double maxX = 0;
        double minY = Double.MAX_VALUE;
        double maxY = 0;
        for (Curve curve : chart.curves) {
            for (double[] p : curve.points) {
                minX = Math.min(minX, p[0]);
                maxX = Math.max(maxX, p[0]);
                minY = Math.min(minY, p[1]);
                maxY = Math.max(maxY, p[1]);
            }
        }
        int x0 = left + 60;
        int x1 = left + WIDTH - 20;
        int y0 = top + HEIGHT - 30;
        int y1 = top + 52;
        Axis x = Axis.log(minX, Math.max(maxX, minX * 2), x0, x1);
        // At least a decade, so that what is constant looks constant.
        double middle = Math.sqrt(minY * maxY);
        Axis y =
                Axis.log(
                        Math.min(minY, middle / 3.2) / 1.2,
                        Math.max(maxY, middle * 3.2) * 1.2,
                        y0,
                        y1);
        svg.text(left + 14, top + 20, "title", "start", chart.title);
        int legend = left + 14;
        for (Curve curve : chart.curves) {
            String label =
                    curve.runtime
                            + (Double.isNaN(curve.exponent)
                                    ? ""
                                    : " " + ScaleCommand.law(curve.exponent));
            svg.dot(legend + 4, top + 36, 4, curve.runtime);
            svg.text(legend + 13, top + 40, "label", "start", label);
            legend += 30 + label.length() * 7;
        }
        for (double tick : y.ticks()) {
            svg.line(x0, y.at(tick), x1, y.at(tick), "grid");
            svg.text(x0 - 6, y.at(tick) + 4, "note", "end", number(tick));
        }
        Curve longest = chart.curves.get(0);
        for (Curve curve : chart.curves) {
            longest = curve.points.size() > longest.points.size() ? curve : longest;
        }
        for (double[] p : longest.points) {
            svg.line(x.at(p[0]), y0, x.at(p[0]), y1, "grid");
            svg.text(x.at(p[0]), y0 + 16, "note", "middle", ScaleCommand.count((long) p[0]));
        }
        for (Curve curve : chart.curves) {
            svg.path(
                    curve.points.stream().map(p -> new double[] {x.at(p[0]), y.at(p[1])}).toList(),
                    curve.runtime);
            for (double[] p : curve.points) {
                svg.dot(x.at(p[0]), y.at(p[1]), 3.5, curve.runtime);
            }
        }
    }

    private static String number(double x) {
        return x >= 1000 ? ScaleCommand.count(Math.round(x)) : RatioPlot.label(x);
    }
}
