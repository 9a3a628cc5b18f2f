package dev.jenny.inspect;

import static dev.jenny.Select.recv;
import static dev.jenny.Select.select;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.management.ThreadMXBean;
import dev.jenny.Chan;
import dev.jenny.Go;
import dev.jenny.Task;
import dev.jenny.inspect.internal.Json;
import dev.jenny.inspect.internal.model.Await;
import dev.jenny.inspect.internal.model.Dumps;
import dev.jenny.inspect.internal.model.GoroutineGroup;
import dev.jenny.inspect.internal.model.Groups;
import dev.jenny.inspect.internal.model.Model;
import dev.jenny.inspect.internal.model.ModelJson;
import dev.jenny.inspect.internal.model.Query;
import dev.jenny.internal.sched.Probe;
import dev.jenny.sync.Mutex;
import dev.jenny.sync.WaitGroup;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;

/**
 * A million parked goroutines in six groups, looked at while others run: what the tools say is
 * complete, what they write and need is bounded, and nobody is stopped for it. How long it takes is
 * not looked at here but by {@code ./jenny bench tools}.
 */
@Tag("stress")
@Timeout(300)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class MillionTest {
    private static final int MILLION = 1_000_000;

    /** A parked goroutine takes less than 1 kB; the rest is for a collector that copies. */
    private static final long HEAP_NEEDED = 2_500_000_000L;

    private static final int LIMIT = 1000;

    /** A profile allocates no more than this: a byte a goroutine, less than any note on each. */
    private static final long PROFILE_MEMORY = 1 << 20;

    /** A dump of {@link #LIMIT} goroutines does not, either; their stacks take some kB each. */
    private static final long DUMP_MEMORY = LIMIT * 16_000L;

    private static final Query PARKED = Query.parse("label.test=million");

    /** The million by the method that starts them. */
    private static final Map<String, Integer> EXPECTED =
            Map.of(
                    "receivers", 400_000,
                    "receiversOfTenant", 50_000,
                    "senders", 200_000,
                    "choosers", 150_000,
                    "lockers", 50_000,
                    "waiters", 150_000);

    private static final Map<String, String> REASONS =
            Map.of(
                    "receivers", "chan receive",
                    "receiversOfTenant", "chan receive",
                    "senders", "chan send",
                    "choosers", "select",
                    "lockers", "sync.Mutex.Lock",
                    "waiters", "sync.WaitGroup.Wait");

    private final AtomicBoolean stop = new AtomicBoolean();
    private final AtomicLong played = new AtomicLong();
    private final AtomicLong spawned = new AtomicLong();
    private final WaitGroup busy = new WaitGroup();
    private @Nullable Parked million;

    @BeforeAll
    void start() throws Exception {
        long heap = Runtime.getRuntime().maxMemory();
        assumeTrue(
                heap >= HEAP_NEEDED,
                () ->
                        String.format(
                                "a million goroutines need a heap of %d MB, this JVM has %d: give"
                                        + " it more with -Xmx",
                                HEAP_NEEDED >> 20, heap >> 20));
        // In a JVM in which none has come back from a wait so far, a million would do so slowly.
        new Parked(100).wake();
        million = new Parked(1);
        busy.go(this::play);
        busy.go(this::spawn);
    }

    @AfterAll
    void end() throws Exception {
        stop.set(true);
        if (million != null) {
            million.wake();
        }
        busy.await();
    }

    /** A goroutine that never rests. */
    private void play() {
        while (!stop.get()) {
            played.getAndIncrement();
            Go.gosched();
        }
    }

    /** Starts goroutines, one after the other. */
    private void spawn() throws InterruptedException {
        while (!stop.get()) {
            Go.go(spawned::getAndIncrement).join();
        }
    }

    @Test
    void theProfileIsComplete() {
        // Some goroutines come and go, so in the whole the million are only a part.
        for (Query query : List.of(PARKED, Query.ALL)) {
            Groups groups = Model.groups(query, 1000);
            assertThat(counts(groups)).isEqualTo(EXPECTED);
            assertThat(groups.omitted()).isZero();
            assertThat(groups.groups().stream().mapToLong(GoroutineGroup::count).sum())
                    .isEqualTo(groups.matched());
        }
        Groups groups = Model.groups(PARKED, 1000);
        assertThat(groups.matched()).isEqualTo(MILLION);
        assertThat(groups.groups()).hasSize(EXPECTED.size());
        for (GoroutineGroup g : groups.groups()) {
            String method = method(g);
            assertThat(g.reason()).isEqualTo(REASONS.get(method));
            assertThat(g.labels())
                    .isEqualTo(
                            method.equals("receiversOfTenant")
                                    ? Map.of("test", "million", "tenant", "b")
                                    : Map.of("test", "million"));
            assertThat(g.samples()).hasSizeBetween(1, 10);
        }
        // The biggest are what a limit leaves, and the rest is counted.
        Groups two = Model.groups(PARKED, 2);
        assertThat(two.groups())
                .extracting(MillionTest::method)
                .containsExactly("receivers", "senders");
        assertThat(two.omitted()).isEqualTo(EXPECTED.size() - 2);
        assertThat(two.matched()).isEqualTo(MILLION);
    }

    @Test
    void theProfileNeedsLittleMemory() throws Exception {
        StringBuilder json = new StringBuilder();
        long bytes =
                allocated(
                        json,
                        () -> {
                            Json j = Json.to(json).array();
                            Model.groups(PARKED, 1000).groups().forEach(g -> ModelJson.group(j, g));
                            j.end();
                        });
        assertThat(json).contains("\"count\":").hasSizeLessThan(30_000);
        assertThat(bytes).isLessThan(PROFILE_MEMORY);
    }

    @Test
    void aDumpIsBounded() throws Exception {
        StringBuilder text = new StringBuilder();
        long bytes = allocated(text, () -> Dumps.text(text, PARKED, LIMIT, false));
        assertThat(text.toString().split("\n\n").length).isEqualTo(LIMIT + 1);
        assertThat(text).endsWith("... " + (MILLION - LIMIT) + " goroutines left out ...\n");
        assertThat(text).hasSizeLessThan(LIMIT * 1000);
        assertThat(bytes).isLessThan(DUMP_MEMORY);

        StringBuilder json = new StringBuilder();
        bytes = allocated(json, () -> Dumps.json(json, PARKED, LIMIT, true));
        assertThat(json).contains("],\"matched\":" + MILLION + ",\"total\":");
        assertThat(json.toString().split("\"waitNs\":").length).isEqualTo(LIMIT + 1);
        assertThat(json).hasSizeLessThan(LIMIT * 2000);
        assertThat(bytes).isLessThan(DUMP_MEMORY);
    }

    /**
     * The dump as JSON is written while the registry is gone through. What it writes to waits for
     * others meanwhile: if they were stopped for the dump it would wait in vain.
     */
    @Test
    void othersGoOnInTheMiddleOfAScan() {
        Midway out = new Midway();
        Dumps.json(out, Query.ALL, LIMIT, true);
        assertThat(out.waited).isTrue();
        assertThat(counts(Model.groups(PARKED, 1000))).isEqualTo(EXPECTED);
    }

    @Test
    void othersGoOnInTheMiddleOfADump() throws Exception {
        Midway out = new Midway();
        Dumps.text(out, PARKED, LIMIT, true);
        assertThat(out.waited).isTrue();
    }

    /** Nobody is kept from running by profiles that follow each other closely. */
    @Test
    void othersGoOnBesideProfiles() {
        long played0 = played.get();
        long spawned0 = spawned.get();
        int profiles = 0;
        while (played.get() < played0 + 100_000 || spawned.get() < spawned0 + 10_000) {
            assertThat(Model.groups(PARKED, 1000).matched()).isEqualTo(MILLION);
            profiles++;
            assertThat(profiles).as("profiles until 100,000 yields").isLessThan(1000);
        }
        assertThat(profiles).isPositive();
    }

    @Test
    void overHttp() throws Exception {
        try (Inspect inspect = Inspect.start(InspectOptions.defaults().quiet())) {
            String q = "&q=label.test%3Dmillion";
            String profile = get(inspect, "goroutine?debug=1" + q);
            assertThat(profile)
                    .startsWith("goroutine profile: total " + MILLION + "\n")
                    .hasSizeLessThan(20_000);
            List<Integer> counts = new ArrayList<>();
            Matcher m = Pattern.compile("(?m)^(\\d+) @").matcher(profile);
            while (m.find()) {
                counts.add(Integer.valueOf(m.group(1)));
            }
            assertThat(counts).containsExactlyInAnyOrderElementsOf(EXPECTED.values());

            String dump = get(inspect, "goroutine?debug=2" + q);
            assertThat(dump)
                    .endsWith("... 990000 goroutines left out ...\n")
                    .hasSizeLessThan(10_000_000);
            assertThat(dump.split("\n\n").length).isEqualTo(10_001);
        }
    }

    private static String get(Inspect inspect, String page) throws Exception {
        URI uri = URI.create("http://127.0.0.1:" + inspect.port() + "/debug/pprof/" + page);
        HttpRequest request =
                HttpRequest.newBuilder(uri)
                        .header("Authorization", "Bearer " + inspect.token())
                        .build();
        try (HttpClient client = HttpClient.newHttpClient()) {
            HttpResponse<String> response = client.send(request, BodyHandlers.ofString());
            assertThat(response.statusCode()).isEqualTo(200);
            return response.body();
        }
    }

    /** The groups of the million. */
    private static Map<String, Integer> counts(Groups groups) {
        Map<String, Integer> counts = new HashMap<>();
        for (GoroutineGroup g : groups.groups()) {
            if (EXPECTED.containsKey(method(g))) {
                counts.merge(method(g), Math.toIntExact(g.count()), Integer::sum);
            }
        }
        return counts;
    }

    /** The method that started them. */
    private static String method(GoroutineGroup g) {
        return g.site() == null
                ? ""
                : g.site().function().replaceAll(".*[.$]([a-zA-Z]+)(\\$\\d+)?$", "$1");
    }

    /** What the second run of {@code task}, which writes to {@code out}, allocates. */
    private static long allocated(StringBuilder out, Task task) throws Exception {
        task.run(); // what is loaded and kept at the first time does not count
        out.setLength(0);
        var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadAllocatedBytes();
        task.run();
        return threads.getCurrentThreadAllocatedBytes() - before;
    }

    /** In the midst of it, waits until others have gone on, and new ones have run. */
    private final class Midway implements Appendable {
        private int appended;
        private boolean waited;

        private Midway step() {
            if (++appended == LIMIT / 2) {
                long p = played.get();
                long s = spawned.get();
                Await.until(() -> played.get() > p + 1000, "a goroutine goes on");
                Await.until(() -> spawned.get() > s + 100, "goroutines are started, and end");
                waited = true;
            }
            return this;
        }

        @Override
        public Appendable append(CharSequence text) {
            return step();
        }

        @Override
        public Appendable append(CharSequence text, int start, int end) {
            return step();
        }

        @Override
        public Appendable append(char c) {
            return step();
        }
    }

    /** The goroutines that wait: a million, or the n-th part of it. */
    private static final class Parked {
        private final int part;
        private final Chan<Integer> gate = Chan.make();
        private final Chan<Integer> other = Chan.make();
        private final Chan<Integer> sink = Chan.make();
        private final Mutex mutex = new Mutex();
        private final WaitGroup latch = new WaitGroup();
        private final WaitGroup ended = new WaitGroup();

        Parked(int part) throws Exception {
            this.part = part;
            latch.add(1);
            mutex.lock();
            Go.withLabels(
                    "test",
                    "million",
                    () -> {
                        receivers(n("receivers"));
                        senders(n("senders"));
                        choosers(n("choosers"));
                        lockers(n("lockers"));
                        waiters(n("waiters"));
                        Go.withLabels(
                                "tenant", "b", () -> receiversOfTenant(n("receiversOfTenant")));
                    });
            Await.until(() -> waiting() == MILLION / part, "all wait");
        }

        private int n(String what) {
            return Objects.requireNonNull(EXPECTED.get(what)) / part;
        }

        private static long waiting() {
            long[] n = new long[1];
            Probe.scan(c -> {
                if (c.state() == Probe.State.WAITING && !c.labels().isEmpty()) {
                    n[0]++;
                }
            });
            return n[0];
        }

        private void receivers(int n) {
            for (int i = 0; i < n; i++) {
                ended.go(() -> gate.recv());
            }
        }

        private void receiversOfTenant(int n) {
            for (int i = 0; i < n; i++) {
                ended.go(() -> gate.recv());
            }
        }

        private void senders(int n) {
            for (int i = 0; i < n; i++) {
                ended.go(() -> sink.send(1));
            }
        }

        private void choosers(int n) {
            for (int i = 0; i < n; i++) {
                ended.go(() -> select(recv(gate, v -> v), recv(other, v -> v)));
            }
        }

        private void lockers(int n) {
            for (int i = 0; i < n; i++) {
                ended.go(() -> {
                    mutex.lock();
                    mutex.unlock();
                });
            }
        }

        private void waiters(int n) {
            for (int i = 0; i < n; i++) {
                ended.go(latch::await);
            }
        }

        void wake() throws InterruptedException {
            gate.close();
            for (int i = 0; i < n("senders"); i++) {
                sink.recv();
            }
            mutex.unlock();
            latch.done();
            ended.await();
        }
    }
}
