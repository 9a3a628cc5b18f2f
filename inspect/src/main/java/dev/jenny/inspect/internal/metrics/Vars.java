package dev.jenny.inspect.internal.metrics;

import dev.jenny.inspect.Metric;
import dev.jenny.inspect.Metric.Histogram;
import dev.jenny.inspect.Metric.Kind;
import dev.jenny.inspect.internal.CommandLine;
import dev.jenny.inspect.internal.Json;
import java.util.List;

/**
 * {@code /debug/vars}, for whatever reads Go's {@code expvar}: {@code cmdline}, {@code memstats},
 * and Jenny's metrics. Of Go's {@code MemStats} there are the fields that a JVM knows, by their
 * names there.
 */
final class Vars {
    private Vars() {}

    static void write(List<Metric> metrics, Json json) {
        json.object().array("cmdline");
        CommandLine.arguments().forEach(json::value);
        json.end().object("memstats");
        long used = JvmMetrics.heapUsed();
        long committed = Math.max(used, JvmMetrics.heapCommitted());
        json.field("Alloc", used)
                .field("TotalAlloc", JvmMetrics.allocated())
                .field("Sys", JvmMetrics.memory())
                .field("HeapAlloc", used)
                .field("HeapSys", committed)
                .field("HeapIdle", committed - used)
                .field("HeapInuse", used)
                .field("OtherSys", JvmMetrics.buffers())
                .field("PauseTotalNs", JvmMetrics.gcPauseNanos())
                .field("NumGC", JvmMetrics.gcCycles())
                .field("NumForcedGC", JvmMetrics.gcForced());
        json.end().object("jenny");
        for (Metric m : metrics) {
            if (m.kind() == Kind.HISTOGRAM) {
                Histogram h = m.histogram();
                json.object(m.name())
                        .field("count", h.count())
                        .field("sum", h.sum())
                        .field("p50", h.quantile(0.5))
                        .field("p99", h.quantile(0.99))
                        .end();
            } else {
                json.field(m.name(), m.value());
            }
        }
        json.end().end();
    }
}
