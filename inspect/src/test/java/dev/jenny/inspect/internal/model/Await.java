package dev.jenny.inspect.internal.model;

import dev.jenny.Goroutine;
import dev.jenny.internal.sched.Probe;
import java.time.Duration;
import java.util.function.BooleanSupplier;

/** Waits for things that will come. */
public final class Await {
    private static final long LIMIT = Duration.ofSeconds(20).toNanos();

    private Await() {}

    public static void until(BooleanSupplier condition, String what) {
        long end = System.nanoTime() + LIMIT;
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > end) {
                throw new AssertionError("did not happen: " + what);
            }
            Thread.onSpinWait();
            Thread.yield();
        }
    }

    /** Waits until {@code g} waits. */
    public static Goroutine parked(Goroutine g) {
        until(() -> isParked(g.id()), g + " parks");
        return g;
    }

    /** Waits until {@code g} waits for {@code reason}. */
    public static Goroutine parked(Goroutine g, String reason) {
        parked(g.id(), reason);
        return g;
    }

    /** Waits until goroutine {@code id} waits for {@code reason}. */
    public static void parked(long id, String reason) {
        until(
                () -> {
                    GoroutineInfo i = Model.goroutine(id);
                    return i != null && i.reason().equals(reason) && isParked(id);
                },
                "goroutine " + id + " waits for " + reason);
    }

    private static boolean isParked(long id) {
        Probe.GView v = Probe.goroutine(id);
        if (v == null || v.state() != Probe.State.WAITING) {
            return false;
        }
        Thread.State s = v.thread().getState();
        return s == Thread.State.WAITING
                || s == Thread.State.TIMED_WAITING
                || s == Thread.State.BLOCKED;
    }
}
