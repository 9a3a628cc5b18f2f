package dev.jenny.integrations.micrometer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jenny.Chan;
import dev.jenny.Go;
import dev.jenny.Goroutine;
import dev.jenny.inspect.Metric;
import dev.jenny.inspect.Metrics;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.List;
import org.junit.jupiter.api.Test;

class JennyMetricsTest {
    @Test
    void metersShowWhatTheRuntimeCounts() throws Exception {
        SimpleMeterRegistry registry = new SimpleMeterRegistry();
        new JennyMetrics(List.of(Tag.of("app", "test"))).bindTo(registry);
        double created = registry.get("jenny.sched.goroutines.created").functionCounter().count();
        Chan<Integer> never = Chan.make();
        Goroutine g = Go.go(never::recv);
        assertThat(registry.get("jenny.sched.goroutines").tag("app", "test").gauge().value())
                .isGreaterThanOrEqualTo(1);
        assertThat(registry.get("jenny.sched.goroutines.created").functionCounter().count())
                .isGreaterThan(created);
        never.close();
        g.join();
        assertThat(registry.get("jenny.sched.latencies").tag("quantile", "0.99").gauge().value())
                .isNotNegative();
        assertThat(registry.get("jenny.sched.latencies.count").functionCounter().count())
                .isNotNegative();
    }

    @Test
    void everyMetricHasAMeterWithUnitAndDescription() {
        SimpleMeterRegistry registry = new SimpleMeterRegistry();
        new JennyMetrics().bindTo(registry);
        for (Metric m : Metrics.all()) {
            Meter meter = registry.find(JennyMetrics.meterName(m)).meter();
            assertThat(meter).as(m.name()).isNotNull();
            assertThat(meter.getId().getDescription()).isEqualTo(m.description());
            assertThat(meter.getId().getBaseUnit()).isEqualTo(m.unit());
        }
    }
}
