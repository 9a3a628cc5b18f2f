package dev.jenny.bench;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Locale;

/** Numbers for people. */
final class Format {
    private Format() {}

    /** Without an exponent, with {@code digits} significant digits. */
    static String significant(double x, int digits) {
        return new BigDecimal(x)
                .round(new MathContext(digits))
                .stripTrailingZeros()
                .toPlainString();
    }

    /** ns or bytes: 0.23, 4.1, 286, 12,345. */
    static String amount(double x) {
        if (x < 0.995) {
            return String.format(Locale.ROOT, "%.2f", x);
        }
        if (x < 9.95) {
            return String.format(Locale.ROOT, "%.1f", x);
        }
        return String.format(Locale.ROOT, "%,.0f", x);
    }

    /** Two significant digits and, from 100 on, all before the point: 0.042, 9.7, 97, 39,012. */
    static String short2(double x) {
        return x >= 100 ? String.format(Locale.ROOT, "%,.0f", x) : x == 0 ? "0" : significant(x, 2);
    }

    static String ratio(double x) {
        return String.format(Locale.ROOT, x < 9.995 ? "%.2f" : "%.1f", x);
    }

    /** A ratio, and the range of all rounds. */
    static String range(Stats s) {
        return ratio(s.median()) + " (" + ratio(s.min()) + "–" + ratio(s.max()) + ")";
    }

    static String seconds(long s) {
        return s < 60 ? s + " s" : s / 60 + " min " + s % 60 + " s";
    }
}
