package dev.jenny.inspect.internal.analyze;

import dev.jenny.inspect.internal.model.Times;
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

    /** That it was {@code n} times longer than {@code limit}, {@code nanos} in all. */
    static String together(long n, long limit, long nanos) {
        return n + " times longer than " + Times.text(limit) + ", together " + Times.text(nanos);
    }

    static String count(long n, String what) {
        return n + " " + what + (n == 1 ? "" : "s");
    }
}
