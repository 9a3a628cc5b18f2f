package dev.jenny.cli.tools;

import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The two words {@code [PID] WHAT}: the pid may be left out when only one program runs. */
record Target(@Nullable Long pid, String what) {
    static Target of(
            List<String> words,
            String expected,
            Function<String, ? extends RuntimeException> usageError) {
        if (words.isEmpty()) {
            throw usageError.apply("missing " + expected);
        }
        if (words.size() == 1) {
            return new Target(null, words.get(0));
        }
        if (words.size() > 2) {
            throw usageError.apply("unexpected '" + words.get(2) + "'");
        }
        String pid = words.get(0);
        if (!pid.matches("\\d{1,18}")) {
            throw usageError.apply("'" + pid + "' is not a pid");
        }
        return new Target(Long.valueOf(pid), words.get(1));
    }
}
