package dev.jenny.inspect.internal.pprof;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.jenny.Chan;
import dev.jenny.Go;
import dev.jenny.Goroutine;
import dev.jenny.Task;
import dev.jenny.inspect.FlightRecorder;
import dev.jenny.inspect.Leaks;
import dev.jenny.inspect.internal.Json;
import dev.jenny.inspect.internal.http.Server;
import dev.jenny.inspect.internal.issue.Issues;
import dev.jenny.inspect.internal.model.Frame;
import dev.jenny.inspect.internal.model.Model;
import dev.jenny.inspect.internal.model.Model.Order;
import dev.jenny.inspect.internal.model.Query;
import dev.jenny.inspect.internal.pprof.Profile.ValueType;
import dev.jenny.inspect.internal.pprof.Profiles.Kind;
import dev.jenny.inspect.internal.web.MiniJson;
import dev.jenny.internal.sched.Probe;
import java.io.ByteArrayInputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Pattern;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(120)
class PprofTest {
    private static final HttpClient CLIENT = HttpClient.newHttpClient();
    private static final ValueType COUNT = ValueType.count("samples");
    private static final Chan<Integer> NEVER = Chan.make();
    private static Server server;

    @BeforeAll
    static void start() throws Exception {
        server = Server.open(0, null);
        Pprof.register(server, "Shop.java");
        TracePage.register(server);
        Flame.register(server);
        server.start();
        Go.withLabels(
                Map.of("svc", "waiter"),
                () -> {
                    for (int i = 0; i < 5; i++) {
                        Go.go(PprofTest::waitForEver);
                    }
                });
    }

    @AfterAll
    static void stop() {
        NEVER.close();
        Profiles.stopAll();
        server.close();
    }

    private static void waitForEver() throws InterruptedException {
        NEVER.recv();
    }

