package dev.jenny.inspect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jenny.Chan;
import dev.jenny.Go;
import dev.jenny.Goroutine;
import dev.jenny.inspect.Metric.Histogram;
import dev.jenny.inspect.Metric.Kind;
import dev.jenny.inspect.internal.metrics.Drops;
import dev.jenny.internal.event.BlockProfile;
import dev.jenny.sync.Mutex;
import dev.jenny.sync.RWMutex;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import javax.management.JMX;
import javax.management.ObjectName;
import org.junit.jupiter.api.Test;

class MetricsTest {
    private static double read(String name) {
        return Metrics.find(name).orElseThrow().value();
    }

    @Test
    void eachHasANameAUnitADescriptionAndAdvice() {
        assertThat(Metrics.all()).hasSizeGreaterThan(30);
        for (Metric m : Metrics.all()) {
            assertThat(m.name()).matches("/[a-z/-]+:[a-z-]+");
            assertThat(m.unit()).isNotEmpty();
            assertThat(m.description()).as(m.name()).endsWith(".");
            assertThat(m.advice()).as(m.name()).endsWith(".");
            assertThat(m.value()).as(m.name()).isFinite();
        }
        assertThat(Metrics.all()).extracting(Metric::name).doesNotHaveDuplicates().isSorted();
    }

    @Test
    void theNamesOfGo() {
        assertThat(Metrics.all())
                .extracting(Metric::name)
                .contains(
                        "/sched/gomaxprocs:threads",
                        "/sched/goroutines:goroutines",
                        "/sched/goroutines/runnable:goroutines",
                        "/sched/goroutines/running:goroutines",
                        "/sched/goroutines/waiting:goroutines",
                        "/sched/goroutines/not-in-go:goroutines",
                        "/sched/goroutines-created:goroutines",
                        "/sched/threads/total:threads",
                        "/sched/latencies:seconds",
                        "/sched/pauses/total/gc:seconds",
                        "/sync/mutex/wait/total:seconds",
                        "/gc/cycles/total:gc-cycles",
                        "/gc/cycles/automatic:gc-cycles",
                        "/gc/cycles/forced:gc-cycles",
                        "/gc/heap/allocs:bytes",
                        "/gc/heap/frees:bytes",
                        "/memory/classes/heap/free:bytes",
                        "/memory/classes/heap/objects:bytes",
                        "/memory/classes/metadata/other:bytes",
                        "/memory/classes/other:bytes",
                        "/memory/classes/total:bytes",
                        "/gc/heap/live:bytes",
                        "/cpu/classes/total:cpu-seconds");
    }

    @Test
    void whatWentWrongIsCounted() {
        assertThat(Metrics.all())
                .extracting(Metric::name)
                .contains(
                        "/jenny/deadlocks:events",
                        "/jenny/leaks:goroutines",
                        "/jenny/sched/handoffs:events",
                        "/jenny/drops/events:events",
                        "/jenny/drops/samples:samples",
                        "/jenny/drops/clients:samples");
        double before = read("/jenny/drops/samples:samples");
        Drops.addSamples(3);
        assertThat(read("/jenny/drops/samples:samples")).isGreaterThanOrEqualTo(before + 3);
    }

