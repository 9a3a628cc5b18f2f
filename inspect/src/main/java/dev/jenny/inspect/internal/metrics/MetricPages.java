package dev.jenny.inspect.internal.metrics;

import dev.jenny.inspect.Metric;
import dev.jenny.inspect.Metric.Histogram;
import dev.jenny.inspect.Metric.Kind;
import dev.jenny.inspect.Metrics;
import dev.jenny.inspect.internal.Json;
import dev.jenny.inspect.internal.http.Server;
import java.io.IOException;
import java.util.List;
import java.util.Locale;

/**
 * {@code /metrics} for Prometheus, {@code /api/v1/metrics} as JSON, and {@code /debug/vars} as Go's
 * {@code expvar} has it.
 */
public final class MetricPages {
    /** The type of Prometheus' text format. */
    static final String PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8";

    /** Neighbouring buckets of a histogram are put together, to have not more than so many. */
    private static final double FACTOR = 4;

    /** Beyond so many seconds there is one last bucket. */
    private static final double LARGEST = 100;

    private MetricPages() {}

    /** Registers the pages. */
    public static void register(Server server) {
        server.register(
                "/metrics",
                (request, response) ->
                        prometheus(Metrics.all(), response.type(PROMETHEUS).writer()));
        server.register(
                "/api/v1/metrics", (request, response) -> json(Metrics.all(), response.json()));
        server.register(
                "/debug/vars",
                (request, response) -> {
                    request.allow();
                    Vars.write(Metrics.all(), response.json());
                });
    }

    /** {@code /sched/latencies:seconds} becomes {@code jenny_sched_latencies_seconds}. */
    static String prometheusName(Metric metric) {
        String path = metric.name();
        String name =
                (path.startsWith("/jenny/") ? path.substring(1) : "jenny" + path)
                        .replaceAll("[^A-Za-z0-9_]", "_");
        return metric.kind() == Kind.COUNTER ? name + "_total" : name;
    }

    /** Writes {@code metrics} in Prometheus' text format. */
    static void prometheus(List<Metric> metrics, Appendable out) throws IOException {
        for (Metric m : metrics) {
            String name = prometheusName(m);
            String help = m.description() + " " + m.advice();
            out.append("# HELP " + name + " " + escape(help) + "\n");
            out.append("# TYPE " + name + " " + m.kind().name().toLowerCase(Locale.ROOT) + "\n");
            if (m.kind() == Kind.HISTOGRAM) {
                histogram(name, m.histogram(), out);
            } else {
                out.append(name + " " + number(m.value()) + "\n");
            }
        }
    }

    private static void histogram(String name, Histogram h, Appendable out) throws IOException {
        double[] bounds = h.bounds();
        long[] counts = h.counts();
        long seen = 0;
        double next = 0;
        for (int i = 0; i < counts.length; i++) {
            seen += counts[i];
            double upper = bounds[i + 1];
            if (upper >= next && upper <= LARGEST) {
                out.append(name + "_bucket{le=\"" + number(upper) + "\"} " + seen + "\n");
                next = upper * FACTOR * (1 - 1e-9);
            }
        }
        out.append(name + "_bucket{le=\"+Inf\"} " + seen + "\n");
        out.append(name + "_sum " + number(h.sum()) + "\n");
        out.append(name + "_count " + seen + "\n");
    }

    private static String number(double value) {
        if (Double.isNaN(value)) {
            return "NaN";
        }
        if (Double.isInfinite(value)) {
            return value > 0 ? "+Inf" : "-Inf";
        }
        return value == Math.rint(value) && Math.abs(value) < 1e15
                ? Long.toString((long) value)
                : Double.toString(value);
    }

    /** Of a help text; in it, quotes need no escape. */
    static String escape(String text) {
        return text.replace("\\", "\\\\").replace("\n", "\\n");
    }

    /** Writes {@code metrics} as {@code docs/inspect-api.md} has it. */
    static void json(List<Metric> metrics, Json json) {
        json.object().array("metrics");
        for (Metric m : metrics) {
            json.object()
                    .field("name", m.name())
                    .field("kind", m.kind().name().toLowerCase(Locale.ROOT))
                    .field("unit", m.unit())
                    .field("help", m.description())
                    .field("advice", m.advice());
            if (m.kind() == Kind.HISTOGRAM) {
                Histogram h = m.histogram();
                json.field("value", h.count()).field("sum", h.sum()).array("buckets");
                for (double bound : h.bounds()) {
                    json.value(bound); // null for infinity
                }
                json.end().array("counts");
                for (long count : h.counts()) {
                    json.value(count);
                }
                json.end();
            } else {
                json.field("value", m.value());
            }
            json.end();
        }
        json.end().end();
    }
}
