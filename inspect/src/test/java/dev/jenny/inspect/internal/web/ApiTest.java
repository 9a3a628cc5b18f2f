package dev.jenny.inspect.internal.web;

import static dev.jenny.inspect.internal.web.MiniJson.number;
import static dev.jenny.inspect.internal.web.MiniJson.object;
import static dev.jenny.inspect.internal.web.MiniJson.objects;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.jenny.Chan;
import dev.jenny.Go;
import dev.jenny.Goroutine;
import dev.jenny.Tracing;
import dev.jenny.context.Context;
import dev.jenny.inspect.Inspect;
import dev.jenny.inspect.InspectOptions;
import dev.jenny.inspect.internal.Json;
import dev.jenny.inspect.internal.model.Await;
import dev.jenny.inspect.internal.model.Model;
import dev.jenny.inspect.internal.model.ObjectList;
import dev.jenny.inspect.internal.model.ObjectTrends;
import dev.jenny.internal.sched.Probe;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class ApiTest {
    private Inspect inspect;
    private final List<Goroutine> started = new ArrayList<>();
    private final Chan<Integer> never = Chan.make(3);

    @BeforeEach
    void start() throws Exception {
        inspect = Inspect.start(InspectOptions.defaults().name("api-test").quiet());
    }

    @AfterEach
    void stop() {
        inspect.close();
        started.forEach(g -> g.thread().interrupt());
    }

    private HttpURLConnection open(String path) throws IOException {
        var url = URI.create("http://127.0.0.1:" + inspect.port() + path).toURL();
        HttpURLConnection c = (HttpURLConnection) url.openConnection();
        c.setRequestProperty("Authorization", "Bearer " + inspect.token());
        return c;
    }

    private byte[] bytes(String path) throws IOException {
        try (var in = open(path).getInputStream()) {
            return in.readAllBytes();
        }
    }

    private Map<String, Object> get(String path) throws IOException {
        return object(new String(bytes("/api/v1/" + path), StandardCharsets.UTF_8));
    }

    /** A goroutine that waits to receive, for ever. */
    private Goroutine receiver() {
        return receiver(never);
    }

    private Goroutine receiver(Chan<Integer> ch) {
        Goroutine g =
                Go.go(() -> {
                    try {
                        ch.recv();
                    } catch (InterruptedException e) {
                        // the test is over
                    }
                });
        started.add(g);
        while (true) {
            Probe.GView v = Probe.goroutine(g.id());
            if (v != null && v.reason() != null) {
                return g;
            }
            Thread.onSpinWait();
        }
    }

    @Test
    void theDifferenceOfTwoSnapshots() throws Exception {
        receiver();
        Map<String, Object> first = get("diff?q=site~ApiTest.receiver");
        assertThat(number(first.get("matched"))).isEqualTo(1);
        String since = "diff?since=" + number(first.get("snapshot"));
        assertThat(objects(get(since).get("changes"))).isEmpty();
        receiver();
        receiver();
        Map<String, Object> diff = get(since);
        assertThat(number(diff.get("before"))).isEqualTo(1);
        assertThat(number(diff.get("after"))).isEqualTo(3);
        assertThat(diff.get("complete")).isEqualTo(true);
        Map<String, Object> change = objects(diff.get("changes")).getFirst();
        assertThat(number(change.get("change"))).isEqualTo(2);
        assertThat(number(change.get("before"))).isEqualTo(1);
        assertThat(((Map<?, ?>) change.get("group")).get("reason")).isEqualTo("chan receive");

        receiver();
        Map<String, Object> kept = get(since + "&to=" + number(diff.get("snapshot")));
        assertThat(kept.get("changes")).isEqualTo(diff.get("changes"));
        assertThat(open("/api/v1/" + since + "&q=state:waiting").getResponseCode()).isEqualTo(400);
        assertThat(open("/api/v1/diff?limit=3").getResponseCode()).isEqualTo(400);
        assertThat(open("/api/v1/diff?q=age%3E%3E").getResponseCode()).isEqualTo(400);
        for (int i = 0; i < DiffPages.KEPT; i++) {
            get("diff");
        }
        assertThat(open("/api/v1/" + since).getResponseCode()).isEqualTo(404);
    }

    @Test
    void stateHasTheProgramAndASampleOfNow() throws Exception {
        receiver();
        Map<String, Object> state = get("state");
        Map<?, ?> program = (Map<?, ?>) state.get("program");
        assertThat(program.get("main")).isEqualTo("api-test");
        assertThat(program.get("mode")).isEqualTo(Probe.custom() ? "custom" : "fallback");
        assertThat(program.get("demo")).isEqualTo(false);
        assertThat(number(state.get("goroutines"))).isPositive();
        List<Map<String, Object>> samples = objects(state.get("samples"));
        assertThat(samples).hasSize(1);
        Map<String, Object> s = samples.getFirst();
        assertThat(s)
                .containsKeys("t", "procs", "live", "gq", "timers", "sw", "p", "marks", "drops");
        assertThat(number(s.get("waiting"))).isPositive();
        assertThat(number(s.get("running")) + number(s.get("runnable")) + number(s.get("waiting")))
                .isEqualTo(number(s.get("live")));
        for (Map<String, Object> p : objects(s.get("p"))) {
            assertThat(p).containsKeys("id", "st", "m", "q", "next", "sw", "steals", "busy");
            assertThat((Double) p.get("busy")).isBetween(0.0, 1.0);
        }
    }

    @Test
    void eventsSendTheProgramAndThenSamplesInOrder() throws Exception {
        HttpURLConnection c = open("/api/v1/events");
        List<Long> times = new ArrayList<>();
        String first = null;
        try (BufferedReader in =
                new BufferedReader(
                        new InputStreamReader(c.getInputStream(), StandardCharsets.UTF_8))) {
            String name = "";
            while (times.size() < 3) {
                String line = in.readLine();
                if (line.startsWith("event: ")) {
                    name = line.substring(7);
                    first = first == null ? name : first;
                } else if (line.startsWith("data: ") && name.equals("sample")) {
                    times.add(number(object(line.substring(6)).get("t")));
                }
            }
        }
        assertThat(first).isEqualTo("program");
        assertThat(times).isSorted().doesNotHaveDuplicates();
    }

    /** Each is as large as all rings, and held until its client has read it. */
    @Test
    void oneLargeTraceIsSentAtATime() throws Exception {
        TracePages.LARGE.acquire();
        try {
            assertThat(open("/api/v1/trace?at=0").getResponseCode()).isEqualTo(503);
            String small = "/api/v1/trace?at=0&limit=" + TracePages.SMALL;
            assertThat(open(small).getResponseCode()).isEqualTo(200);
        } finally {
            TracePages.LARGE.release();
        }
        assertThat(bytes("/api/v1/trace?at=0")).startsWith("JTRC".getBytes(StandardCharsets.UTF_8));
        assertThat(TracePages.LARGE.availablePermits()).isEqualTo(1);
    }

    @Test
    void goroutinesAreFilteredAndLimited() throws Exception {
        for (int i = 0; i < 5; i++) {
            receiver();
        }
        Map<String, Object> some =
                get("goroutines?q=reason:%22chan%20receive%22%20site~ApiTest&limit=2");
        assertThat(number(some.get("matched"))).isGreaterThanOrEqualTo(5);
        List<Map<String, Object>> list = objects(some.get("goroutines"));
        assertThat(list).hasSize(2);
        assertThat(list).allSatisfy(g -> assertThat(g.get("reason")).isEqualTo("chan receive"));
        assertThat(objects(some.get("groups")))
                .anySatisfy(g -> {
                    assertThat(number(g.get("count"))).isGreaterThanOrEqualTo(5);
                    assertThat(String.valueOf(g.get("site"))).contains("ApiTest.receiver");
                });
        assertThat(get("goroutines?group=1")).doesNotContainKey("goroutines");
        assertThat(objects(get("goroutines?q=reason:select").get("groups")))
                .noneSatisfy(g -> assertThat(g.get("reason")).isEqualTo("chan receive"));
    }

    @Test
    void oneGoroutineHasItsStackAndWhatItWaitsFor() throws Exception {
        Goroutine g = receiver();
        Map<String, Object> one = get("goroutines/" + g.id());
        assertThat(number(one.get("id"))).isEqualTo(g.id());
        assertThat(one.get("stack").toString()).contains("ApiTest");
        assertThat(((Map<?, ?>) one.get("on")).get("kind")).isEqualTo("chan");
        assertThat(one).containsKeys("wakers", "events");
        Map<String, Object> why = get("why/" + g.id());
        assertThat(why.get("text").toString()).contains("chan", "created at ");
        for (Map<String, Object> detail : List.of(one, why)) {
            assertThat(objects(detail.get("creators"))).as("not started by a goroutine").isEmpty();
            assertThat(detail.get("context")).hasToString("null");
        }
        String alone = "goroutines?q=id:" + g.id();
        assertThat(objects(get(alone + "&creators=1").get("goroutines")).getFirst())
                .containsKey("creators");
        assertThat(objects(get(alone).get("goroutines")).getFirst()).doesNotContainKey("creators");
    }

    @Test
    void oneGoroutineHasItsCreatorsAndItsContext() throws Exception {
        Chan<Goroutine> child = Chan.make(1);
        try (Context context = Context.background().withTimeout(Duration.ofHours(1))) {
            Goroutine parent =
                    Go.go(() -> {
                        child.send(Go.go(() -> context.done().recv()));
                        context.done().recv();
                    });
            Goroutine g = Await.parked(child.recv(), "chan receive");
            for (String path : List.of("goroutines/", "why/")) {
                Map<String, Object> one = get(path + g.id());
                Map<String, Object> creator = objects(one.get("creators")).getFirst();
                assertThat(number(creator.get("id"))).isEqualTo(parent.id());
                assertThat(creator).containsEntry("ended", false);
                assertThat(String.valueOf(creator.get("site"))).contains("ApiTest");
                Map<?, ?> waits = (Map<?, ?>) one.get("context");
                assertThat(number(waits.get("leftNs"))).isPositive();
                assertThat(number(waits.get("chan"))).isPositive();
            }
        }
    }

    @Test
    void channelsShowTheirWaiters() throws Exception {
        Goroutine g = receiver();
        List<Map<String, Object>> objects = objects(get("chans").get("objects"));
        Map<String, Object> own =
                objects.stream()
                        .filter(o -> o.get("waiters").toString().contains("id=" + (double) g.id()))
                        .findFirst()
                        .orElseThrow();
        assertThat(number(own.get("cap"))).isEqualTo(3);
        assertThat(number(own.get("passed"))).isZero();
        assertThat(number(own.get("receivers"))).isEqualTo(1);
        long id = number(own.get("id"));
        assertThat(objects(get("chans?id=" + id).get("objects"))).hasSize(1);
        Chan<Integer> another = Chan.make();
        receiver(another);
        assertThat(number(get("chans?limit=1").get("total"))).isGreaterThan(1);
        assertThat(objects(get("graph").get("nodes")))
                .anySatisfy(n -> assertThat(n.get("id")).isEqualTo("o" + id));
    }

    @Test
    void aChannelThatWasLookedAtHasATrend() throws Exception {
        Goroutine g = receiver();
        ObjectTrends trends = new ObjectTrends();
        trends.look(0);
        never.send(1);
        g.join();
        never.send(2);
        ObjectList list = trends.look(1_000_000_000);
        Map<String, Object> answer =
                object(Json.string(j -> WaitPages.writeObjects(j, list, trends)));
        assertThat(answer.get("looks")).isEqualTo(List.of(0.0, 1e9));
        assertThat(answer.get("complete")).isEqualTo(false);
        assertThat(objects(answer.get("objects")))
                .filteredOn(o -> o.get("label").toString().contains("len=1, cap=3"))
                .anySatisfy(o -> {
                    assertThat(o).containsEntry("perS", 1.0).containsEntry("empty", 0.5);
                    assertThat(o.get("trend"))
                            .isEqualTo(
                                    Map.of(
                                            "len", List.of(0.0, 1.0),
                                            "waiting", List.of(1.0, 0.0),
                                            "moved", List.of(0.0, 1.0)));
                });
    }

    @Test
    void issuesAndLeaksAnswerWithoutAny() throws Exception {
        assertThat(get("issues")).containsKeys("issues", "now");
        assertThat(get("leaks")).containsKeys("supported", "checked", "proven", "suspected");
    }

    private static void waitUnseen() throws InterruptedException {
        Chan.<Integer>make().recv();
    }

    @Test
    void leaksThatWereFoundHereAreInTheProfile() throws Exception {
        assumeTrue(Model.leaksUnsupported() == null);
        Go.go(ApiTest::waitUnseen);
        while (!get("leaks?check=1").get("proven").toString().contains("ApiTest.waitUnseen")) {
            Thread.onSpinWait(); // it does not wait yet
        }
        assertThat(bytes("/debug/pprof/goroutineleak?debug=1"))
                .asString(StandardCharsets.UTF_8)
                .contains("ApiTest.waitUnseen");
    }

    private static void sendUnseen() throws InterruptedException {
        Chan.<Integer>make().send(1);
    }

    @Test
    void leaksThatWereFoundStayWhenOthersAreFound() throws Exception {
        assumeTrue(Model.leaksUnsupported() == null);
        Go.go(ApiTest::waitUnseen);
        while (!get("leaks?check=1").get("proven").toString().contains("ApiTest.waitUnseen")) {
            Thread.onSpinWait(); // it does not wait yet
        }
        Go.go(ApiTest::sendUnseen);
        String proven;
        do {
            proven = get("leaks?check=1").get("proven").toString();
        } while (!proven.contains("ApiTest.sendUnseen"));
        assertThat(proven).contains("ApiTest.waitUnseen");
    }

    private static void takeUnseen() throws InterruptedException {
        Chan.<Integer>make().recv();
    }

    @Test
    void leaksThatOthersFoundAreListed() throws Exception {
        assumeTrue(Model.leaksUnsupported() == null);
        Go.go(ApiTest::takeUnseen);
        while (!new String(bytes("/debug/pprof/goroutineleak?debug=1"), StandardCharsets.UTF_8)
                .contains("ApiTest.takeUnseen")) {
            Thread.onSpinWait(); // it does not wait yet
        }
        Map<String, Object> answer = get("leaks");
        assertThat(answer.get("checked")).isEqualTo(true);
        assertThat(answer.get("proven").toString()).contains("ApiTest.takeUnseen");
    }

    private String refusal(String path, int status) throws Exception {
        HttpURLConnection c = open(path);
        for (int i = 0; i < 20 && c.getResponseCode() != status; i++) {
            c = open(path);
        }
        assertThat(c.getResponseCode()).isEqualTo(status);
        try (var in = c.getErrorStream()) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    @Test
    void aSearchForLeaksInVainSaysWhyAndWhatToDo() throws Exception {
        // Whoever holds on to the goroutine that each search leaks itself makes it fail.
        AtomicBoolean over = new AtomicBoolean();
        List<Probe.GView> held = new ArrayList<>();
        Thread looker =
                Thread.ofPlatform()
                        .start(() -> {
                            while (!over.get()) {
                                Probe.goroutines(g -> {
                                    if (g.labels().containsKey("jenny-leak-canary")) {
                                        held.add(g);
                                    }
                                });
                            }
                        });
        try {
            for (String path : List.of("/api/v1/leaks?check=1", "/debug/pprof/goroutineleak")) {
                assertThat(refusal(path, 503))
                        .startsWith("leaks cannot be proven: the garbage collector leaves")
                        .contains("-XX:+DisableExplicitGC")
                        .contains("search again");
            }
        } finally {
            over.set(true);
            looker.join();
        }
        assertThat(held).isNotEmpty();
        assertThat(get("leaks?check=1").get("checked")).isEqualTo(true);
    }

    @Test
    void whereLeaksCannotBeProvenTheMissingFlagIsNamed() throws Exception {
        String before = System.setProperty("jdk.trackAllThreads", "true");
        try {
            Map<String, Object> answer = get("leaks?check=1");
            assertThat(answer.get("supported")).isEqualTo(false);
            assertThat(answer.get("checked")).isEqualTo(false);
            assertThat((String) answer.get("note")).contains("-Djdk.trackAllThreads=false");
            assertThat(refusal("/debug/pprof/goroutineleak", 501))
                    .contains("-Djdk.trackAllThreads=false");
        } finally {
            System.setProperty("jdk.trackAllThreads", before);
        }
    }

    @Test
    void theTraceHasTheStartsOfGoroutinesInOrder() throws Exception {
        bytes("/api/v1/trace?seconds=1"); // begins to record
        Goroutine g = receiver();
        ByteBuffer all =
                ByteBuffer.wrap(bytes("/api/v1/trace?seconds=60")).order(ByteOrder.LITTLE_ENDIAN);
        byte[] magic = new byte[4];
        all.get(magic);
        assertThat(new String(magic, StandardCharsets.US_ASCII)).isEqualTo("JTRC");
        assertThat(all.getInt()).isEqualTo(1);
        byte[] head = new byte[all.getInt()];
        all.get(head);
        assertThat((12 + head.length) % 8).isZero();
        Map<String, Object> h = object(new String(head, StandardCharsets.UTF_8).strip());
        int n = (int) number(h.get("count"));
        int columns = n * (8 + 4 + 4 + 2 + 1);
        assertThat(all.remaining()).isGreaterThanOrEqualTo(columns);
        int end = all.position() + columns;
        double before = -1;
        for (int i = 0; i < n; i++) {
            double t = all.getDouble();
            assertThat(t).isGreaterThanOrEqualTo(before);
            before = t;
        }
        if (!Probe.custom()) {
            return; // nothing is recorded on the JDK's scheduler
        }
        int[] ids = new int[n];
        all.asIntBuffer().get(ids);
        byte[] types = new byte[n];
        all.position(all.position() + n * 10).get(types);
        List<?> names = (List<?>) h.get("types");
        List<?> withMore = (List<?>) h.get("more");
        assertThat(withMore.toString()).contains("park");
        all.position((end + 3) / 4 * 4);
        List<String> own = new ArrayList<>();
        int waitsAt = 0;
        for (int i = 0; i < n; i++) {
            Object name = names.get(types[i]);
            int more = withMore.contains(name) ? all.getInt() : 0;
            if (ids[i] == g.id() && !name.equals("steal")) {
                own.add(String.valueOf(name));
                waitsAt = name.equals("park") ? more : waitsAt;
            }
        }
        assertThat(all.hasRemaining()).isFalse();
        List<?> frames = (List<?>) h.get("frames");
        List<?> stack = (List<?>) ((List<?>) h.get("stacks")).get(waitsAt);
        assertThat(stack)
                .as("where it waits")
                .isNotEmpty()
                .anySatisfy(f ->
                        assertThat(frames.get((int) number(f)).toString())
                                .contains("ApiTest.lambda$receiver$"));
        assertThat(own).startsWith("create", "start").contains("park");
        assertThat(((List<?>) ((Map<?, ?>) h.get("goroutines")).get("id")).toString())
                .contains(String.valueOf((double) g.id()));
    }

    /** Events as {@code type text task}, of goroutine {@code g}, that have a text. */
    private static List<String> told(byte[] trace, long g) throws IOException {
        ByteBuffer all = ByteBuffer.wrap(trace).order(ByteOrder.LITTLE_ENDIAN);
        byte[] head = new byte[all.getInt(8)];
        all.position(12).get(head);
        Map<String, Object> h = object(new String(head, StandardCharsets.UTF_8).strip());
        int n = (int) number(h.get("count"));
        int at = all.position() + 8 * n;
        int types = at + 10 * n;
        int more = (types + n + 3) / 4 * 4;
        List<String> told = new ArrayList<>();
        for (int i = 0; i < n; i++) {
            Object type = ((List<?>) h.get("types")).get(all.get(types + i));
            boolean hasMore = ((List<?>) h.get("more")).contains(type);
            if (hasMore && !type.equals("park") && all.getInt(at + 4 * i) == g) {
                Object text = ((List<?>) h.get("texts")).get(all.getInt(at + 4 * n + 4 * i));
                told.add(type + " " + text + " " + all.getInt(more));
            }
            more += hasMore ? 4 : 0;
        }
        return told;
    }

    @Test
    void theTraceHasTheProgramsOwnTasksRegionsAndMessages() throws Exception {
        assumeTrue(Probe.custom());
        bytes("/api/v1/trace?seconds=1"); // begins to record
        Goroutine g =
                Go.go(() -> {
                    try (Tracing.UserTask order = Tracing.task("order");
                            Tracing.Region charge = order.region("charge")) {
                        order.log("id", "4711");
                        Tracing.log("", "no category");
                    }
                });
        g.join();
        List<String> told = told(bytes("/api/v1/trace?seconds=60"), g.id());
        assertThat(told).hasSize(6);
        String task = told.getFirst().substring("task order ".length());
        assertThat(Long.parseLong(task)).isPositive();
        assertThat(told)
                .containsExactly(
                        "task order " + task,
                        "region charge " + task,
                        "log id: 4711 " + task,
                        "log no category 0",
                        "regionEnd charge " + task,
                        "taskEnd  " + task);
    }

    @Test
    void theTraceHasThePausesOfTheGarbageCollector() throws Exception {
        assumeTrue(Probe.custom());
        bytes("/api/v1/trace?seconds=1"); // begins to record
        receiver();
        List<?> begins;
        Map<?, ?> pauses;
        do { // who tells of them is a thread of the JVM's, in its own time
            System.gc();
            receiver();
            ByteBuffer all =
                    ByteBuffer.wrap(bytes("/api/v1/trace?seconds=60"))
                            .order(ByteOrder.LITTLE_ENDIAN);
            byte[] head = new byte[all.getInt(8)];
            all.position(12).get(head);
            pauses =
                    (Map<?, ?>)
                            object(new String(head, StandardCharsets.UTF_8).strip()).get("pauses");
            begins = (List<?>) pauses.get("begin");
        } while (begins.isEmpty());
        List<?> ends = (List<?>) pauses.get("end");
        for (int i = 0; i < begins.size(); i++) {
            assertThat(number(begins.get(i))).isBetween(0L, number(ends.get(i)));
        }
        assertThat(pauses.get("name").toString()).contains("System.gc()");
    }

    @Test
    void theTraceKeepsTheNewestOfTooMany() throws Exception {
        bytes("/api/v1/trace?seconds=1");
        for (int i = 0; i < 20; i++) {
            receiver();
        }
        ByteBuffer all =
                ByteBuffer.wrap(bytes("/api/v1/trace?seconds=60&limit=7"))
                        .order(ByteOrder.LITTLE_ENDIAN);
        byte[] head = new byte[all.getInt(8)];
        all.position(12).get(head);
        Map<String, Object> h = object(new String(head, StandardCharsets.UTF_8).strip());
        if (Probe.custom()) {
            assertThat(number(h.get("count"))).isEqualTo(7);
            assertThat(number(h.get("dropped"))).isPositive();
        }
    }

    @Test
    void theMomentsOfThePastAreKept() throws Exception {
        receiver();
        get("state?history=1"); // somebody watches
        HttpURLConnection c;
        long now = Long.MAX_VALUE / 2; // the newest
        while ((c = open("/api/v1/goroutines?at=" + now)).getResponseCode() == 404) {
            c.disconnect(); // thousands of open connections are refused in the end
            LockSupport.parkNanos(10_000_000);
        }
        assertThat(c.getResponseCode()).isEqualTo(200);
        String body = new String(c.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(object(body)).containsKeys("groups", "total");
        assertThat(open("/api/v1/goroutines?at=0").getResponseCode())
                .as("a moment before the first that is kept is not that one")
                .isEqualTo(404);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "goroutines?q=%28state:waiting",
                "goroutines?limit=0",
                "goroutines?order=size",
                "goroutines/first",
                "state?history=100000",
                "trace?seconds=0",
                "trace?limit=1e9",
                "chans?limit=x",
                "chans?all=2"
            })
    void whatCannotBeUnderstoodIsRefused(String path) throws Exception {
        HttpURLConnection c = open("/api/v1/" + path);
        assertThat(c.getResponseCode()).isEqualTo(400);
        assertThat(new String(c.getErrorStream().readAllBytes(), StandardCharsets.UTF_8))
                .isNotBlank();
    }

    @ParameterizedTest
    @ValueSource(strings = {"goroutines/123456789", "why/123456789", "lesson/go", "nothing"})
    void whatIsNotThereIsNotFound(String path) throws Exception {
        assertThat(open("/api/v1/" + path).getResponseCode()).isEqualTo(404);
    }

    @Test
    void thePageLoadsItsScriptsFromHereOnly() throws Exception {
        HttpURLConnection page = open("/");
        assertThat(page.getResponseCode()).isEqualTo(200);
        assertThat(page.getHeaderField("Content-Security-Policy"))
                .contains("default-src 'self'")
                .doesNotContain("unsafe");
        String html = new String(page.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(html).doesNotContain("http:").doesNotContain("https:").doesNotContain("style=");
        HttpURLConnection script = open("/web/app.js");
        assertThat(script.getHeaderField("Content-Type")).startsWith("text/javascript");
        assertThat(open("/web/pages/learn.js").getResponseCode()).isEqualTo(200);
        // To Firefox a worker's script is a page of its own: it may import only what this allows.
        assertThat(open("/web/trace-worker.js").getHeaderField("Content-Security-Policy"))
                .contains("default-src 'none'")
                .contains("script-src 'self'");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/web/../index.html",
                "/web/%2e%2e/Web.class",
                "/web//etc/passwd",
                "/web/",
                "/web/index.html",
                "/web/pages",
                "/web/none.js"
            })
    void nothingButTheFilesOfTheDashboardIsServed(String path) throws Exception {
        assertThat(open(path).getResponseCode()).isIn(400, 401, 404);
    }

    @Test
    void thePageItselfNeedsTheToken() throws Exception {
        var url = URI.create("http://127.0.0.1:" + inspect.port() + "/").toURL();
        assertThat(((HttpURLConnection) url.openConnection()).getResponseCode()).isEqualTo(401);
    }
}
