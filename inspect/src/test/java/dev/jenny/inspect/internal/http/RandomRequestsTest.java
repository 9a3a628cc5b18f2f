package dev.jenny.inspect.internal.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.jenny.inspect.Inspect;
import dev.jenny.inspect.InspectOptions;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Nonsense sent to the real pages: each request is answered by a status that says what is wrong, or
 * the connection is closed, and the next client notices nothing.
 */
@Timeout(120)
class RandomRequestsTest {
    private static final String TOKEN = "token-of-random-requests";

    private static final List<String> METHODS =
            List.of("GET", "GET", "GET", "GET", "GET", "HEAD", "POST", "get", "", "X".repeat(300));

    /** Of pages that record nothing: requests are to be many. */
    private static final List<String> PATHS =
            List.of(
                    "/",
                    "/app.js",
                    "/api/v1/state",
                    "/api/v1/goroutines",
                    "/api/v1/goroutines/1",
                    "/api/v1/goroutines/-1",
                    "/api/v1/goroutines/x",
                    "/api/v1/why/1",
                    "/api/v1/why/",
                    "/api/v1/chans",
                    "/api/v1/graph",
                    "/api/v1/issues",
                    "/api/v1/diff",
                    "/api/v1/leaks",
                    "/api/v1/metrics",
                    "/api/v1/nosuch",
                    "/metrics",
                    "/debug/vars",
                    "/debug/pprof/",
                    "/debug/pprof/goroutine",
                    "/debug/pprof/threadcreate",
                    "/debug/pprof/sched",
                    "/debug/pprof/cmdline",
                    "/debug/pprof/symbol",
                    "/debug/pprof/nosuch",
                    "/../x",
                    "/%2e%2e/%2e%2e/etc/passwd",
                    "//",
                    "/a/./b",
                    "*",
                    "",
                    "http://evil/",
                    "/%00",
                    "/%zz",
                    "/\u00e4");

    private static final List<String> NAMES =
            List.of(
                    "q", "limit", "group", "stacks", "order", "at", "history", "debug", "gc", "id",
                    "x");

    private static final List<String> VALUES =
            List.of(
                    "",
                    "0",
                    "1",
                    "2",
                    "3",
                    "-1",
                    "99999999999999999999",
                    "1e9",
                    "NaN",
                    "abc",
                    "%",
                    "%00",
                    "age",
                    "state%3Awaiting",
                    "age%3E10s",
                    "%28%28%28",
                    "not%20not%20",
                    "-".repeat(4000),
                    "%22",
                    "%F0%9F%98%80",
                    "x".repeat(3000));

    private static final List<String> HEADERS =
            List.of(
                    "Host: localhost",
                    "Host: evil.example",
                    "Origin: null",
                    "Origin: http://x",
                    "Content-Length: 5",
                    "Content-Length: -5",
                    "Content-Length: 99999999999999999999",
                    "Transfer-Encoding: chunked",
                    "Transfer-Encoding: x",
                    "Expect: 100-continue",
                    "Sec-Fetch-Site: cross-site",
                    "Authorization: Bearer",
                    "Authorization: ",
                    "Accept-Encoding: gzip",
                    "Range: bytes=0-",
                    "Upgrade: websocket",
                    ": x",
                    "x",
                    "",
                    "X: " + "y".repeat(5000));

    private static final Set<Integer> STATUSES =
            Set.of(200, 400, 401, 403, 404, 405, 411, 413, 414, 501, 503);

    private final Random random = new Random(20_260_101);
    private final TreeMap<Integer, Integer> seen = new TreeMap<>();
    private Inspect inspect;

    @BeforeEach
    void start() throws Exception {
        inspect = Inspect.start(InspectOptions.defaults().token(TOKEN).quiet());
    }

    @AfterEach
    void close() {
        inspect.close();
    }

    private <T> T pick(List<T> list) {
        return list.get(random.nextInt(list.size()));
    }

    private String request() {
        StringBuilder b = new StringBuilder(pick(METHODS)).append(' ').append(pick(PATHS));
        char separator = '?';
        for (int i = random.nextInt(4); i > 0; i--) {
            b.append(separator).append(pick(NAMES)).append('=').append(pick(VALUES));
            separator = '&';
        }
        b.append(separator).append(random.nextInt(8) == 0 ? "t=x" : "t=" + TOKEN);
        b.append(random.nextInt(20) == 0 ? " HTTP/9.9" : " HTTP/1.1").append("\r\n");
        if (random.nextInt(8) != 0) {
            b.append("Host: 127.0.0.1\r\n");
        }
        for (int i = random.nextInt(4) - 1; i > 0; i--) {
            b.append(pick(HEADERS)).append("\r\n");
        }
        return b.append("Connection: close\r\n\r\n").toString();
    }

    /** The status of the answer; 0 if the connection was closed without one. */
    private int send(byte[] bytes) throws IOException {
        try (Socket socket = new Socket("127.0.0.1", inspect.port())) {
            socket.setSoTimeout(30_000);
            try {
                socket.getOutputStream().write(bytes);
                socket.shutdownOutput();
                String answer = new String(socket.getInputStream().readAllBytes(), ISO_8859_1);
                answer = answer.replaceFirst("^HTTP/1.1 100 (.+\r\n)+\r\n", "");
                return answer.startsWith("HTTP/1.1 ")
                        ? Integer.parseInt(answer.substring(9, 12))
                        : 0;
            } catch (SocketTimeoutException e) {
                throw new AssertionError("no answer to " + text(bytes), e);
            } catch (IOException e) {
                return 0; // reset, since it was cut off while we wrote
            }
        }
    }

    private static String text(byte[] request) {
        String text = new String(request, ISO_8859_1);
        return text.length() < 1000 ? text : text.substring(0, 1000) + "...";
    }

    private void check(byte[] bytes) throws IOException {
        int status = send(bytes);
        seen.merge(status, 1, Integer::sum);
        assertThat(status == 0 || STATUSES.contains(status))
                .as("%d to %s", status, text(bytes))
                .isTrue();
    }

    private void stillAnswers() throws IOException {
        String good =
                "GET /api/v1/state?t="
                        + TOKEN
                        + " HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n";
        assertThat(send(good.getBytes(ISO_8859_1))).isEqualTo(200);
    }

    @Test
    void requestsThatAreNearlyRight() throws Exception {
        for (int i = 0; i < 1500; i++) {
            check(request().getBytes(ISO_8859_1));
        }
        assertThat(seen).containsKeys(200, 400, 401, 403, 404, 405);
        stillAnswers();
    }

    @Test
    void rightRequestsWithFlippedBytes() throws Exception {
        for (int i = 0; i < 1000; i++) {
            byte[] bytes = request().getBytes(ISO_8859_1);
            for (int n = 1 + random.nextInt(5); n > 0; n--) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
            }
            check(bytes);
        }
        stillAnswers();
    }

    @Test
    void bytes() throws Exception {
        for (int i = 0; i < 500; i++) {
            byte[] bytes = new byte[1 + random.nextInt(2000)];
            random.nextBytes(bytes);
            check(bytes);
        }
        stillAnswers();
    }
}
