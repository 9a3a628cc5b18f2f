package dev.jenny.integrations.micrometer;

import dev.jenny.inspect.Metric;
import dev.jenny.inspect.Metrics;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.List;

/**
 * Binds the runtime's metrics to a Micrometer registry. {@code /sched/goroutines:goroutines}
 * becomes {@code jenny.sched.goroutines} with the base unit {@code goroutines}.
 *
 * {@snippet :
 * new JennyMetrics().bindTo(registry);
 * }
 *
 * <p>Counters become function counters, gauges become gauges. A histogram, such as {@code
 * jenny.sched.latencies}, becomes gauges of its quantiles since the start, with the tag {@code
 * quantile}, and a counter {@code …​.count}: Micrometer cannot take over counts that somebody else
 * has put into buckets. Reading costs microseconds; nothing is measured that is not measured
 * anyway.
 */
public final class JennyMetrics implements MeterBinder {
    private static final List<Double> QUANTILES = List.of(0.5, 0.9, 0.99, 0.999);

    private final Tags tags;

    /** Without tags. */
    public JennyMetrics() {
        this(List.of());
    }

    /** All meters get {@code tags}. */
    public JennyMetrics(Iterable<Tag> tags) {
        this.tags = Tags.of(tags);
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        for (Metric m : Metrics.all()) {
            String name = meterName(m);
            switch (m.kind()) {
                case COUNTER -> counter(registry, m, name, m.unit());
                case GAUGE ->
                        Gauge.builder(name, m, Metric::value)
                                .description(m.description())
                                .baseUnit(m.unit())
                                .tags(tags)
                                .register(registry);
                case HISTOGRAM -> {
                    counter(registry, m, name + ".count", "events");
                    for (double q : QUANTILES) {
                        Gauge.builder(name, m, h -> h.histogram().quantile(q))
                                .description(m.description())
                                .baseUnit(m.unit())
                                .tags(tags.and("quantile", Double.toString(q)))
                                .register(registry);
                    }
                }
            }
        }
    }

    private void counter(MeterRegistry registry, Metric m, String name, String unit) {
        FunctionCounter.builder(name, m, Metric::value)
                .description(m.description())
                .baseUnit(unit)
                .tags(tags)
                .register(registry);
    }

    /** {@code jenny.sched.goroutines} for {@code /sched/goroutines:goroutines}. */
    static String meterName(Metric m) {
        String path = m.name().substring(0, m.name().indexOf(':'));
        String name = path.startsWith("/jenny/") ? path.substring(1) : "jenny" + path;
        return name.replace('/', '.').replace('-', '.');
    }
}
