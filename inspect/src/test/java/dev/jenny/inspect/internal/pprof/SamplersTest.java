package dev.jenny.inspect.internal.pprof;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jenny.Go;
import dev.jenny.Goroutine;
import dev.jenny.inspect.internal.pprof.Profile.Sample;
import java.lang.ref.Reference;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import jdk.jfr.Recording;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class SamplersTest {
    private static volatile boolean stop;
    private static volatile double sink;
    private static final ArrayDeque<byte[]> KEPT = new ArrayDeque<>();
    private static volatile long allocated;

    private static void burn() {
        double x = 1;
        while (!stop) {
            for (int i = 1; i < 10_000; i++) {
                x += Math.sqrt(i) / (1 + Math.abs(Math.sin(x)));
            }
            sink = x;
        }
    }

    private static void allocate() {
        while (!stop) {
            allocated += 100;
            for (int i = 0; i < 100; i++) {
                KEPT.addLast(new byte[10_000]);
                if (KEPT.size() > 2000) {
                    KEPT.removeFirst();
                }
            }
            Thread.yield();
        }
    }

    private static boolean has(Sample s, String method) {
        return s.stack().stream().anyMatch(f -> f.function().endsWith("SamplersTest." + method));
    }

    private static boolean isBefore(Sample s) {
        return s.stack().stream().anyMatch(f -> f.function().equals(HeapSampler.BEFORE));
    }

    private static long sum(Profile p, int value, Predicate<Sample> which) {
        return p.samples().stream().filter(which).mapToLong(s -> s.value(value)).sum();
    }

    @Test
    void cpuTimeHasTheGoroutinesStackAndLabels() throws Exception {
        stop = false;
        List<Goroutine> started = new ArrayList<>();
        Go.withLabels(Map.of("svc", "burner"), () -> started.add(Go.go(SamplersTest::burn)));
        Profile profile;
        try {
            profile = CpuProfile.take(Duration.ofSeconds(2), true);
        } finally {
            stop = true;
            started.getFirst().join();
        }
        long burnt = sum(profile, 1, s -> has(s, "burn"));
        assertThat(burnt).isPositive();
        Sample hot =
                profile.samples().stream().filter(s -> has(s, "burn")).findFirst().orElseThrow();
        assertThat(hot.labels())
                .containsEntry("svc", "burner")
                .containsEntry("goroutine", Long.toString(started.getFirst().id()));
        assertThat(hot.stack().getLast().function()).contains("SamplersTest");
        assertThat(profile.period()).isEqualTo(10_000_000);
        assertThat(profile.duration()).isGreaterThan(Duration.ofSeconds(1));
    }

    private static void burnA(long nanos) {
        spin(nanos);
    }

    private static void burnB(long nanos) {
        spin(nanos);
    }

    private static void burnOutside(long nanos) {
        spin(nanos);
    }

    private static void spin(long nanos) {
        long end = System.nanoTime() + nanos;
        while (System.nanoTime() < end) {
            sink++;
        }
    }

    @Test
    void aSampleHasTheLabelsOfItsTime() throws Exception {
        stop = false;
        long slice = Duration.ofMillis(3).toNanos();
        Goroutine g =
                Go.go(() -> {
                    while (!stop) {
                        Go.withLabels("svc", "a", () -> burnA(slice));
                        Go.withLabels("svc", "b", () -> burnB(slice));
                        burnOutside(slice);
                    }
                });
        Profile profile;
        try {
            profile = CpuProfile.take(Duration.ofSeconds(3), false);
        } finally {
            stop = true;
            g.join();
        }
        assertThat(sum(profile, 0, s -> has(s, "burnA"))).isPositive();
        assertThat(sum(profile, 0, s -> has(s, "burnB"))).isPositive();
        assertThat(sum(profile, 0, s -> has(s, "burnOutside"))).isPositive();
        assertThat(profile.samples())
                .allMatch(s -> !has(s, "burnA") || s.labels().equals(Map.of("svc", "a")))
                .allMatch(s -> !has(s, "burnB") || s.labels().equals(Map.of("svc", "b")))
                .allMatch(s -> !has(s, "burnOutside") || s.labels().isEmpty());
        assertThat(profile.comments()).isEmpty();
    }

    private static void request(int i) throws Exception {
        Go.withLabels(
                Map.of("request", Integer.toString(i)), () -> Go.go(() -> burnA(1_000_000)).join());
    }

    @Test
    void goroutinesThatLiveForAMillisecondHaveLabels() throws Exception {
        stop = false;
        Goroutine g =
                Go.go(() -> {
                    for (int i = 0; !stop; i++) {
                        request(i);
                    }
                });
        Profile profile;
        try {
            profile = CpuProfile.take(Duration.ofSeconds(2), false);
        } finally {
            stop = true;
            g.join();
        }
        long all = sum(profile, 0, s -> has(s, "burnA"));
        assertThat(all).isPositive();
        assertThat(sum(profile, 0, s -> has(s, "burnA") && s.labels().containsKey("request")))
                .isGreaterThan(all * 9 / 10);
    }

    private static void allocateA() {
        allocate(1000);
    }

    private static void allocateB() {
        allocate(1000);
    }

    private static void allocate(int n) {
        for (int i = 0; i < n; i++) {
            KEPT.addLast(new byte[10_000]);
            if (KEPT.size() > 2000) {
                KEPT.removeFirst();
            }
        }
    }

    @Test
    void anAllocationHasTheLabelsOfItsTime() throws Exception {
        stop = false;
        Goroutine g =
                Go.go(() -> {
                    while (!stop) {
                        Go.withLabels("svc", "a", () -> Go.go(SamplersTest::allocateA).join());
                        Go.withLabels("svc", "b", SamplersTest::allocateB);
                    }
                });
        HeapSampler sampler = new HeapSampler();
        Profile profile;
        try {
            sampler.acquire(false);
            do {
                sampler.settle();
                profile = sampler.take("allocs", false);
            } while (sum(profile, 1, s -> has(s, "allocateA")) == 0
                    || sum(profile, 1, s -> has(s, "allocateB")) == 0);
        } finally {
            stop = true;
            g.join();
            sampler.stop();
        }
        assertThat(profile.samples())
                .allMatch(s -> !has(s, "allocateA") || "a".equals(s.labels().get("svc")))
                .allMatch(s -> !has(s, "allocateB") || "b".equals(s.labels().get("svc")));
    }

    @Test
    void whatWasThereBeforeIsAnEntryOfItsOwn() throws Exception {
        List<byte[]> old = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            old.add(new byte[1 << 20]);
        }
        System.gc();
        stop = false;
        Goroutine g = Go.go(SamplersTest::allocate);
        HeapSampler sampler = new HeapSampler();
        Profile profile;
        try {
            sampler.acquire(false);
            do {
                sampler.settle();
                profile = sampler.take("heap", true);
            } while (sum(profile, 1, s -> has(s, "allocate")) < 10L * old.size() << 20
                    || sum(profile, 3, s -> has(s, "allocate")) == 0);
        } finally {
            stop = true;
            g.join();
            sampler.stop();
        }
        assertThat(sum(profile, 3, SamplersTest::isBefore)).isGreaterThan((long) old.size() << 20);
        assertThat(sum(profile, 3, s -> has(s, "allocate"))).isLessThan((long) old.size() << 20);
        Reference.reachabilityFence(old);
    }

    @Test
    void allocationsAndLiveObjects() throws Exception {
        stop = false;
        allocated = 0;
        HeapSampler sampler = new HeapSampler();
        List<Goroutine> started = new ArrayList<>();
        Go.withLabels(Map.of("svc", "hoarder"), () -> started.add(Go.go(SamplersTest::allocate)));
        Goroutine g = started.getFirst();
        Profile profile;
        try {
            assertThat(sampler.acquire(false)).isTrue();
            assertThat(sampler.acquire(false)).isFalse();
            do {
                Thread.sleep(500);
                profile = sampler.take("heap", true);
            } while (sum(profile, 1, s -> has(s, "allocate")) == 0
                    || sum(profile, 3, s -> has(s, "allocate")) == 0);
        } finally {
            stop = true;
            g.join();
            sampler.stop();
        }
        long bytes = sum(profile, 1, s -> has(s, "allocate"));
        long objects = sum(profile, 0, s -> has(s, "allocate"));
        assertThat(profile.samples())
                .filteredOn(s -> has(s, "allocate"))
                .allMatch(s -> s.labels().containsKey("class"));
        assertThat(profile.samples())
                .filteredOn(s -> has(s, "allocate") && s.value(1) > 0)
                .isNotEmpty()
                .allMatch(s -> "hoarder".equals(s.labels().get("svc")));
        assertThat(profile.samples())
                .as("what lives")
                .filteredOn(s -> has(s, "allocate") && s.value(3) > 0)
                .isNotEmpty()
                .allMatch(s -> "hoarder".equals(s.labels().get("svc")));
        // The arrays are of 10,016 bytes; now and then the deque grows.
        assertThat((double) bytes / objects).isBetween(9_000.0, 20_000.0);
        // Before the start, in other tests, the thread may have allocated much more.
        assertThat(objects).isLessThanOrEqualTo(2 * allocated);
    }

    @Test
    void aSecondOfAllocationsHasWhatWasAllocatedInIt() throws Exception {
        stop = false;
        allocated = 0;
        Goroutine g = Go.go(SamplersTest::allocate);
        Profile profile;
        long objects;
        try {
            long before = allocated;
            profile = Profiles.take(Profiles.Kind.ALLOCS, Duration.ofSeconds(1));
            objects = allocated - before; // in more than that second
        } finally {
            stop = true;
            g.join();
        }
        assertThat(sum(profile, 0, s -> has(s, "allocate"))).isBetween(objects / 20, objects);
    }

    @Test
    void whoComesAfterTheLastHasGoneStartsAnew() {
        HeapSampler sampler = new HeapSampler();
        assertThat(sampler.acquire(false)).isTrue();
        assertThat(sampler.acquire(false)).isFalse();
        sampler.release();
        assertThat(sampler.acquire(false)).isFalse();
        sampler.release();
        sampler.release();
        assertThat(sampler.acquire(true)).isTrue();
        sampler.release();
        assertThat(sampler.acquire(false)).as("kept for those who come later").isFalse();
        sampler.release();
        sampler.stop();
        assertThat(sampler.acquire(false)).isTrue();
        sampler.release();
    }

    /** They are in the recorder's file, too. */
    @Test
    void samplesOfOtherRecordingsAreNotCounted() throws Exception {
        stop = false;
        Goroutine g = Go.go(SamplersTest::burn);
        Duration time = Duration.ofSeconds(2);
        Profile profile;
        try (Recording other = new Recording()) {
            other.enable("jdk.ExecutionSample").withPeriod(Duration.ofMillis(10));
            other.start();
            profile = CpuProfile.take(time, false);
        } finally {
            stop = true;
            g.join();
        }
        assertThat(sum(profile, 1, s -> has(s, "burn"))).isBetween(1L, time.toNanos() * 4 / 3);
    }

    @Test
    void classNames() {
        assertThat(HeapSampler.className("[B")).isEqualTo("byte[]");
        assertThat(HeapSampler.className("[[Ljava.lang.String;")).isEqualTo("java.lang.String[][]");
        assertThat(HeapSampler.className("java.lang.String")).isEqualTo("java.lang.String");
    }
}
