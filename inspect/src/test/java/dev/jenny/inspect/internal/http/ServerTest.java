package dev.jenny.inspect.internal.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jenny.inspect.internal.http.Handler.Cost;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class ServerTest {
    private Server server;

    @BeforeEach
    void open() throws Exception {
        server = Server.open(0, null);
        server.register(
                "/hello",
                (request, response) -> response.text("hello " + request.param("name", "nobody")));
        server.register("/tree/", (request, response) -> response.text(request.rest()));
        server.registerOpen("/style.css", (request, response) -> response.text("open"));
        server.start();
    }

    @AfterEach
    void close() {
        server.close();
    }

    /** Sends {@code request} as it is and returns the whole answer. */
    private String raw(String request) throws IOException {
        try (Socket socket = new Socket("127.0.0.1", server.port())) {
            socket.getOutputStream().write(request.getBytes(ISO_8859_1));
            socket.getOutputStream().flush();
            return new String(socket.getInputStream().readAllBytes(), ISO_8859_1);
        }
    }

    private String send(String method, String target, String... headers) throws IOException {
        StringBuilder request = new StringBuilder(method + " " + target + " HTTP/1.1\r\n");
        boolean host = false;
        for (String header : headers) {
            host |= header.startsWith("Host:");
            request.append(header).append("\r\n");
        }
        if (!host) {
            request.append("Host: 127.0.0.1:").append(server.port()).append("\r\n");
        }
        return raw(request + "Connection: close\r\n\r\n");
    }

    private String get(String target, String... headers) throws IOException {
        return send("GET", target, headers);
    }

    private String with(String path) {
        return path + (path.contains("?") ? "&" : "?") + "t=" + server.token();
    }

    private static int status(String answer) {
        return Integer.parseInt(answer.split(" ", 3)[1]);
    }

    /** What to do about a refusal is said in the text. */
    @ParameterizedTest
    @CsvSource({
        "/hello, Host: evil.example, 403, 'ssh -L'",
        "/hello, Origin: http://evil.example, 403, a tab of its own",
        "/hello, Sec-Fetch-Site: cross-site, 403, a tab of its own",
        "/hello, Authorization: Bearer of a pram, 401, each start of a program has a new one",
        "/tree/%2e%2e/hello, Accept: x, 400, begins with one slash",
        "/helo, Accept: x, 404, /debug/pprof/ lists",
    })
    void refusalsSayWhatToDo(String target, String header, int status, String text)
            throws Exception {
        String answer = get(header.startsWith("Auth") ? target : with(target), header);
        assertThat(status(answer)).isEqualTo(status);
        assertThat(body(answer)).contains(text);
    }

    /** The JDK's server loses its dispatcher then. */
    @Test
    void goesOnAfterThereWereNoThreads() throws Exception {
        server.close();
        AtomicBoolean none = new AtomicBoolean(true);
        server =
                Server.open(
                        0,
                        null,
                        workers ->
                                request -> {
                                    if (none.compareAndSet(true, false)) {
                                        throw new OutOfMemoryError("unable to create thread");
                                    }
                                    workers.execute(request);
                                });
        server.register("/hello", (request, response) -> response.text("hello again"));
        server.start();
        String answer = "";
        while (!answer.contains("hello again")) { // its connections are cut, or refused
            try {
                answer = get(with("/hello"));
            } catch (IOException e) {
                answer = "";
            }
        }
        assertThat(none).isFalse();
    }

    private static String body(String answer) {
        return answer.substring(answer.indexOf("\r\n\r\n") + 4);
    }

    @Test
    void answersWithTheTokenInTheQueryOrTheHeader() throws Exception {
        assertThat(get(with("/hello?name=a%20b"))).contains("hello a b");
        assertThat(get("/hello", "Authorization: Bearer " + server.token()))
                .contains("hello nobody");
        assertThat(get("/hello", "authorization: bearer " + server.token()))
                .contains("hello nobody");
    }

    @Test
    void withoutTheTokenSaysHowToGetIn() throws Exception {
        String wrong = server.token().substring(1) + "x";
        for (String target : List.of("/hello", "/hello?t=", "/hello?t=" + wrong, "/no/such")) {
            String answer = get(target);
            assertThat(status(answer)).as(target).isEqualTo(401);
            assertThat(body(answer))
                    .contains(target.contains("t=") ? "the token is wrong" : "a token is needed")
                    .contains("jenny ps");
            assertThat(answer).doesNotContain(server.token()).doesNotContain("hello");
        }
        assertThat(status(get("/hello", "Authorization: Bearer " + wrong))).isEqualTo(401);
        assertThat(status(get("/hello", "Authorization: Basic " + server.token()))).isEqualTo(401);
    }

    @Test
    void openFilesNeedNoToken() throws Exception {
        assertThat(get("/style.css")).contains("open");
        assertThat(status(get("/style.css", "Host: evil.example"))).isEqualTo(403);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "evil.example",
                "evil.example:80",
                "127.0.0.1.evil.example",
                "localhost.evil.example:80",
                "localhost@evil.example",
                "127.0.0.1:80:80",
                "[::1",
                "0.0.0.0",
                "192.168.0.1",
                "localhost:",
                ""
            })
    void aForeignHostIsRefused(String host) throws Exception {
        assertThat(status(get(with("/hello"), "Host: " + host))).isEqualTo(403);
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "localhost:9", "LOCALHOST:1", "[::1]:99", "[::1]"})
    void namesOfThisMachineAreTaken(String host) throws Exception {
        assertThat(status(get(with("/hello"), "Host: " + host))).isEqualTo(200);
    }

    @Test
    void noHostOrTwoHostsAreRefused() throws Exception {
        String line = "GET " + with("/hello") + " HTTP/1.1\r\nConnection: close\r\n";
        assertThat(status(raw(line + "\r\n"))).isEqualTo(403);
        assertThat(status(raw(line + "Host: localhost\r\nHost: localhost\r\n\r\n"))).isEqualTo(403);
    }

    @Test
    void aForeignOriginIsRefusedEvenWithTheToken() throws Exception {
        for (String origin :
                List.of("http://evil.example", "null", "https://127.0.0.1", "http://127.0.0.1:1")) {
            assertThat(status(get(with("/hello"), "Origin: " + origin))).as(origin).isEqualTo(403);
        }
        assertThat(status(get(with("/hello"), "Origin: http://127.0.0.1:" + server.port())))
                .isEqualTo(200);
        assertThat(status(get(with("/hello"), "Sec-Fetch-Site: cross-site"))).isEqualTo(403);
        assertThat(status(get(with("/hello"), "Sec-Fetch-Site: same-site"))).isEqualTo(403);
        assertThat(status(get(with("/hello"), "Sec-Fetch-Site: same-origin"))).isEqualTo(200);
        assertThat(
                        status(
                                get(
                                        with("/hello"),
                                        "Sec-Fetch-Site: cross-site",
                                        "Sec-Fetch-Mode: navigate")))
                .isEqualTo(200);
    }

    @Test
    void onlyGetAndHead() throws Exception {
        for (String method : List.of("POST", "PUT", "DELETE", "OPTIONS", "TRACE", "get")) {
            String answer = send(method, with("/hello"), "Content-Length: 0");
            assertThat(status(answer)).as(method).isEqualTo(405);
            assertThat(answer).containsIgnoringCase("Allow: GET, HEAD");
        }
        String head = send("HEAD", with("/hello"));
        assertThat(status(head)).isEqualTo(200);
        assertThat(body(head)).isEmpty();
        assertThat(status(send("HEAD", "/hello"))).isEqualTo(401);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/tree/../hello",
                "/tree/%2e%2e/hello",
                "/tree/%2E./%2e%2e/etc/passwd",
                "/tree/..%5c..%5cx",
                "//tree/x",
                "/tree/./x",
                "/tree/x%00y",
                "/tree/..",
                "http://evil.example/../x"
            })
    void pathTraversalIsRefused(String path) throws Exception {
        assertThat(status(get(with(path)))).isEqualTo(400);
    }

    @Test
    void theLongestPrefixAnswers() throws Exception {
        assertThat(body(get(with("/tree/a/b%2Fc")))).contains("a/b/c");
        assertThat(status(get(with("/hello/x")))).isEqualTo(404);
        assertThat(status(get(with("/tree")))).isEqualTo(404);
    }

    @Test
    void hugeAndBrokenQueries() throws Exception {
        assertThat(status(get(with("/hello?name=" + "x".repeat(9000))))).isEqualTo(414);
        assertThat(status(get(with("/hello?name=%zz")))).isEqualTo(400);
        assertThat(status(get(with("/hello?&&=&name&name=2")))).isEqualTo(200);
        // The JDK's server cuts off a header that never ends; the next client does not notice.
        assertThatThrownBy(
                        () -> {
                            String answer = get(with("/hello?name=" + "x".repeat(2_000_000)));
                            if (answer.isEmpty() || status(answer) >= 400) {
                                throw new IOException("refused");
                            }
                        })
                .isInstanceOf(IOException.class);
        assertThat(status(get(with("/hello")))).isEqualTo(200);
    }

    @Test
    void answersAreNotForCachesFramesOrOtherSites() throws Exception {
        for (String answer : List.of(get(with("/hello")), get("/hello"), get(with("/none")))) {
            assertThat(answer.toLowerCase())
                    .contains("cache-control: no-store")
                    .contains("x-content-type-options: nosniff")
                    .contains("x-frame-options: deny")
                    .contains("referrer-policy: no-referrer")
                    .contains("content-security-policy: default-src 'none'")
                    .doesNotContain("access-control-allow");
        }
        server.register("/page", (request, response) -> response.html().text("<p>"));
        assertThat(get(with("/page"))).contains("default-src 'self'").contains("text/html");
    }

    @Test
    void errorsOfHandlersBecomeAnswers() throws Exception {
        server.register(
                "/bad",
                (request, response) -> {
                    response.attachment("x").type("image/png").text("half an answer");
                    throw new HttpError(409, "not now");
                });
        server.register(
                "/bug",
                (request, response) -> {
                    throw new IllegalStateException("oops");
                });
        String bad = get(with("/bad"));
        assertThat(status(bad)).isEqualTo(409);
        assertThat(bad).doesNotContain("half").doesNotContainIgnoringCase("attachment");
        assertThat(body(bad)).contains("not now");
        String bug = get(with("/bug"));
        assertThat(status(bug)).isEqualTo(500);
        assertThat(body(bug)).contains("oops");
    }

    /** A client that is gone is not the only cause of those: so is a full disk. */
    @Test
    void errorsOfFilesBecomeAnswers() throws Exception {
        server.register(
                "/disk",
                (request, response) -> {
                    response.text("half an answer");
                    throw new IOException("No space left on device");
                });
        server.register(
                "/folder",
                (request, response) -> {
                    throw new UncheckedIOException(new NoSuchFileException("/gone/x.jfr"));
                });
        String disk = get(with("/disk"));
        assertThat(status(disk)).isEqualTo(500);
        assertThat(body(disk)).contains("No space left on device").doesNotContain("half");
        String folder = get(with("/folder"));
        assertThat(status(folder)).isEqualTo(500);
        assertThat(body(folder)).contains("NoSuchFileException: /gone/x.jfr");
    }

    /** Or half an answer would pass for a whole one. */
    @Test
    void anErrorInTheMiddleOfAnAnswerBreaksTheConnection() throws Exception {
        server.register(
                "/half",
                (request, response) -> {
                    response.text("x".repeat(2 * Response.BUFFER));
                    throw new IOException("No space left on device");
                });
        String half = get(with("/half"));
        assertThat(status(half)).isEqualTo(200);
        assertThat(half).doesNotEndWith("\r\n0\r\n\r\n");
    }

    @Test
    void costlyRequestsAreLimited() throws Exception {
        CountDownLatch release = new CountDownLatch(1);
        Semaphore entered = new Semaphore(0);
        server.register(
                "/heavy",
                Cost.HEAVY,
                (request, response) -> {
                    entered.release();
                    release.await();
                    response.text("done");
                });
        List<CompletableFuture<String>> answers = new ArrayList<>();
        for (int i = 0; i < Cost.HEAVY.limit; i++) {
            answers.add(async(with("/heavy")));
        }
        entered.acquire(Cost.HEAVY.limit);
        String refused = get(with("/heavy"));
        assertThat(status(refused)).isEqualTo(503);
        assertThat(refused).containsIgnoringCase("Retry-After").contains("at once");
        assertThat(status(get(with("/hello")))).isEqualTo(200);
        release.countDown();
        for (CompletableFuture<String> answer : answers) {
            assertThat(answer.get()).contains("done");
        }
        assertThat(status(get(with("/heavy")))).isEqualTo(200);
    }

    private CompletableFuture<String> async(String target) {
        CompletableFuture<String> answer = new CompletableFuture<>();
        Thread.ofPlatform()
                .daemon()
                .start(() -> {
                    try {
                        answer.complete(get(target));
                    } catch (Throwable e) {
                        answer.completeExceptionally(e);
                    }
                });
        return answer;
    }

    /** Of a request, or of a body that it announces, which nobody has asked for. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET /hel",
                "GET /hello HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 9999\r\n\r\n",
                "POST /hello HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\n"
            })
    @Timeout(25) // less than an answer may take to be read, 30 s
    void slowSendersDoNotKeepOthersOut(String sent) throws Exception {
        List<Socket> slow = new ArrayList<>();
        try {
            for (int i = 0; i < Server.WORKERS * 4; i++) {
                Socket socket = new Socket("127.0.0.1", server.port());
                socket.getOutputStream().write(sent.getBytes(ISO_8859_1));
                socket.getOutputStream().flush();
                slow.add(socket);
            }
            // All workers read from clients that send no more; the watchdog cuts them off.
            assertThat(status(get(with("/hello")))).isEqualTo(200);
        } finally {
            for (Socket socket : slow) {
                socket.close();
            }
        }
    }

    /**
     * Who sends nothing has 5 s, but not while others wait: or 100 such clients would take 35 s.
     */
    @Test
    void slowSendersAreCutOffSoonWhileOthersWait() throws Exception {
        Watchdog dog = new Watchdog(() -> true, () -> {});
        Watchdog.Watch sending = dog.open();
        Watchdog.Watch writing = dog.open();
        sending.beginHasty(Server.READ_LIMIT);
        writing.begin(Server.WRITE_LIMIT);
        long now = System.nanoTime();
        dog.check(now);
        dog.check(now);
        assertThat(Thread.interrupted()).isFalse();
        sending.end();
        sending.beginHasty(Server.READ_LIMIT); // another wait is counted anew
        dog.check(now);
        dog.check(now);
        assertThat(Thread.interrupted()).isFalse();
        dog.check(now);
        assertThat(Thread.interrupted()).isTrue();
        dog.check(now);
        assertThat(Thread.interrupted()).isFalse(); // once, and not who writes

        Watchdog patient = new Watchdog(() -> false, () -> {});
        Watchdog.Watch alone = patient.open();
        alone.beginHasty(Server.READ_LIMIT);
        for (int i = 0; i < 10; i++) {
            patient.check(now);
        }
        assertThat(Thread.interrupted()).isFalse();
        patient.check(now + Server.READ_LIMIT.toNanos() * 2);
        assertThat(Thread.interrupted()).isTrue();
    }

    @Test
    void streamsHaveThreadsOfTheirOwn() throws Exception {
        int clients = Server.WORKERS * 2;
        CyclicBarrier all = new CyclicBarrier(clients);
        server.registerStream(
                "/events",
                (request, events) -> {
                    all.await();
                    events.send("tick", "{\"n\":1}");
                    events.ping();
                    Thread self = Thread.currentThread();
                    events.send("thread", self.isVirtual() + " " + self.isDaemon());
                });
        List<CompletableFuture<String>> answers = new ArrayList<>();
        for (int i = 0; i < clients; i++) {
            answers.add(async(with("/events")));
        }
        for (CompletableFuture<String> answer : answers) {
            assertThat(answer.get())
                    .contains("text/event-stream")
                    .contains("event: tick\ndata: {\"n\":1}\n\n")
                    .contains("data: false true\n");
        }
        assertThat(status(get("/events"))).isEqualTo(401);
    }

    @Test
    void streamsEndWithTheServer() throws Exception {
        CountDownLatch serving = new CountDownLatch(1);
        CompletableFuture<Throwable> end = new CompletableFuture<>();
        server.registerStream(
                "/events",
                (request, events) -> {
                    serving.countDown();
                    try {
                        new CountDownLatch(1).await();
                    } catch (InterruptedException e) {
                        end.complete(e);
                    }
                });
        async(with("/events"));
        serving.await();
        server.close();
        server.close();
        assertThat(end.get()).isInstanceOf(InterruptedException.class);
        assertThatThrownBy(() -> new Socket("127.0.0.1", server.port()))
                .isInstanceOf(IOException.class);
    }

    @Test
    void aPortInUseIsSaidSo() {
        assertThatThrownBy(() -> Server.open(server.port(), null))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("port " + server.port() + " is in use");
    }

    @Test
    void tokensAreRandomAndLong() throws Exception {
        try (Server other = Server.open(0, null)) {
            assertThat(other.token()).hasSize(24).isNotEqualTo(server.token());
        }
        assertThatThrownBy(() -> Server.open(0, "short"))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
