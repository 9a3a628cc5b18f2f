package dev.jenny.inspect.internal.metrics;

import dev.jenny.internal.sched.Probe;
import dev.jenny.internal.sched.Probe.PView;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Counts switches that are no new time slice. The Ps count both modulo 2^32: each look adds what
 * has come since the last one, and is right if that is less than 2^32. Any thread may call.
 */
final class HandOffs {
    private static final HandOffs ALL = new HandOffs(Probe::ps);

    private final Supplier<List<PView>> ps;
    private final Map<Integer, Integer> last = new HashMap<>(); // by P; guarded by this
    private long total; // guarded by this

    HandOffs(Supplier<List<PView>> ps) {
        this.ps = ps;
    }

    /** So far, of all Ps. */
    static long all() {
        return ALL.look();
    }

    synchronized long look() {
        for (PView p : ps.get()) {
            int now = p.switches() - p.slices();
            int before = last.getOrDefault(p.id(), 0);
            // A little below: the two are not read in one instant.
            if (now - before >= 0 || before - now > 1_000_000) {
                total += Integer.toUnsignedLong(now - before);
                last.put(p.id(), now);
            }
        }
        return total;
    }
}
