package dev.jenny.cli.tools;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jenny.cli.Commands.Result;
import dev.jenny.cli.UserError;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** What the commands ask, and how they show what they are told; the server is played. */
class CommandsTest {
    private static final String GROUPS =
            """
            {"total":7,"matched":7,"omitted":0,"groups":[
             {"key":"a","count":5,"state":"waiting","reason":"chan receive","kind":"chan",
              "site":"App.main(App.java:9)","labels":{"svc":"users"},"oldestNs":185000000000,
              "totalNs":1000,"ids":[3,4],"stack":["App.work(App.java:20)","App.lambda(App.java:9)"]},
             {"key":"b","count":2,"state":"running","reason":"","kind":"","site":null,
              "oldestNs":0,"ids":[1,2],"stack":[]}],
             "goroutines":[
             {"id":3,"state":"waiting","reason":"chan receive","waitNs":185000000000,"parent":1,
              "site":"App.main(App.java:9)","labels":{"svc":"users"},
              "on":{"kind":"chan","id":5,"label":"chan#5[len=0, cap=16]"},"stack":["App.work(App.java:20)"]},
             {"id":1,"state":"running","reason":"","waitNs":0,"parent":0,
              "site":"dev.jenny.cli.Launcher.launch(Launcher.java:19)",
              "on":null,"stack":["App.main(App.java:30)"]}]}
            """;

    @TempDir Path temp;
    private FakeServer server;