    private static HttpResponse<String> get(String path) throws Exception {
        return CLIENT.send(
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + path))
                        .header("Authorization", "Bearer " + server.token())
                        .build(),
                BodyHandlers.ofString());
    }

    private static String url(String path) {
        return server.url("/debug/pprof/" + path);
    }

    @Test
    void theIndexListsAllAndKeepsTheToken() throws Exception {
        String index = get("/debug/pprof/?t=" + server.token()).body();
        for (Kind kind : Kind.values()) {
            assertThat(index).contains("href=\"" + kind.text() + "?");
        }
        assertThat(index)
                .contains("href=\"goroutine?debug=2&amp;t=" + server.token())
                .contains("cmdline");
        assertThat(get("/debug/pprof/").body()).doesNotContain(server.token());
    }

    @Test
    void goroutinesAsText() throws Exception {
        HttpResponse<String> answer = get("/debug/pprof/goroutine?debug=1");
        assertThat(answer.headers().firstValue("Content-Type"))
                .hasValue("text/plain; charset=utf-8");
        assertThat(answer.body())
                .startsWith("goroutine profile: total ")
                .containsPattern("(?m)^5 @( 0x[0-9a-f]+)+$")
                .contains("# labels: {\"svc\":\"waiter\",\"wait\":\"chan receive\"}")
                .contains(
                        "\tdev.jenny.inspect.internal.pprof.PprofTest.waitForEver\tPprofTest.java:");
        assertThat(get("/debug/pprof/goroutine?debug=2").body())
                .containsPattern("goroutine \\d+ \\[chan receive.*\\]");
    }

    @Test
    void errorsAreThoseOfGo() throws Exception {
        check("nothing", 404, "Unknown profile: there are allocs, block,", "profile is the one");
        check(
                "goroutine?seconds=1&debug=1",
                400,
                "seconds and debug params are incompatible: leave out");
        check("goroutine?seconds=0", 400, "must be a positive integer");
        check("heap?seconds=x", 400, "must be a positive integer, such as seconds=10");
        check("goroutineleak?seconds=1", 400, "not supported for this profile type: leave");
        check("heap?q=site~foo", 400, "q chooses goroutines, so it goes with goroutine");
        check("goroutineleak?q=site~foo", 400, "q chooses goroutines, so it goes with goroutine");
        check("offcpu?wait=sleep", 400, "no parameter \"wait\" here; there are: debug, seconds");
        check("trace?q=foo", 400, "no parameter \"q\" here; there are: seconds, last, format");
        check("goroutine?debug=1&q=age:::", 400, "");
        check("profile?seconds=100000", 400, "at most 600 seconds: for longer take several");
        for (String seconds : new String[] {"0", "-1", "x", "NaN", "601", "1e9"}) {
            check("trace?seconds=" + seconds, 400, "must be a number above 0, at most 600");
        }
        check("trace?seconds=1&format=x", 400, "format is go, perfetto or jfr");
        check("trace?last=1&format=jfr", 400, "give seconds");
        check("trace?last=x", 400, "");
        check("trace?last=3601", 400, "");
        check("trace?last=1&seconds=1", 400, "give one of them");
    }

    private void check(String path, int status, String... text) throws Exception {
        HttpResponse<String> answer = get("/debug/pprof/" + path);
        assertThat(answer.statusCode()).as(path).isEqualTo(status);
        assertThat(answer.body()).contains(text);
        assertThat(answer.headers().firstValue("X-Go-Pprof")).hasValue("1");
    }

    @Test
    void queriesChooseGoroutines() throws Exception {
        assertThat(get("/debug/pprof/goroutine?debug=1&q=label.svc%3Dwaiter").body())
                .startsWith("goroutine profile: total 5\n");
        assertThat(get("/debug/pprof/goroutine?debug=1&q=label.svc%3Dnobody").body())
                .startsWith("goroutine profile: total 0\n");
        assertThat(get("/debug/pprof/goroutine?debug=2&limit=1").body())
                .contains("goroutines left out");
    }

    @Test
    void theProgramIsNamed() throws Exception {
        HttpResponse<byte[]> answer =
                CLIENT.send(
                        HttpRequest.newBuilder(URI.create(url("goroutine"))).build(),
                        BodyHandlers.ofByteArray());
        try (var in = new GZIPInputStream(new ByteArrayInputStream(answer.body()))) {
            assertThat(new String(in.readAllBytes(), StandardCharsets.ISO_8859_1))
                    .contains("Shop.java")
                    .doesNotContain("surefire");
        }
    }

    @Test
    void aTraceOfAFractionOfASecond() throws Exception {
        assumeTrue(Probe.custom());
        HttpResponse<String> answer = get("/debug/pprof/trace?seconds=0.05");
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body()).startsWith("go 1.2");
    }

    @Test
    void aTraceWithOperationsOnChannels() throws Exception {
        assumeTrue(Probe.custom());
        Chan<Integer> ch = Chan.make(1);
        Chan<Integer> stop = Chan.make();
        Goroutine g =
                Go.go(() -> {
                    while (!stop.isDrained()) {
                        ch.send(1);
                        ch.recv();
                        Go.gosched();
                    }
                });
        String path = "/debug/pprof/trace?seconds=0.1";
        try {
            while (!get(path + "&channels=1").body().contains("jenny.chan")) {
                Thread.onSpinWait(); // it had no CPU
            }
            assertThat(get(path).body()).doesNotContain("jenny.chan");
        } finally {
            stop.close();
            g.join();
        }
        check("trace?channels=-1", 400, "must be a number from 0 to 1000000");
        check("trace?last=5&channels=1", 400, "-Djenny.traceChannels=N");
    }

    @Test
    void aRecordingForMissionControlHasEventsOfGoroutinesAndOfTheJdk() throws Exception {
        assumeTrue(Probe.custom());
        CompletableFuture<HttpResponse<Path>> answer =
                CLIENT.sendAsync(
                        HttpRequest.newBuilder(URI.create(url("trace") + "&seconds=0.2&format=jfr"))
                                .build(),
                        BodyHandlers.ofFile(Files.createTempFile("jenny-test-", ".jfr")));
        while (!answer.isDone()) {
            Go.go(() -> Go.sleep(Duration.ofMillis(1))).join();
        }
        assertThat(answer.join().statusCode()).isEqualTo(200);
        assertThat(answer.join().headers().firstValue("Content-Disposition").orElse(""))
                .contains("jenny.jfr");
        Path file = answer.join().body();
        Set<String> names = new HashSet<>();
        JfrRecording.read(file, e -> names.add(e.getEventType().getName()));
        Files.delete(file);
        assertThat(names)
                .contains("jenny.GoroutineStart", "jenny.GoroutineEnd")
                .contains("jdk.JVMInformation", "jdk.CPUInformation");
    }

    @Test
    void onlySoManyRecordingsAtOnce() throws Exception {
        JfrFile.RECORDINGS.acquire(JfrFile.AT_ONCE);
        try {
            check("trace?seconds=1&format=jfr", 503, "try again later");
        } finally {
            JfrFile.RECORDINGS.release(JfrFile.AT_ONCE);
        }
    }

    @Test
    void aTraceOfThePastNeedsARecorder() throws Exception {
        assumeTrue(Probe.custom());
        check("trace?last=5", 409, "start it with 'jenny run --flight'");
        try (FlightRecorder recorder = FlightRecorder.start()) {
            Go.go(() -> Go.sleep(Duration.ofMillis(1))).join();
            for (String last : new String[] {"0", "60"}) {
                HttpResponse<String> go = get("/debug/pprof/trace?last=" + last);
                assertThat(go.statusCode()).isEqualTo(200);
                assertThat(go.body())
                        .startsWith("go 1.2")
                        .contains("PprofTest.aTraceOfThePastNeedsARecorder");
            }
            HttpResponse<String> perfetto = get("/debug/pprof/trace?last=60&format=perfetto");
            assertThat(perfetto.body())
                    .doesNotStartWith("go 1.2")
                    .contains("PprofTest.aTraceOfThePastNeedsARecorder");
            assertThat(perfetto.headers().firstValue("Content-Disposition").orElse(""))
                    .contains("trace.pftrace");
        }
        check("trace?last=5", 409, "FlightRecorder.start()");
    }

    private static void leak() throws InterruptedException {
        Chan.<Integer>make().recv();
    }

    /** Starts {@code n} goroutines for {@code query} that nothing can wake, and waits for them. */
    private static void leak(int n, String query, Task task) throws Exception {
        for (int i = 0; i < n; i++) {
            Go.go(task);
        }
        Query waiting = Query.parse(query + " state:waiting");
        while (Model.goroutines(waiting, Order.ID, 9, false).matched() < n) {
            Thread.onSpinWait();
        }
    }

    private static void sendToNobody() throws InterruptedException {
        Chan.<Integer>make().send(1);
    }

    @Test
    void aFullDumpOfLeaksMarksThemAmongAllOthers() throws Exception {
        assumeTrue(Model.leaksUnsupported() == null);
        leak(20, "stack~PprofTest.sendToNobody", PprofTest::sendToNobody);
        String leaked =
                "(?s)goroutine \\d+ \\[chan send \\(leaked\\)\\]:\n[^\n]*PprofTest\\.sendToNobody\\(\\.\\.\\.\\)\n"
                        + "(?:[^\n]+\n)+created by dev\\.jenny[^\n]*\n[^\n]+\n\n";
        for (int i = 0; i < 2; i++) { // the second time they are gone
            String dump = get("/debug/pprof/goroutineleak?debug=2").body();
            assertThat(Pattern.compile(leaked).matcher(dump).results().count()).isEqualTo(20);
            assertThat(dump)
                    .containsPattern("goroutine \\d+ \\[chan receive\\] \\{svc: waiter\\}:");
        }
        String some = get("/debug/pprof/goroutineleak?debug=2&limit=5&q=reason~leaked").body();
        assertThat(some).contains(" goroutines left out ...").doesNotContain("svc: waiter");
        assertThat(some.split("\ngoroutine ")).hasSize(5);
    }

    @Test
    void leaksStayInTheProfileAfterTheyWereTaken() throws Exception {
        assumeTrue(Model.leaksUnsupported() == null);
        leak(3, "stack~PprofTest.leak", PprofTest::leak);
        for (int i = 0; i < 2; i++) {
            assertThat(get("/debug/pprof/goroutineleak?debug=1").body())
                    .containsPattern("(?m)^3 @")
                    .contains("PprofTest.leak")
                    .contains("\"wait\":\"chan receive\"");
        }
    }

    private static void waitUnseen() throws InterruptedException {
        Chan.<Integer>make().recv();
    }

    @Test
    void leaksThatOthersHaveFoundAreInTheProfileToo() throws Exception {
        assumeTrue(Model.leaksUnsupported() == null);
        String mine = "stack~PprofTest.waitUnseen";
        leak(4, mine, PprofTest::waitUnseen);
        while (Model.goroutines(Query.parse(mine), Order.ID, 9, false).matched() > 0) {
            Leaks.find(); // a search may leave some
        }
        assertThat(get("/debug/pprof/goroutineleak?debug=1").body())
                .containsPattern("(?m)^4 @")
                .contains("PprofTest.waitUnseen");
        String dump = get("/debug/pprof/goroutineleak?debug=2&q=reason~leaked").body();
        assertThat(Pattern.compile("PprofTest\\.waitUnseen\\(").matcher(dump).results().count())
                .isEqualTo(4);
    }

    private static void waitForProfile() throws InterruptedException {
        Chan.<Integer>make().recv();
    }

    @Test
    void leaksThatTheProfileFindsAreAmongTheIssuesAndCounted() throws Exception {
        assumeTrue(Model.leaksUnsupported() == null);
        leak(2, "stack~PprofTest.waitForProfile", PprofTest::waitForProfile);
        long before = Issues.leaked();
        get("/debug/pprof/goroutineleak?debug=1");
        assertThat(Issues.leaked()).isGreaterThanOrEqualTo(before + 2);
        while (!Issues.list().toString().contains("waitForProfile")) {
            Go.sleep(Duration.ofMillis(1)); // the watch may be on, which enters them within 1 s
        }
    }

    @Test
    void cmdlineAndSymbol() throws Exception {
        assertThat(get("/debug/pprof/cmdline").body()).startsWith("java\0");
        assertThat(get("/debug/pprof/symbol").body()).isEqualTo("num_symbols: 0\n");
    }

    @Test
    void binaryProfilesAreDownloads() throws Exception {
        HttpResponse<String> answer = get("/debug/pprof/threadcreate");
        assertThat(answer.headers().firstValue("Content-Type"))
                .hasValue("application/octet-stream");
        assertThat(answer.headers().firstValue("Content-Disposition"))
                .hasValue("attachment; filename=\"threadcreate\"");
        assertThat(
                        get("/debug/pprof/threadcreate?seconds=1")
                                .headers()
                                .firstValue("Content-Disposition"))
                .hasValue("attachment; filename=\"threadcreate-delta\"");
    }

    @Test
    void profilesForSpeedscope() throws Exception {
        HttpResponse<String> answer = get("/debug/pprof/goroutine?format=speedscope");
        assertThat(answer.headers().firstValue("Content-Disposition"))
                .hasValue("attachment; filename=\"goroutine.speedscope.json\"");
        assertThat(MiniJson.object(answer.body()))
                .containsEntry("name", "goroutine of Shop.java")
                .containsKeys("$schema", "shared", "profiles");
        check("goroutine?format=perfetto", 400, "format is pprof or speedscope");
        check("goroutine?format=speedscope&debug=1", 400, "incompatible: leave out one");
    }

    @Test
    void flameGraphs() throws Exception {
        assertThat(get("/api/v1/flame?kind=goroutine").body())
                .startsWith("{\"kind\":\"goroutine\",\"unit\":\"count\",\"seconds\":0,")
                .contains("PprofTest.waitForEver(PprofTest.java:");
        Profile p = new Profile("p", List.of(COUNT), COUNT, 1);
        List<Frame> a = List.of(new Frame("A.a", "A.java", 1), new Frame("A.main", "A.java", 2));
        p.add(a, Map.of("svc", "x"), 3);
        p.add(a, Map.of(), 4);
        p.add(a, Map.of("svc", "x", "op", "get"), 0);
        StringBuilder json = new StringBuilder();
        Flame.write("cpu", 5, p, Json.to(json));
        assertThat(json)
                .contains("\"frames\":[\"A.a(A.java:1)\",\"A.main(A.java:2)\"]")
                .contains("\"labels\":[{},{\"svc\":\"x\"}]")
                .contains("\"stacks\":[[[1,0],4,0],[[1,0],3,1]]");
        assertThat(json).contains("\"seconds\":5,");
        p.during(Instant.now(), Duration.ofMillis(6_849)); // what is allocated is told late
        json.setLength(0);
        Flame.write("alloc", 5, p, Json.to(json));
        assertThat(json).contains("\"seconds\":6.8,");
        HttpResponse<String> unknown = get("/api/v1/flame?kind=nothing");
        assertThat(unknown.statusCode()).isEqualTo(400);
        assertThat(unknown.body()).contains("there are cpu, alloc").contains("offcpu");
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    @Tag("tools")
    void goReadsAllOfThem(Kind kind) throws Exception {
        GoPprof.assumeInstalled();
        String path = kind == Kind.PROFILE ? "profile?seconds=1&" : kind.text() + "?";
        String source =
                "http://127.0.0.1:"
                        + server.port()
                        + "/debug/pprof/"
                        + path
                        + "t="
                        + server.token();
        String raw = GoPprof.read(source, "-raw");
        assertThat(raw).contains("PeriodType:").contains("Samples:").contains("Mappings");
        GoPprof.read(source, "-traces");
        String top = GoPprof.read(source, "-top");
        assertThat(top).contains("flat%");
        if (kind == Kind.GOROUTINE) {
            assertThat(raw).contains("svc:[waiter]");
            assertThat(top).contains("PprofTest.waitForEver");
        }
    }

    @Test
    @Tag("tools")
    void goAsksForDeltas() throws Exception {
        GoPprof.assumeInstalled();
        assertThat(GoPprof.read(url("heap"), "-seconds=1", "-raw")).contains("inuse_space/bytes");
        assertThat(GoPprof.read(url("goroutine"), "-seconds=1", "-raw"))
                .contains("goroutine/count");
    }
}
