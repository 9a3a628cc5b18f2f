package dev.jenny.inspect.internal.web;

import com.sun.management.GarbageCollectorMXBean;
import com.sun.management.GcInfo;
import dev.jenny.inspect.internal.metrics.JvmMetrics;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Garbage collections, as the JVM's beans tell of them. For one thread at a time. */
final class Collections {
    /** One collection: when it began, and how long it took. */
    record Collection(long t, long nanos, String name) {}

    private final List<GarbageCollectorMXBean> beans = new ArrayList<>();
    private final Map<GarbageCollectorMXBean, Long> seen = new HashMap<>();
    private final long jvmStart = JvmMetrics.collectionsSince();

    Collections() {
        for (var bean : ManagementFactory.getGarbageCollectorMXBeans()) {
            if (bean instanceof GarbageCollectorMXBean b && JvmMetrics.tellsPauses(b.getName())) {
                beans.add(b);
                seen.put(b, b.getCollectionCount());
            }
        }
    }

    /** How many there have been. */
    long count() {
        return JvmMetrics.gcCycles();
    }

    /** The last pause that each collector made, if there was one since the call before. */
    List<Collection> fresh() {
        List<Collection> found = new ArrayList<>();
        for (GarbageCollectorMXBean b : beans) {
            long n = b.getCollectionCount();
            Long before = seen.put(b, n);
            if (before == null || n == before) {
                continue;
            }
            GcInfo info = b.getLastGcInfo();
            if (info != null) {
                long begin = jvmStart + info.getStartTime() * 1_000_000;
                found.add(
                        new Collection(
                                Math.max(0, Moments.of(begin)),
                                info.getDuration() * 1_000_000,
                                b.getName()));
            }
        }
        return found;
    }
}