    @Test
    void countsGoroutines() throws Exception {
        double created = read("/sched/goroutines-created:goroutines");
        double live = read("/sched/goroutines:goroutines");
        Chan<Integer> never = Chan.make();
        List<Goroutine> gs = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            gs.add(Go.go(never::recv));
        }
        assertThat(read("/sched/goroutines-created:goroutines"))
                .isGreaterThanOrEqualTo(created + 100);
        assertThat(read("/sched/goroutines:goroutines")).isGreaterThanOrEqualTo(live + 100);
        never.close();
        for (Goroutine g : gs) {
            g.join();
        }
        assertThat(read("/sched/gomaxprocs:threads")).isPositive();
    }

    @Test
    void latenciesAreCounted() throws Exception {
        Metric latencies = Metrics.find("/sched/latencies:seconds").orElseThrow();
        assertThat(latencies.kind()).isEqualTo(Kind.HISTOGRAM);
        long before = latencies.histogram().count();
        Chan<Integer> ping = Chan.make();
        Goroutine g =
                Go.go(() -> {
                    for (Integer i : ping) {
                        assertThat(i).isNotNull();
                    }
                });
        Goroutine sender =
                Go.go(() -> {
                    for (int i = 0; i < 5_000; i++) {
                        ping.send(i);
                    }
                    ping.close();
                });
        sender.join();
        g.join();
        Histogram after = latencies.histogram();
        assertThat(after.count()).isGreaterThan(before);
        assertThat(after.quantile(0.5)).isBetween(0.0, 60.0);
        assertThat(after.sum()).isPositive();
        assertThatThrownBy(Metrics.all().getFirst()::histogram)
                .isInstanceOf(IllegalStateException.class);
    }

    /** Whether or not anybody takes a profile. */
    @Test
    void waitsForMutexesAreAlwaysCounted() throws Exception {
        assertThat(BlockProfile.rate()).isZero();
        double before = read("/sync/mutex/wait/total:seconds");
        Mutex mu = new Mutex();
        mu.lock();
        Goroutine g = Go.go(mu::lock);
        awaitWaiting(List.of(g));
        mu.unlock();
        g.join();
        double mutex = read("/sync/mutex/wait/total:seconds");
        assertThat(mutex).isGreaterThan(before);

        RWMutex rw = new RWMutex();
        rw.lock();
        List<Goroutine> readers = new ArrayList<>();
        for (int i = 0; i < 400; i++) { // one in 8 is measured
            readers.add(Go.go(rw::rLock));
        }
        awaitWaiting(readers);
        rw.unlock();
        for (Goroutine r : readers) {
            r.join();
        }
        assertThat(read("/sync/mutex/wait/total:seconds")).isGreaterThan(mutex);
    }

    private static void awaitWaiting(List<Goroutine> gs) {
        for (Goroutine g : gs) {
            while (g.thread().getState() != Thread.State.WAITING) {
                Thread.onSpinWait();
            }
        }
    }

    @Test
    void quantiles() {
        double inf = Double.POSITIVE_INFINITY;
        Histogram h = new Histogram(new double[] {0, 1, 2, inf}, new long[] {5, 4, 1}, 10);
        assertThat(h.quantile(0.5)).isEqualTo(1);
        assertThat(h.quantile(0.9)).isEqualTo(2);
        assertThat(h.quantile(0.99)).isEqualTo(2); // in the open bucket: its lower bound
        assertThat(new Histogram(new double[] {0, 1}, new long[1], 0).quantile(0.5)).isZero();
        assertThatThrownBy(() -> new Histogram(new double[1], new long[1], 0))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void forcedCollectionsAndAllocations() {
        double allocated = read("/gc/heap/allocs:bytes");
        double cycles = read("/gc/cycles/total:gc-cycles");
        byte[][] garbage = new byte[64][];
        for (int i = 0; i < garbage.length; i++) {
            garbage[i] = new byte[100_000];
        }
        System.gc();
        assertThat(read("/gc/heap/allocs:bytes")).isGreaterThan(allocated + 6_000_000);
        assertThat(read("/gc/cycles/total:gc-cycles")).isGreaterThan(cycles);
        assertThat(read("/gc/heap/live:bytes")).isPositive();
        assertThat(garbage).isNotNull();
    }

    @Test
    void memoryOutsideTheHeap() {
        double before = read("/memory/classes/other:bytes");
        ByteBuffer buffer = ByteBuffer.allocateDirect(5_000_000);
        assertThat(read("/memory/classes/other:bytes")).isGreaterThanOrEqualTo(before + 5_000_000);
        assertThat(read("/memory/classes/total:bytes")).isGreaterThan(5_000_000);
        assertThat(buffer.capacity()).isPositive();
    }

    @Test
    void whatIsFreedWasAllocated() {
        double before = read("/gc/heap/frees:bytes");
        for (int i = 0; i < 64; i++) {
            assertThat(new byte[1_000_000]).hasSize(1_000_000);
        }
        System.gc();
        assertThat(read("/gc/heap/frees:bytes")).isGreaterThan(before + 30_000_000);
        assertThat(read("/gc/heap/frees:bytes")).isLessThanOrEqualTo(read("/gc/heap/allocs:bytes"));
    }

    @Test
    void inJmx() throws Exception {
        Metrics.registerMXBean();
        Metrics.registerMXBean();
        var server = ManagementFactory.getPlatformMBeanServer();
        ObjectName name = new ObjectName(JennyMXBean.NAME);
        JennyMXBean bean = JMX.newMXBeanProxy(server, name, JennyMXBean.class);
        assertThat(bean.getMode()).isIn("custom", "fallback");
        assertThat(bean.getGomaxprocs()).isPositive();
        assertThat(bean.getGoroutines()).isNotNegative();
        Map<String, Double> metrics = bean.getMetrics();
        assertThat(metrics)
                .containsKey("/sched/goroutines:goroutines")
                .hasSize(Metrics.all().size());
        assertThat(bean.advice("/sched/goroutines:goroutines")).contains("leak");
        assertThatThrownBy(() -> bean.advice("/no/such"))
                .isInstanceOf(IllegalArgumentException.class);
        assertThat(server.getAttribute(name, "LatencyP99")).isInstanceOf(Double.class);
    }
}
