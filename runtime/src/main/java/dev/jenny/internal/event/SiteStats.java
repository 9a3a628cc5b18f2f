package dev.jenny.internal.event;

import java.util.concurrent.atomic.AtomicLongArray;
import org.jspecify.annotations.Nullable;

/**
 * What is known of the goroutines of one spawn site: how often they waited and for what, how long
 * they then were runnable before they ran, and where in the program they wait.
 *
 * <p>The counts are of the sampled wake-ups, one in {@link Counters#SAMPLE}.
 */
public final class SiteStats {
    private final AtomicLongArray wakes = new AtomicLongArray(Counters.REASONS);
    private final AtomicLongArray latencies = new AtomicLongArray(Counters.REASONS);
    private final @Nullable WaitStacks[] waits = new @Nullable WaitStacks[Counters.REASONS];

    /** Stats of a site where nothing has happened yet. */
    public SiteStats() {}

    /** A sampled goroutine of this site runs, {@code nanos} after it became runnable. */
    public void started(int reason, long nanos) {
        int i = index(reason);
        wakes.getAndIncrement(i);
        latencies.getAndAdd(i, nanos);
    }

    /**
     * The number of the calling goroutine's stack, which is about to wait for {@code reason} on
     * {@code on}; most often without a look at the stack, see {@link WaitStacks}.
     */
    public int stack(int reason, Object on) {
        int i = index(reason);
        WaitStacks w = waits[i];
        if (w == null) {
            waits[i] = w = new WaitStacks(); // of two that race, one keeps what it saw
        }
        return w.stack(on);
    }

    /** How many sampled wake-ups there were after waits for {@code reason}. */
    public long wakes(int reason) {
        return wakes.get(index(reason));
    }

    /** How long those goroutines were runnable until they ran, in nanoseconds, altogether. */
    public long latencyNanos(int reason) {
        return latencies.get(index(reason));
    }

    private static int index(int reason) {
        return reason < 0 || reason >= Counters.REASONS ? Counters.REASONS - 1 : reason;
    }
}
