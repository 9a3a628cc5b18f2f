package dev.jenny.inspect.internal.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.jenny.inspect.Metric;
import dev.jenny.inspect.Metrics;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.Test;

class JvmCountersTest {
    /** Times are sums and differences of whole hundredths of a second, as doubles. */
    private static final double ROUNDING = 1e-6;

    private static double value(String name) {
        return Metrics.find(name).map(Metric::value).orElseThrow();
    }

    private static void onHotSpotOfLinux() {
        assumeTrue(System.getProperty("os.name").equals("Linux"));
    }

    @Test
    void otherPausesAreCounted() {
        onHotSpotOfLinux();
        double before = value("/sched/pauses/total/other:seconds");
        double stopping = value("/jenny/sched/pauses/stopping:seconds");
        double stops = value("/jenny/sched/pauses:pauses");
        ManagementFactory.getThreadMXBean().dumpAllThreads(false, false);
        assertThat(value("/sched/pauses/total/other:seconds")).isGreaterThan(before);
        assertThat(value("/jenny/sched/pauses/stopping:seconds")).isGreaterThan(stopping);
        assertThat(value("/jenny/sched/pauses:pauses")).isGreaterThan(stops);
    }

    @Test
    void theCollectorsCpuTimeIsNotTheUsers() {
        onHotSpotOfLinux();
        boolean told = JvmCounters.gcCpu().isPresent();
        assertThat(Metrics.find("/cpu/classes/gc/total:cpu-seconds").isPresent()).isEqualTo(told);
        assumeTrue(told, "the collector tells its CPU time");
        double before = value("/cpu/classes/gc/total:cpu-seconds");
        System.gc();
        double gc = value("/cpu/classes/gc/total:cpu-seconds");
        assertThat(gc).isGreaterThan(before);
        assertThat(value("/cpu/classes/user:cpu-seconds") + gc)
                .isLessThan(JvmMetrics.cpuTime() + ROUNDING);
    }

    /** A number, a text and a vector, as the JVM writes them. */
    private static ByteBuffer memory(ByteOrder order) {
        ByteBuffer b = ByteBuffer.allocate(32 + 40 + 40);
        b.putInt(0xcafec0c0).put((byte) (order == ByteOrder.BIG_ENDIAN ? 0 : 1)).put((byte) 2);
        b.order(order).putInt(24, 32).putInt(28, 2);
        b.putInt(32, 40).putInt(36, 20).putInt(44 - 4, 0).put(44, (byte) 'J').putInt(48, 32);
        b.put(52, "a.count".getBytes(StandardCharsets.US_ASCII)).putLong(64, 4711);
        b.putInt(72, 40).putInt(76, 20).putInt(80, 8).put(84, (byte) 'B').putInt(88, 32);
        b.put(92, "a.text".getBytes(StandardCharsets.US_ASCII));
        return b;
    }

    @Test
    void numbersAreReadInEitherOrderOfBytes() {
        for (ByteOrder order : new ByteOrder[] {ByteOrder.BIG_ENDIAN, ByteOrder.LITTLE_ENDIAN}) {
            Map<String, LongSupplier> found = JvmCounters.parse(memory(order));
            assertThat(found).containsOnlyKeys("a.count");
            assertThat(found.get("a.count").getAsLong()).isEqualTo(4711);
        }
    }

    @Test
    void otherMemoryHasNone() {
        assertThat(JvmCounters.parse(ByteBuffer.allocate(64))).isEmpty();
        ByteBuffer later = memory(ByteOrder.LITTLE_ENDIAN).put(5, (byte) 3);
        assertThat(JvmCounters.parse(later)).isEmpty();
    }
}
