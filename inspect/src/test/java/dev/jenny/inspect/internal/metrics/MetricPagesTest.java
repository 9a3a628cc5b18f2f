package dev.jenny.inspect.internal.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jenny.inspect.Metric;
import dev.jenny.inspect.Metric.Kind;
import dev.jenny.inspect.Metrics;
import dev.jenny.inspect.internal.Json;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class MetricPagesTest {
    /** What Prometheus accepts as a sample line. */
    private static final Pattern SAMPLE =
            Pattern.compile(
                    "([a-zA-Z_:][a-zA-Z0-9_:]*)(\\{le=\"([^\"]+)\"\\})? (-?[0-9.]+(E-?[0-9]+)?)");

    @Test
    void prometheusText() throws Exception {
        StringBuilder out = new StringBuilder();
        MetricPages.prometheus(Metrics.all(), out);
        Map<String, String> types = new HashMap<>();
        double last = -1;
        for (String line : out.toString().split("\n", -1)) {
            if (line.startsWith("# TYPE ")) {
                String[] words = line.split(" ");
                assertThat(types.put(words[2], words[3])).isNull();
                last = -1;
            } else if (!line.startsWith("# HELP ") && !line.isEmpty()) {
                var m = SAMPLE.matcher(line);
                assertThat(m.matches()).as(line).isTrue();
                String family = m.group(1).replaceAll("_(bucket|sum|count)$", "");
                assertThat(types).as(line).containsKey(family);
                if (m.group(3) != null) {
                    double count = Double.parseDouble(m.group(4));
                    assertThat(count).as("cumulative: " + line).isGreaterThanOrEqualTo(last);
                    last = count;
                }
            }
        }
        assertThat(types)
                .containsEntry("jenny_sched_goroutines_goroutines", "gauge")
                .containsEntry("jenny_sched_steals_events_total", "counter")
                .containsEntry("jenny_sched_latencies_seconds", "histogram");
        assertThat(out).contains("jenny_sched_latencies_seconds_bucket{le=\"+Inf\"} ");
        assertThat(out.toString().lines().filter(l -> l.contains("latencies_seconds_bucket")))
                .hasSizeBetween(10, 30);
        for (Metric m : Metrics.all()) {
            assertThat(MetricPages.prometheusName(m).endsWith("_total"))
                    .isEqualTo(m.kind() == Kind.COUNTER);
        }
    }

    @Test
    void varsAreThoseOfExpvar() {
        String vars = Json.string(json -> Vars.write(Metrics.all(), json));
        assertThat(vars).startsWith("{\"cmdline\":[\"java\",");
        assertThat(vars).containsPattern("\"memstats\":\\{\"Alloc\":[1-9]");
        assertThat(vars).containsPattern("\"HeapInuse\":[1-9]");
        assertThat(vars).containsPattern("\"/sched/gomaxprocs:threads\":[1-9]");
        assertThat(vars)
                .containsPattern("\"/sched/latencies:seconds\":\\{\"count\":[0-9.]+,\"sum\":");
    }

    @Test
    void helpTextsAreEscaped() {
        assertThat(MetricPages.escape("a\\b\n\"c\"")).isEqualTo("a\\\\b\\n\"c\"");
    }

    @Test
    void json() {
        String json = Json.string(j -> MetricPages.json(Metrics.all(), j));
        assertThat(json)
                .startsWith("{\"metrics\":[{\"name\":\"")
                .contains("\"name\":\"/sched/latencies:seconds\",\"kind\":\"histogram\"")
                .contains("\"advice\":")
                .contains(",null],\"counts\":[");
    }
}
