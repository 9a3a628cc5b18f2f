package dev.jenny.inspect.internal.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jenny.GoRuntime;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class CountersTest {
    @Test
    void cpuTimeNeverGoesBack() {
        int procs = GoRuntime.gomaxprocs(8);
        try {
            double total = SchedMetrics.cpuTotal();
            double idle = SchedMetrics.cpuIdle();
            GoRuntime.gomaxprocs(1);
            assertThat(SchedMetrics.cpuTotal()).isGreaterThanOrEqualTo(total);
            assertThat(SchedMetrics.cpuIdle()).isGreaterThanOrEqualTo(idle);
        } finally {
            GoRuntime.gomaxprocs(procs);
        }
    }

    @Test
    void collectionsNobodyAskedForNeverBecomeFewer() {
        long before = JvmMetrics.gcAutomatic();
        for (int i = 0; i < 20; i++) {
            System.gc();
            long now = JvmMetrics.gcAutomatic();
            assertThat(now).isGreaterThanOrEqualTo(before);
            before = now;
        }
    }

    /** Fills the old generation, which no collection looks at. */
    static final class Old {
        private static final List<byte[]> KEPT = new ArrayList<>();
        private static volatile Object garbage;

        public static void main(String[] args) {
            for (int i = 0; i < 100; i++) {
                KEPT.add(new byte[1 << 20]);
                for (int k = 0; k < 20; k++) {
                    garbage = new byte[1 << 20];
                }
            }
            System.out.println(JvmMetrics.heapLive() >> 20);
        }
    }

    @Test
    void whatIsLiveIncludesTheOldGeneration() throws Exception {
        ProcessBuilder builder =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-XX:+UseParallelGC",
                                "-Xmn32m",
                                "-Xms600m",
                                "-Xmx600m",
                                "-cp",
                                System.getProperty("java.class.path"),
                                Old.class.getName())
                        .redirectErrorStream(true);
        builder.environment().remove("JAVA_TOOL_OPTIONS"); // which the JVM tells of
        Process p = builder.start();
        String out = new String(p.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        assertThat(p.waitFor()).as(out).isZero();
        assertThat(Integer.parseInt(out)).isGreaterThan(60);
    }
}