    @BeforeEach
    void start() throws Exception {
        server = new FakeServer(temp);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void ps() {
        server.answer("/api/v1/state", "{\"goroutines\":12,\"gomaxprocs\":2}");
        List<String> lines = server.run("ps").out().lines().toList();
        assertThat(lines.get(0)).matches("\\s*PID  MAIN +UP  GOROUTINES  GOMAXPROCS  URL");
        assertThat(lines.get(1))
                .startsWith(String.valueOf(ProcessHandle.current().pid()))
                .contains("App.java", " 12 ", " 2 ", "http://127.0.0.1:");
        JsonValue json = JsonParser.parse(server.run("ps", "--json").out()).list().get(0);
        assertThat(json.get("pid").number(0)).isEqualTo(ProcessHandle.current().pid());
        assertThat(json.get("goroutines").number(0)).isEqualTo(12);
        assertThat(json.get("gomaxprocs").number(0)).isEqualTo(2);
        assertThat(json.get("answers").isTrue()).isTrue();
    }

    @Test
    void psAsATree() {
        server.answer(
                "/api/v1/tree",
                """
                {"total":12,"matched":9,"omitted":3,"roots":[
                 {"site":null,"ended":false,"count":1,"ids":[1],"omitted":2,
                  "states":[{"state":"sleep","count":1}],"children":[
                   {"site":"App.main(App.java:9)","count":3,"ids":[2,3],"omitted":0,
                    "states":[{"state":"IO wait","count":2},{"state":"running","count":1}],"children":[
                     {"site":"App.serve(App.java:20)","count":1,"ids":[7],"omitted":1,
                      "states":[{"state":"chan receive","count":1}],"children":[]}]},
                   {"site":"App.main(App.java:10)","count":0,"ids":[],"omitted":0,"states":[],"children":[
                     {"site":"App.work(App.java:30)","count":1,"ids":[8],"omitted":0,
                      "states":[{"state":"select","count":1}],"children":[]}]}]},
                 {"site":null,"ended":true,"count":0,"ids":[],"omitted":0,"states":[],"children":[
                   {"site":"App.late(App.java:40)","count":2,"ids":[5,6],"omitted":0,
                    "states":[{"state":"chan send","count":2}],"children":[]}]}]}
                """);
        assertThat(server.run("ps", "--tree", "-q", "age>1s").out())
                .isEqualTo(
                        """
                        goroutine 1 [sleep] main
                        ├─ x3 [2 IO wait, 1 running] App.main(App.java:9) (2 3 …)
                        │  └─ goroutine 7 [chan receive] App.serve(App.java:20)
                        │     └─ … 1 more
                        ├─ App.main(App.java:10)
                        │  └─ goroutine 8 [select] App.work(App.java:30)
                        └─ … 2 more
                        created by goroutines that have ended
                        └─ x2 [chan send] App.late(App.java:40) (5 6)

                        12 goroutines, 9 match, 3 not shown: see --limit=N, -q QUERY
                        """);
        assertThat(server.requests.getLast())
                .startsWith("/api/v1/tree?q=age")
                .endsWith("limit=100");
        assertThat(server.run("ps", "--tree", "--json").out()).startsWith("{\"total\":12");
        assertThat(server.run("ps", "--tree", "--limit=0").code()).isEqualTo(2);
        assertThat(server.run("ps", "--limit=5").err()).contains("go with --tree");
    }

    @Test
    void psWithoutAnswer() {
        assertThat(server.run("ps").out()).contains("(does not answer)");
        assertThat(server.run("ps", "--json").out()).contains("\"answers\":false");
    }

    @Test
    void stack() {
        server.answer("/api/v1/goroutines", GROUPS);
        Result result = server.run("stack", "-q", "age>10s svc");
        assertThat(result.out())
                .isEqualTo(
                        """
                        goroutine 3 [chan receive, 3m05s] {svc: users}:
                            on chan#5 (len=0, cap=16)
                            App.work(App.java:20)
                        created by App.main(App.java:9) in goroutine 1

                        goroutine 1 [running]:
                            App.main(App.java:30)

                        7 goroutines, 5 not shown: see --grouped, -q QUERY, --limit=N, --full
                        """);
        assertThat(server.requests)
                .containsExactly("/api/v1/goroutines?q=age%3E10s+svc&limit=100&stacks=1");
    }

    @Test
    void stackOfSomeGoroutines() {
        server.answer("/api/v1/goroutines", GROUPS);
        String pid = String.valueOf(ProcessHandle.current().pid());
        assertThat(server.run("stack", pid, "2").code()).isZero();
        assertThat(server.requests.getLast())
                .isEqualTo("/api/v1/goroutines?q=id%3A2&limit=100&stacks=1&creators=1");
        assertThat(server.run("stack", pid, "2", "3", "-q", "a or b").code()).isZero();
        assertThat(server.requests.getLast())
                .startsWith("/api/v1/goroutines?q=%28a+or+b%29+%28id%3A2+or+id%3A3%29&");
        assertThat(server.run("stack", pid, "x").err()).contains("'x' is not a number");
    }

    @Test
    void stackTellsWhereTheCreatorsCameFrom() {
        server.answer(
                "/api/v1/goroutines",
                """
                {"total":9,"matched":1,"groups":[],"goroutines":[
                 {"id":9,"state":"running","reason":"","waitNs":0,"parent":7,"on":null,
                  "site":"App.c(App.java:3)","stack":[],"creators":[
                  {"id":7,"site":"App.b(App.java:2)","ended":true},
                  {"id":1,"site":null,"ended":false},{"id":5,"site":null,"ended":true}]}]}
                """);
        String pid = String.valueOf(ProcessHandle.current().pid());
        assertThat(server.run("stack", pid, "9").out())
                .startsWith(
                        """
                        goroutine 9 [running]:
                        created by App.c(App.java:3) in goroutine 7
                          goroutine 7, which has ended, created by App.b(App.java:2)
                          goroutine 1 created by no go statement
                          goroutine 5, which has ended, created where nobody knows any more
                        """);
    }

    @Test
    void aQueryThatMakesNoSenseIsWrongUsage() {
        server.answer("/api/v1/goroutines", 400, "no field 'foo'; fields: id\n");
        Result result = server.run("stack", "-q", "foo:bar");
        assertThat(result.code()).isEqualTo(2);
        assertThat(result.err()).isEqualTo("jenny stack: no field 'foo'; fields: id\n");
    }

    @Test
    void stackGrouped() {
        server.answer("/api/v1/goroutines", GROUPS);
        assertThat(server.run("stack", "--grouped", "--limit=9").out())
                .isEqualTo(
                        """
                        [x5] [chan receive, up to 3m05s] {svc: users}:
                            App.work(App.java:20)
                            App.lambda(App.java:9)
                        created by App.main(App.java:9)
                        goroutines 3 4 …

                        [x2] [running]:
                        goroutines 1 2

                        7 goroutines, in 2 groups
                        """);
        assertThat(server.requests).containsExactly("/api/v1/goroutines?limit=9&group=1&stacks=1");
    }

    @Test
    void stackFullAndJsonArePassedOn() {
        server.answer("/debug/pprof/goroutine", "goroutine 1 [running]:\n\u001b[31mX\n");
        assertThat(server.run("stack", "--full", "-q", "age>1s").out())
                .isEqualTo("goroutine 1 [running]:\n\ufffd[31mX\n");
        assertThat(server.requests.getLast())
                .isEqualTo("/debug/pprof/goroutine?debug=2&q=age%3E1s&limit=200000");
        server.answer("/api/v1/goroutines", GROUPS);
        assertThat(server.run("stack", "--json").out()).isEqualTo(GROUPS);
    }

    /** The server has two dumps at a time sent, and others wait: not for who reads in a pager. */
    @Test
    void aSlowReaderOfADumpHoldsNobodyUp() throws Exception {
        String dump = "goroutine 1 [running]:\n".repeat(1_000_000); // more than sockets hold
        server.answer("/debug/pprof/goroutine", dump);
        List<Boolean> answered = new ArrayList<>();
        AtomicLong length = new AtomicLong();
        OutputStream pager =
                new OutputStream() {
                    @Override
                    public void write(int b) throws IOException {
                        write(new byte[] {(byte) b}, 0, 1);
                    }

                    @Override
                    public void write(byte[] b, int off, int len) throws IOException {
                        if (length.getAndAdd(len) == 0) {
                            try {
                                answered.add(server.answered.tryAcquire(5, TimeUnit.SECONDS));
                            } catch (InterruptedException e) {
                                throw new IOException(e);
                            }
                        }
                    }
                };
        assertThat(server.run(StandardOutput.to(pager, UTF_8), "stack", "--full").code()).isZero();
        assertThat(answered).containsExactly(true);
        assertThat(length).hasValue(dump.length());
        try (var files = Files.newDirectoryStream(temp, "*.part")) {
            assertThat(files).isEmpty();
        }
    }

    @Test
    void stackDiff() throws Exception {
        Path before = temp.resolve("before.json");
        Files.writeString(
                before,
                GROUPS.replace("\"count\":5", "\"count\":1")
                        .replace("\"count\":2", "\"count\":20")
                        .replace("\"matched\":7", "\"matched\":21"));
        server.answer("/api/v1/goroutines", GROUPS);
        assertThat(server.run("stack", "--diff", before.toString()).out())
                .isEqualTo(
                        """
                        -18 (20 to 2) [running]:

                        +4 (1 to 5) [chan receive]:
                            App.work(App.java:20)
                            App.lambda(App.java:9)
                        created by App.main(App.java:9)

                        21 goroutines before, 7 now
                        """);
        JsonValue json = JsonParser.parse(server.run("stack", "--diff=" + before, "--json").out());
        assertThat(json.get("groups").list().get(0).get("change").number(0)).isEqualTo(-18);
        assertThat(json.get("complete").isTrue()).isTrue();
        Files.writeString(before, GROUPS);
        assertThat(server.run("stack", "--diff=" + before).out())
                .isEqualTo("7 goroutines before, 7 now, in the same groups\n");
        Files.writeString(before, GROUPS.replace("\"matched\":7", "\"matched\":8"));
        assertThat(server.run("stack", "--diff=" + before).out())
                .contains("not all groups are known");
    }

    private static String places(int jobs, int acks, int read, int total) {
        return """
        {"total":%4$d,"matched":%4$d,"groups":[
         {"count":%4$d,"state":"waiting","reason":"chan receive","kind":"chan","labels":{},
          "site":"App.main(App.java:9)","oldestNs":1,"ids":[3,4],"stack":["App.job(App.java:20)"],
          "read":%3$d,"places":[{"count":%1$d,"stack":["App.job(App.java:20)"]},
          {"count":%2$d,"stack":["App.ack(App.java:31)"]}]}]}
        """
                .formatted(jobs, acks, read, total);
    }

    @Test
    void stackGroupedTellsWhereTheyStand() {
        server.answer("/api/v1/goroutines", places(20, 10, 30, 30));
        assertThat(server.run("stack", "--grouped").out())
                .startsWith(
                        """
                        [x30] [chan receive]:
                          20 at:
                            App.job(App.java:20)
                          10 at:
                            App.ack(App.java:31)
                        created by App.main(App.java:9)
                        """);
        server.answer("/api/v1/goroutines", places(48, 16, 64, 4000));
        assertThat(server.run("stack", "--grouped").out())
                .contains("  about 3000 (48 of 64 that were looked at) at:\n    App.job(")
                .contains("  about 1000 (16 of 64 that were looked at) at:\n    App.ack(");
    }

    @Test
    void stackDiffTellsWhoHasMovedOnIfAllStacksAreKnown() throws Exception {
        Path before = temp.resolve("places.json");
        Files.writeString(before, places(20, 10, 30, 30));
        server.answer("/api/v1/goroutines", places(5, 25, 30, 30));
        assertThat(server.run("stack", "--diff=" + before).out())
                .isEqualTo(
                        """
                        +15 (10 to 25) [chan receive]:
                            App.ack(App.java:31)
                        created by App.main(App.java:9)

                        -15 (20 to 5) [chan receive]:
                            App.job(App.java:20)
                        created by App.main(App.java:9)

                        30 goroutines before, 30 now
                        """);
        server.answer("/api/v1/goroutines", places(48, 16, 64, 4000));
        assertThat(server.run("stack", "--diff=" + before).out())
                .contains("+3970 (30 to 4000) [chan receive]:")
                .contains("30 goroutines before, 4000 now");
    }

    @Test
    void why() {
        server.answer(
                "/api/v1/why/17", "{\"id\":17,\"text\":\"goroutine 17 waits\\n  for 18\\n\"}");
        assertThat(server.run("why", "17").out()).isEqualTo("goroutine 17 waits\n  for 18\n");
        String pid = String.valueOf(ProcessHandle.current().pid());
        assertThat(server.run("why", pid, "17", "--json").out()).startsWith("{\"id\":17");
        server.answer("/api/v1/why/18", 404, "no goroutine 18: it has ended\n");
        Result gone = server.run("why", "18");
        assertThat(gone.code()).isEqualTo(1);
        assertThat(gone.err()).isEqualTo("jenny why: no goroutine 18: it has ended\n");
    }

    @Test
    void issues() {
        server.answer(
                "/api/v1/issues",
                """
                {"issues":[{"id":"i1","rule":"deadlock","severity":"high",
                  "title":"2 goroutines wait for each other","cause":"They take two locks in different order.",
                  "fix":"%s",
                  "evidence":[{"text":"goroutine 2 waits","link":"#/goroutine?id=2"},{"text":"x","link":null}],
                  "goroutines":[2,3],"sinceNs":1,"count":2}]}
                """
                        .formatted("Always take them in the same order. ".repeat(3)));
        assertThat(server.run("issues").out())
                .isEqualTo(
                        """
                        HIGH   2 goroutines wait for each other
                               why:  They take two locks in different order.
                               fix:  Always take them in the same order. Always take them in the same order.
                                     Always take them in the same order.
                               - goroutine 2 waits
                                 http://127.0.0.1:%d/?t=token-of-the-test#/goroutine?id=2
                               - x

                        1 issue
                        """
                                .formatted(server.port()));
        assertThat(server.run("issues", "--json").out()).startsWith("{\"issues\":");
        String seen =
                """
                {"now":100000000000,"issues":[
                 {"severity":"medium","title":"a","evidence":[],"sinceNs":50000000000,"lastNs":88000000000,
                  "resolved":true,"count":5},
                 {"severity":"low","title":"b","evidence":[],"sinceNs":99000000000,"lastNs":99000000000,
                  "resolved":false,"count":1}]}
                """;
        server.answer("/api/v1/issues", seen);
        assertThat(server.run("issues").out())
                .isEqualTo(
                        """
                        MEDIUM a
                               last seen 12.0s ago, first 50.0s ago; resolved: it is not there any more

                        LOW    b
                               last seen 1.0s ago

                        2 issues
                        """);
        server.answer("/api/v1/issues", "{\"issues\":[]}");
        assertThat(server.run("issues").out()).isEqualTo("no issues found\n");
    }

    @Test
    void leaks() {
        server.answer(
                "/api/v1/leaks",
                """
                {"supported":true,"checked":true,"total":9,
                 "proven":[{"count":3,"reason":"chan send","kind":"chan","site":"App.a(App.java:1)",
                   "stack":["App.b(App.java:2)"],"ids":[7,8,9],"oldestNs":5000000000}],
                 "suspected":[{"site":"App.c(App.java:3)","reason":"select","count":6,
                   "oldestNs":61000000000,"growth":[1,3,6]}]}
                """);
        assertThat(server.run("leaks").out())
                .isEqualTo(
                        """
                        [x3] [chan send, up to 5.0s]:
                            App.b(App.java:2)
                        created by App.a(App.java:1)
                        goroutines 7 8 9

                        suspected: 6 goroutines of App.c(App.java:3) [select], the oldest for 1m01s
                            count over time: 1 3 6

                        3 goroutines wait for ever: nothing that lives can reach what would wake them
                        """);
        assertThat(server.requests).containsExactly("/api/v1/leaks?check=1");
        server.answer("/api/v1/leaks", "{\"supported\":true,\"checked\":true,\"proven\":[]}");
        assertThat(server.run("leaks").out()).isEqualTo("no leaks\n");
        server.answer(
                "/api/v1/leaks",
                "{\"supported\":true,\"checked\":true,\"proven\":[],\"missed\":\"A P was held up.\"}");
        assertThat(server.run("leaks").out()).isEqualTo("no leaks found\nA P was held up.\n");
        server.answer("/api/v1/leaks", "{\"supported\":true,\"checked\":false}");
        assertThat(server.run("leaks", "--no-gc").out()).contains("not searched yet");
        assertThat(server.requests.getLast()).isEqualTo("/api/v1/leaks");
        server.answer("/api/v1/leaks", "{\"supported\":false}");
        assertThat(server.run("leaks").out()).contains("-Djdk.trackAllThreads=false");
        server.answer("/api/v1/leaks", "{\"supported\":false,\"note\":\"fallback\"}");
        assertThat(server.run("leaks").out()).isEqualTo("leaks cannot be proven here: fallback\n");
    }

    @Test
    void leaksThatCannotBeSearchedFor() {
        String why = "leaks cannot be proven: the search was disturbed; search again";
        server.answer("/api/v1/leaks", 503, why + "\n");
        Result result = server.run("leaks");
        assertThat(result.code()).isEqualTo(1);
        assertThat(result.out()).isEmpty();
        assertThat(result.err()).isEqualTo("jenny leaks: " + why + "\n");
        assertThat(server.run("leaks", "--json").err()).isEqualTo("jenny leaks: " + why + "\n");
        server.answer("/api/v1/leaks", 503, "");
        assertThat(server.run("leaks").err()).contains("answered /api/v1/leaks with status 503");
        server.answer("/debug/pprof/goroutineleak", 501, "start it with -Dx=y\n");
        result = server.run("pprof", "goroutineleak");
        assertThat(result.code()).isEqualTo(1);
        assertThat(result.err()).contains("start it with -Dx=y");
        server.answer("/api/v1/leaks", "not json");
        result = server.run("leaks");
        assertThat(result.code()).isEqualTo(1);
        assertThat(result.err()).startsWith("jenny leaks: /api/v1/leaks");
    }

    @Test
    void chans() {
        server.answer(
                "/api/v1/chans",
                """
                {"total":4,"objects":[
                 {"id":5,"kind":"chan","label":"chan#5[len=2, cap=16]","len":2,"cap":16,"passed":1234,"closed":false,"senders":0,
                  "receivers":4,"waiting":4,"owner":null,"oldestNs":1500000000},
                 {"id":6,"kind":"sync.Mutex","label":"sync.Mutex#6[locked]","len":-1,"cap":-1,"senders":0,"receivers":0,
                  "waiting":2,"owner":17,"oldestNs":0},
                 {"id":7,"kind":"monitor","label":"monitor#7 of shop.Cart","len":-1,"cap":-1,"senders":0,
                  "receivers":0,"waiting":1,"owner":null,"oldestNs":0}]}
                """);
        assertThat(server.run("chans").out())
                .isEqualTo(
                        """
                        OBJECT        LEN/CAP  PASSED  SEND  RECV  WAIT  OLDEST  OWNER         STATE
                        chan#5           2/16    1234           4          1.5s
                        sync.Mutex#6                                  2          goroutine 17  locked
                        monitor#7                                     1                        of shop.Cart
                        1 more: see --limit=N
                        """);
        server.answer("/api/v1/chans", "{\"total\":0,\"objects\":[]}");
        assertThat(server.run("chans").out()).contains("no goroutine waits on");
        assertThat(server.requests.getLast()).isEqualTo("/api/v1/chans?limit=100");
    }

    @Test
    void chansThatNobodyWaitsOn() {
        String answer =
                """
                {"total":1,"complete":%s,"objects":[
                 {"id":5,"kind":"chan","label":"chan#5[len=900, cap=1000]","len":900,"cap":1000,"passed":3,"senders":0,
                  "receivers":0,"waiting":0,"owner":null,"oldestNs":0}]}
                """;
        server.answer("/api/v1/chans", answer.formatted(true));
        assertThat(server.run("chans", "--all").out())
                .isEqualTo(
                        """
                        OBJECT   LEN/CAP  PASSED  SEND  RECV  WAIT  OLDEST  OWNER  STATE
                        chan#5  900/1000       3
                        """);
        assertThat(server.requests.getLast()).isEqualTo("/api/v1/chans?limit=100&all=1");
        server.answer("/api/v1/chans", answer.formatted(false));
        assertThat(server.run("chans", "--all").out()).contains("-Djenny.channels=all");
    }

    @Test
    void pprof() throws Exception {
        server.answer("/debug/pprof/heap", "profile");
        Path file = temp.resolve("my heap.pb.gz");
        Result result = server.run("pprof", "heap", "-o", file.toString());
        assertThat(file).hasContent("profile");
        assertThat(result.out())
                .contains("wrote " + file + " (7B)")
                .contains("go tool pprof -http=: '" + file + "'");
        assertThat(server.requests).containsExactly("/debug/pprof/heap");
        server.answer("/debug/pprof/profile", "cpu");
        String out = server.run("pprof", "profile", "--json", "-o", file.toString()).out();
        assertThat(JsonParser.parse(out).get("bytes").number(0)).isEqualTo(3);
        assertThat(server.requests.getLast()).isEqualTo("/debug/pprof/profile?seconds=10");
        server.answer("/debug/pprof/goroutine", "goroutine profile: total 1\n");
        assertThat(server.run("pprof", "goroutine", "--text", "-q", "x").out())
                .isEqualTo("goroutine profile: total 1\n");
        assertThat(server.requests.getLast()).isEqualTo("/debug/pprof/goroutine?debug=1&q=x");
        server.answer("/debug/pprof/offcpu", "{}");
        out = server.run("pprof", "offcpu", "--format=speedscope", "-o", file.toString()).out();
        assertThat(out).contains("https://www.speedscope.app");
        assertThat(server.requests.getLast()).isEqualTo("/debug/pprof/offcpu?format=speedscope");
        assertThat(server.run("pprof", "offcpu", "--text", "--format=speedscope").code())
                .isEqualTo(2);
    }

    @Test
    void theNameOfTheFileDecidesItsFormat() {
        server.answer("/debug/pprof/offcpu", "{}");
        String file = temp.resolve("x.speedscope.json").toString();
        assertThat(server.run("pprof", "offcpu", "-o", file).out())
                .contains("https://www.speedscope.app");
        assertThat(server.requests.getLast()).isEqualTo("/debug/pprof/offcpu?format=speedscope");
        assertThat(server.run("pprof", "offcpu", "-o", file, "--format=pprof").out())
                .contains("go tool pprof");
        assertThat(server.requests.getLast()).isEqualTo("/debug/pprof/offcpu");
        server.answer("/debug/pprof/trace", "events");
        for (String name : List.of("t.pftrace", "t.perfetto-trace")) {
            file = temp.resolve(name).toString();
            assertThat(server.run("trace", "-o", file).out()).contains("https://ui.perfetto.dev");
            assertThat(server.requests.getLast())
                    .isEqualTo("/debug/pprof/trace?seconds=5&format=perfetto");
        }
        assertThat(server.run("trace", "-o", file, "--format=go").out()).contains("go tool trace");
        assertThat(server.requests.getLast()).isEqualTo("/debug/pprof/trace?seconds=5");
        server.run("trace", "-o", file, "--format=go", "--channels=10");
        assertThat(server.requests.getLast()).isEqualTo("/debug/pprof/trace?seconds=5&channels=10");
    }

    @Test
    void aFailedDownloadLeavesTheOldFile() throws Exception {
        Path file = Files.writeString(temp.resolve("old.trace"), "old");
        server.answer("/debug/pprof/trace", 503, "a trace is being recorded: try again\n");
        Result result = server.run("trace", "--seconds=1", "-o", file.toString());
        assertThat(result.code()).isEqualTo(1);
        assertThat(result.err()).endsWith("jenny trace: a trace is being recorded: try again\n");
        assertThat(file).hasContent("old");
        server.answer("/debug/pprof/trace", "");
        assertThat(server.run("trace", "-o", file.toString()).err()).contains("with nothing");
        assertThat(file).hasContent("old");
        assertThat(temp).isDirectoryNotContaining("glob:**.part");
        server.answer("/debug/pprof/trace", "new");
        assertThat(server.run("trace", "--seconds=2", "-o", file.toString()).out())
                .contains("go tool trace " + file);
        assertThat(file).hasContent("new");
        server.run("trace", "--format=perfetto", "--json", "-o", file.toString());
        assertThat(server.requests.getLast())
                .isEqualTo("/debug/pprof/trace?seconds=5&format=perfetto");
        assertThat(server.run("trace", "-o", temp.resolve("no/dir").toString()).err())
                .contains("cannot write in");
    }

    @Test
    void whatHasBeenRecorded() {
        Path file = temp.resolve("past.trace");
        server.answer("/debug/pprof/trace", 409, "nothing has been recorded: --flight\n");
        Result none = server.run("trace", "--last", "-o", file.toString());
        assertThat(none.code()).isEqualTo(1);
        assertThat(none.err()).isEqualTo("jenny trace: nothing has been recorded: --flight\n");
        assertThat(server.requests.getLast()).isEqualTo("/debug/pprof/trace?last=0");
        server.answer("/debug/pprof/trace", "past");
        Result some = server.run("trace", "--last=9", "--format=perfetto", "-o", file.toString());
        assertThat(some.out()).contains("wrote " + file);
        assertThat(some.err()).as("nothing is waited for").isEmpty();
        assertThat(file).hasContent("past");
        assertThat(server.requests.getLast())
                .isEqualTo("/debug/pprof/trace?last=9&format=perfetto");
        assertThat(server.run("trace", "--last=9", "--json", "-o", file.toString()).out())
                .contains("\"last\":9");
    }

    @Test
    void aNumberThatWasMeantForTheOptionBeforeIt() {
        String none = String.valueOf(Integer.MAX_VALUE);
        assertThat(server.run("trace", "--channels", none).err())
                .contains("if " + none + " was to go with --channels, write --channels=" + none);
        assertThat(server.run("trace", "--last", none).err()).contains("write --last=" + none);
        assertThat(server.run("trace", "--channels=5", none).err()).doesNotContain("was to go");
        assertThat(server.run("trace", none).err()).doesNotContain("was to go");
    }

    @Test
    void whatMayGoWrongSaysWhatToDo() throws Exception {
        server.leaveFile(server.port(), "another-token");
        assertThat(server.run("chans").err())
                .contains("refused the token")
                .contains("jenny attach");
        int free;
        try (ServerSocket socket = new ServerSocket(0)) {
            free = socket.getLocalPort();
        }
        server.leaveFile(free, "token-of-the-test");
        Result refused = server.run("chans");
        assertThat(refused.code()).isEqualTo(1);
        assertThat(refused.err()).contains("does not listen").contains("jenny attach");
        server.leaveFile(server.port(), "token-of-the-test");
        server.answer("/api/v1/chans", "{\"objects\":[");
        assertThat(server.run("chans").err()).contains("not JSON");
        server.answer("/api/v1/chans", 400, "no such field: \"x\u001b\"\n");
        assertThat(server.run("chans").err())
                .isEqualTo("jenny chans: no such field: \"x\ufffd\"\n");
        server.answer("/api/v1/chans", 500, "");
        assertThat(server.run("chans").err()).contains("status 500");
    }

    /** A device, say: as root, {@code -o /dev/null} would otherwise replace it by a file. */
    @Test
    @DisabledOnOs(OS.WINDOWS)
    void whatIsNoFileIsWrittenToAndNotReplaced() throws Exception {
        server.answer("/debug/pprof/heap", "profile");
        Path pipe = temp.resolve("pipe");
        assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor()).isZero();
        CompletableFuture<String> read =
                CompletableFuture.supplyAsync(() -> {
                    try {
                        return Files.readString(pipe);
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                });
        assertThat(server.run("pprof", "heap", "-o", pipe.toString()).code()).isZero();
        assertThat(read.get()).isEqualTo("profile");
        assertThat(Files.readAttributes(pipe, BasicFileAttributes.class).isOther()).isTrue();
        assertThat(server.run("pprof", "heap", "-o", temp.toString()).err())
                .contains("cannot write " + temp + ": it is a directory");
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void aLinkStaysAndLeadsToTheNewFile() throws Exception {
        server.answer("/debug/pprof/heap", "profile");
        Path file = Files.writeString(temp.resolve("heap-1"), "old");
        Path link = Files.createSymbolicLink(temp.resolve("latest"), file.getFileName());
        assertThat(server.run("pprof", "heap", "-o", link.toString()).code()).isZero();
        assertThat(Files.isSymbolicLink(link)).isTrue();
        assertThat(Files.readString(file)).isEqualTo("profile");
    }

    @Test
    void outputThatIsNotWrittenIsAnError() {
        server.answer("/api/v1/chans", "{\"total\":0,\"objects\":[]}");
        for (String option : List.of("--limit=5", "--json")) {
            StandardOutput full = StandardOutput.to(failing("No space left on device"), UTF_8);
            Result result = server.run(full, "chans", option);
            assertThat(result.code()).isEqualTo(1);
            assertThat(result.err())
                    .isEqualTo(
                            "jenny chans: cannot write to standard output: No space left on device\n");
            // 'jenny chans | head': the reader has seen enough
            result = server.run(StandardOutput.to(failing("Broken pipe"), UTF_8), "chans", option);
            assertThat(result.code()).isZero();
            assertThat(result.err()).isEmpty();
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        assertThat(server.run(StandardOutput.to(bytes, UTF_8), "chans").code()).isZero();
        assertThat(bytes.toString(UTF_8)).contains("no goroutine waits on");
    }

    private static OutputStream failing(String message) {
        return new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                throw new IOException(message);
            }
        };
    }

    @Test
    void aProgramThatEndsIsSaidToHaveEnded() throws Exception {
        Process process = new ProcessBuilder("sleep", "60").start();
        try (ServerSocket socket = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            Program program =
                    new Program(process.pid(), socket.getLocalPort(), "t", null, "App.java", temp);
            CompletableFuture<Void> ends =
                    CompletableFuture.runAsync(() -> {
                        try (Socket connection = socket.accept()) {
                            connection.getInputStream().read();
                            socket.close();
                        } catch (IOException e) {
                            throw new UncheckedIOException(e);
                        }
                        process.destroyForcibly();
                    });
            assertThatThrownBy(() -> new Client(program).text("/x", Duration.ofSeconds(30)))
                    .isInstanceOf(UserError.class)
                    .hasMessage("process " + process.pid() + " (App.java) has ended");
            ends.get();
        } finally {
            process.destroyForcibly();
        }
    }
}
