package dev.jenny.testing;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.ExtensionConfigurationException;

/**
 * What {@link CheckGoroutines} says of a test, and JUnit's configuration parameters where it says
 * nothing.
 */
record Settings(
        long timeoutMillis,
        long graceMillis,
        Strictness running,
        List<String> allowed,
        Strictness panics) {
    private static final String PREFIX = "jenny.testing.";
    private static final long TIMEOUT_MILLIS = 60_000;
    private static final long GRACE_MILLIS = 1_000;

    /**
     * @param own what stands at the test or its class; null if nothing does
     * @param parameters the configuration parameter of a name
     * @throws ExtensionConfigurationException if a parameter is not as it should be, even one that
     *     {@code own} overrides
     */
    static Settings of(
            @Nullable CheckGoroutines own, Function<String, Optional<String>> parameters) {
        long timeout = millis("timeoutMillis", TIMEOUT_MILLIS, parameters);
        long grace = millis("graceMillis", GRACE_MILLIS, parameters);
        Strictness running = strictness("running", parameters);
        List<String> allowed = names("allowed", parameters);
        Strictness panics = strictness("panics", parameters);
        if (own == null) {
            return new Settings(timeout, grace, running, allowed, panics);
        }
        return new Settings(
                own.timeoutMillis() < 0 ? timeout : own.timeoutMillis(),
                own.graceMillis() < 0 ? grace : own.graceMillis(),
                own.running() == Strictness.DEFAULT ? running : own.running(),
                Stream.concat(allowed.stream(), Arrays.stream(own.allowed())).toList(),
                own.panics() == Strictness.DEFAULT ? panics : own.panics());
    }

    private static long millis(
            String name, long otherwise, Function<String, Optional<String>> parameters) {
        String value = value(name, parameters);
        if (value == null) {
            return otherwise;
        }
        try {
            long millis = Long.parseLong(value);
            if (millis >= 0) {
                return millis;
            }
        } catch (NumberFormatException e) {
            // said below
        }
        throw bad(name, value, "a number of milliseconds, such as " + otherwise + ", or 0");
    }

    private static Strictness strictness(
            String name, Function<String, Optional<String>> parameters) {
        String value = value(name, parameters);
        if (value == null) {
            return Strictness.FAIL;
        }
        for (Strictness s : Strictness.values()) {
            if (s != Strictness.DEFAULT && s.name().equals(value.toUpperCase(Locale.ROOT))) {
                return s;
            }
        }
        throw bad(name, value, "fail, report or ignore");
    }

    /** Separated by commas. */
    private static List<String> names(String name, Function<String, Optional<String>> parameters) {
        String value = value(name, parameters);
        if (value == null) {
            return List.of();
        }
        List<String> names = Arrays.stream(value.split(",", -1)).map(String::strip).toList();
        if (names.contains("")) { // which everything begins with
            throw bad(
                    name,
                    value,
                    "prefixes of functions, separated by commas, such as com.example.Pool.");
        }
        return names;
    }

    /** Null if it is not set. */
    private static @Nullable String value(
            String name, Function<String, Optional<String>> parameters) {
        return parameters.apply(PREFIX + name).map(String::strip).orElse(null);
    }

    private static ExtensionConfigurationException bad(String name, String value, String allowed) {
        return new ExtensionConfigurationException(
                "configuration parameter "
                        + PREFIX
                        + name
                        + " is '"
                        + value
                        + "'; it must be "
                        + allowed);
    }
}
