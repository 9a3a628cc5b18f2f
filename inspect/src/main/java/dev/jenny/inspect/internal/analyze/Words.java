package dev.jenny.inspect.internal.analyze;

import java.util.Locale;

/** What the rules say alike. */
final class Words {
    private static final long MAIN = 1;

    private Words() {}

    static String name(G g) {
        return g.id == MAIN ? "Goroutine 1 (main)" : "Goroutine " + g.id;
    }

    static String percent(double share) {
        return String.format(Locale.ROOT, share < .0995 ? "%.1f %%" : "%.0f %%", share * 100);
    }

    static String count(long n, String what) {
        return n + " " + what + (n == 1 ? "" : "s");
    }
}
