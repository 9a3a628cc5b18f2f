package dev.jenny.inspect.internal.jfr;

import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import jdk.jfr.SettingControl;

/**
 * The setting {@code atLeast} of {@code jenny.GoroutinePark}: {@code 20 ms}, {@code 100 us}, {@code
 * 0}. The recorder's own threshold compares how long an event lasts, and ours last no time.
 */
final class AtLeast extends SettingControl {
    private static final String DEFAULT = "20 ms";
    private static final Pattern FORM = Pattern.compile("\\s*(\\d{1,9})\\s*(ns|us|ms|s|)\\s*");

    private volatile String value = DEFAULT;
    private volatile long nanos = parse(DEFAULT);

    /** The setting as nanoseconds; anything that is not one counts as the default. */
    static long parse(String text) {
        Matcher m = FORM.matcher(text);
        if (!m.matches()) {
            return 20_000_000;
        }
        long unit =
                switch (m.group(2)) {
                    case "us" -> 1_000;
                    case "ms" -> 1_000_000;
                    case "s" -> 1_000_000_000;
                    default -> 1;
                };
        return Long.parseLong(m.group(1)) * unit;
    }

    long nanos() {
        return nanos;
    }

    /** Of several recordings, the one that wants most. */
    @Override
    public String combine(Set<String> values) {
        String least = DEFAULT;
        boolean first = true;
        for (String v : values) {
            if (first || parse(v) < parse(least)) {
                least = v;
                first = false;
            }
        }
        return least;
    }

    @Override
    public void setValue(String value) {
        this.value = value;
        nanos = parse(value);
    }

    @Override
    public String getValue() {
        return value;
    }
}
