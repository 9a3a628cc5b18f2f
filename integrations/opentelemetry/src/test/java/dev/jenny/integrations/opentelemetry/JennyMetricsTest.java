package dev.jenny.integrations.opentelemetry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jenny.Chan;
import dev.jenny.Go;
import dev.jenny.Goroutine;
import dev.jenny.inspect.Metric;
import dev.jenny.inspect.Metrics;
import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.api.metrics.MeterProvider;
import io.opentelemetry.api.trace.TracerProvider;
import io.opentelemetry.context.propagation.ContextPropagators;
import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.metrics.InstrumentType;
import io.opentelemetry.sdk.metrics.SdkMeterProvider;
import io.opentelemetry.sdk.metrics.data.AggregationTemporality;
import io.opentelemetry.sdk.metrics.data.MetricData;
import io.opentelemetry.sdk.metrics.export.CollectionRegistration;
import io.opentelemetry.sdk.metrics.export.MetricReader;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class JennyMetricsTest {
    /** Collects when told. */
    private static final class Reader implements MetricReader {
        private CollectionRegistration registration = CollectionRegistration.noop();

        @Override
        public void register(CollectionRegistration registration) {
            this.registration = registration;
        }

        Map<String, MetricData> collect() {
            return registration.collectAllMetrics().stream()
                    .collect(Collectors.toMap(MetricData::getName, m -> m));
        }

        @Override
        public CompletableResultCode forceFlush() {
            return CompletableResultCode.ofSuccess();
        }

        @Override
        public CompletableResultCode shutdown() {
            return CompletableResultCode.ofSuccess();
        }

        @Override
        public AggregationTemporality getAggregationTemporality(InstrumentType type) {
            return AggregationTemporality.CUMULATIVE;
        }
    }

    private static OpenTelemetry of(MeterProvider meters) {
        return new OpenTelemetry() {
            @Override
            public TracerProvider getTracerProvider() {
                return TracerProvider.noop();
            }

            @Override
            public ContextPropagators getPropagators() {
                return ContextPropagators.noop();
            }

            @Override
            public MeterProvider getMeterProvider() {
                return meters;
            }
        };
    }

    @Test
    void everyMetricIsCollected() throws Exception {
        Reader reader = new Reader();
        try (SdkMeterProvider meters =
                SdkMeterProvider.builder().registerMetricReader(reader).build()) {
            Chan<Integer> never = Chan.make();
            Goroutine g = Go.go(never::recv);
            JennyMetrics metrics = JennyMetrics.register(of(meters));
            Map<String, MetricData> collected = reader.collect();
            for (Metric m : Metrics.all()) {
                MetricData data = collected.get(JennyMetrics.instrumentName(m));
                assertThat(data).as(m.name()).isNotNull();
                assertThat(data.getDescription()).isEqualTo(m.description());
                assertThat(data.getUnit()).isEqualTo(JennyMetrics.unit(m));
            }
            MetricData live = collected.get("jenny.sched.goroutines");
            assertThat(live.getDoubleGaugeData().getPoints())
                    .singleElement()
                    .satisfies(p -> assertThat(p.getValue()).isGreaterThanOrEqualTo(1));
            assertThat(
                            collected
                                    .get("jenny.sched.goroutines_started")
                                    .getDoubleSumData()
                                    .isMonotonic())
                    .isTrue();
            assertThat(collected.get("jenny.sched.latencies").getDoubleGaugeData().getPoints())
                    .hasSize(4);
            assertThat(collected.get("jenny.gc.heap.live").getUnit()).isEqualTo("By");
            never.close();
            g.join();
            metrics.close();
            assertThat(reader.collect()).isEmpty();
        }
    }

    /** Its exporter cuts these words off, and of two metrics of one name it drops one. */
    @Test
    void namesDoNotEndInWhatPrometheusKeepsForItself() {
        List<String> names = Metrics.all().stream().map(JennyMetrics::instrumentName).toList();
        assertThat(names).doesNotHaveDuplicates();
        assertThat(names).noneMatch(n -> n.matches(".*_(total|created|bucket|info)"));
    }
}
