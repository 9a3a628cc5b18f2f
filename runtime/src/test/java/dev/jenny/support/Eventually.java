package dev.jenny.support;

import static org.assertj.core.api.Assertions.fail;

import java.time.Duration;
import java.util.function.BooleanSupplier;

/** Waits for what other threads bring about, by looking again and again. */
public final class Eventually {
    /** How long anything may take on a machine that is busy with other things. */
    public static final Duration DEADLINE = Duration.ofSeconds(10);

    private Eventually() {}

    /** Waits until {@code condition} holds; fails after {@link #DEADLINE}. */
    public static void eventually(BooleanSupplier condition) {
        long deadline = System.nanoTime() + DEADLINE.toNanos();
        for (int i = 0; !condition.getAsBoolean(); i++) {
            if (System.nanoTime() - deadline > 0) {
                fail("condition did not come true within " + DEADLINE);
            }
            if (i % 16 == 0) {
                Thread.yield();
            } else {
                Thread.onSpinWait();
            }
        }
    }
}
