package dev.jenny.support;

import dev.jenny.GoRuntime;
import org.junit.jupiter.api.Assumptions;

/** Which of Jenny's two modes the test runs in. */
public final class Mode {
    private Mode() {}

    /** True on Jenny's own scheduler. */
    public static boolean isCustom() {
        return GoRuntime.mode().equals("custom");
    }

    /** Skips the test in fallback mode, because only Jenny's own scheduler does {@code what}. */
    public static void assumeCustom(String what) {
        Assumptions.assumeTrue(isCustom(), () -> "custom mode only: " + what);
    }
}
