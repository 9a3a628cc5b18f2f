package dev.jenny.inspect.internal.model;

import java.util.Locale;

/** Durations as people read them. */
public final class Times {
    private Times() {}

    /** {@code 12.3s}, {@code 4.57ms}, {@code 2m5s}, {@code 3h12m}, {@code 4d7h}. */
    public static String text(long nanos) {
        if (nanos < 1_000) {
            return nanos + "ns";
        }
        if (nanos < 1_000_000) {
            return number(nanos / 1e3) + "µs";
        }
        if (nanos < 999_500_000) {
            return number(nanos / 1e6) + "ms";
        }
        long s = Math.round(nanos / 1e9);
        if (s < 60) {
            return number(nanos / 1e9) + "s";
        }
        if (s < 3600) {
            return s / 60 + "m" + s % 60 + "s";
        }
        long m = s / 60;
        if (m < 24 * 60) {
            return m / 60 + "h" + m % 60 + "m";
        }
        long h = m / 60;
        return h / 24 + "d" + h % 24 + "h";
    }

    /** Three digits that matter. */
    private static String number(double x) {
        String format = x < 9.995 ? "%.2f" : x < 99.95 ? "%.1f" : "%.0f";
        return String.format(Locale.ROOT, format, x);
    }
}
