package dev.jenny.inspect.internal.jfr;

import dev.jenny.internal.event.ChannelOps;
import java.util.Set;
import jdk.jfr.SettingControl;

/** The setting {@code oneIn} of {@code jenny.ChanOp}: of so many operations one is recorded. */
final class OneIn extends SettingControl {
    private static final String DEFAULT = "100";

    /** The JVM has one event type with this setting, and makes one control for it. */
    private static volatile int current = parse(DEFAULT);

    private volatile String value = DEFAULT;

    /** The setting as a number; anything that is not one counts as the default. */
    static int parse(String text) {
        String digits = text.strip();
        int n = digits.matches("\\d{1,7}") ? Integer.parseInt(digits) : 0;
        return n < 1 || n > ChannelOps.MAX ? parse(DEFAULT) : n;
    }

    static int current() {
        return current;
    }

    /** Of several recordings, the one that wants most. */
    @Override
    public String combine(Set<String> values) {
        return String.valueOf(
                values.stream().mapToInt(OneIn::parse).min().orElseGet(() -> parse(DEFAULT)));
    }

    @Override
    public void setValue(String value) {
        this.value = value;
        current = parse(value);
    }

    @Override
    public String getValue() {
        return value;
    }
}
