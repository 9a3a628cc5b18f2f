package dev.jenny.integrations.opentelemetry;

import dev.jenny.inspect.Metric;
import dev.jenny.inspect.Metric.Histogram;
import dev.jenny.inspect.Metrics;
import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.metrics.Meter;
import java.util.ArrayList;
import java.util.List;

/**
 * Shows the runtime's metrics to OpenTelemetry, as asynchronous instruments of the meter {@code
 * dev.jenny}. {@code /sched/goroutines:goroutines} becomes {@code jenny.sched.goroutines} with the
 * unit <code>{goroutines}</code>.
 *
 * {@snippet :
 * try (JennyMetrics metrics = JennyMetrics.register(openTelemetry)) {
 *     serve();
 * }
 * }
 *
 * <p>A histogram, such as {@code jenny.sched.latencies}, becomes a gauge of its quantiles since the
 * start, with the attribute {@code quantile}, and a counter {@code ….count}: the API has no
 * asynchronous histograms. Values are read when the SDK collects.
 */
public final class JennyMetrics implements AutoCloseable {
    private static final AttributeKey<Double> QUANTILE = AttributeKey.doubleKey("quantile");
    private static final List<Double> QUANTILES = List.of(0.5, 0.9, 0.99, 0.999);

    private final List<AutoCloseable> instruments = new ArrayList<>();

    private JennyMetrics(Meter meter) {
        for (Metric m : Metrics.all()) {
            String name = instrumentName(m);
            switch (m.kind()) {
                case COUNTER -> counter(meter, m, name, unit(m));
                case GAUGE ->
                        instruments.add(
                                meter.gaugeBuilder(name)
                                        .setDescription(m.description())
                                        .setUnit(unit(m))
                                        .buildWithCallback(o -> o.record(m.value())));
                case HISTOGRAM -> {
                    counter(meter, m, name + ".count", "{events}");
                    instruments.add(
                            meter.gaugeBuilder(name)
                                    .setDescription(m.description())
                                    .setUnit(unit(m))
                                    .buildWithCallback(o -> {
                                        Histogram h = m.histogram();
                                        for (double q : QUANTILES) {
                                            o.record(h.quantile(q), Attributes.of(QUANTILE, q));
                                        }
                                    }));
                }
            }
        }
    }

    /** Registers the instruments with {@code openTelemetry}, until {@link #close}. */
    public static JennyMetrics register(OpenTelemetry openTelemetry) {
        return new JennyMetrics(openTelemetry.getMeter("dev.jenny"));
    }

    private void counter(Meter meter, Metric m, String name, String unit) {
        instruments.add(
                meter.counterBuilder(name)
                        .ofDoubles()
                        .setDescription(m.description())
                        .setUnit(unit)
                        .buildWithCallback(o -> o.record(m.value())));
    }

    /** {@code jenny.sched.goroutines} for {@code /sched/goroutines:goroutines}. */
    static String instrumentName(Metric m) {
        String path = m.name().substring(0, m.name().indexOf(':'));
        String name = path.startsWith("/jenny/") ? path.substring(1) : "jenny" + path;
        // Prometheus keeps "_created" for itself and drops it from the end of names.
        return name.replaceAll("-created$", "-started").replace('/', '.').replace('-', '_');
    }

    /** Units of UCUM; what is counted stands in braces. */
    static String unit(Metric m) {
        return switch (m.unit()) {
            case "seconds", "cpu-seconds" -> "s";
            case "bytes" -> "By";
            default -> "{" + m.unit() + "}";
        };
    }

    /** Takes the instruments back. */
    @Override
    public void close() {
        for (AutoCloseable instrument : instruments) {
            try {
                instrument.close();
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        }
    }
}
