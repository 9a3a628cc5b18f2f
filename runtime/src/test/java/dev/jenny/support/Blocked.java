package dev.jenny.support;

import static dev.jenny.support.Eventually.eventually;

import dev.jenny.Goroutine;
import java.util.concurrent.locks.LockSupport;

/** Waits until a thread waits: its waiters then stand in their queues. */
public final class Blocked {
    private Blocked() {}

    /** Waits until {@code g} is blocked in a primitive of Jenny's. */
    public static void blocked(Goroutine g) {
        blocked(g.thread());
    }

    /** Waits until {@code t} is blocked in a primitive of Jenny's. */
    public static void blocked(Thread t) {
        eventually(() -> {
            Object blocker = LockSupport.getBlocker(t);
            return blocker != null && blocker.getClass().getName().startsWith("dev.jenny.");
        });
    }
}
