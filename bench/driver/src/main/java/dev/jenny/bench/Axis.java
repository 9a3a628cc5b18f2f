package dev.jenny.bench;

import java.util.ArrayList;
import java.util.List;

/** Where a number lies in a picture, on a logarithmic scale. */
final class Axis {
    private final double low;
    private final double high;
    private final double from;
    private final double to;

    private Axis(double low, double high, double from, double to) {
        this.low = low;
        this.high = high;
        this.from = from;
        this.to = to;
    }

    static Axis log(double low, double high, double from, double to) {
        return new Axis(low, high, from, to);
    }

    double at(double x) {
        double clipped = Math.min(Math.max(x, low), high);
        return from + Math.log(clipped / low) / Math.log(high / low) * (to - from);
    }

    /** 1, 2 and 5 times powers of ten; only the powers if there would be too many. */
    List<Double> ticks() {
        List<Double> ticks = new ArrayList<>();
        boolean wide = high / low > 2000;
        for (int e = (int) Math.floor(Math.log10(low)); e <= Math.log10(high); e++) {
            for (int m : wide ? new int[] {1} : new int[] {1, 2, 5}) {
                double tick = e < 0 ? m / Math.pow(10, -e) : m * Math.pow(10, e);
                if (tick >= low && tick <= high) {
                    ticks.add(tick);
                }
            }
        }
        return ticks;
    }
}
