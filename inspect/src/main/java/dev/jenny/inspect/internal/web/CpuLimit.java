package dev.jenny.inspect.internal.web;

import dev.jenny.inspect.internal.CpuQuota;
import dev.jenny.inspect.internal.Json;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * How many CPUs the program may use, exactly. Files tell it, and it can be changed while the
 * program runs: it is read again every few seconds, not for each sample.
 */
final class CpuLimit {
    private static final long READ = 5_000_000_000L;

    private final Supplier<@Nullable Double> quota;
    private final int machine;
    private @Nullable Double last;
    private long next = Long.MIN_VALUE;

    /**
     * @param quota reads it; null without a limit
     * @param machine the CPUs of the machine; 0 if that is not known
     */
    CpuLimit(Supplier<@Nullable Double> quota, int machine) {
        this.quota = quota;
        this.machine = machine;
    }

    CpuLimit() {
        this(CpuQuota::read, CpuQuota.machine());
    }

    void write(Json j, long t) {
        if (t >= next) {
            next = t + READ;
            last = quota.get();
        }
        if (last != null) {
            j.field("quota", last);
            if (machine > 0) {
                j.field("machine", machine);
            }
        }
    }
}
