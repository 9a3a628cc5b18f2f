package dev.jenny.verify;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.jenny.Go;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/** The JDK's HTTP client and server, and Jackson, in goroutines. */
@Timeout(60)
class HttpClientTest {
    /** What the server answers. */
    public record Answer(int number, String text) {}

    private final ObjectMapper json = new ObjectMapper();
    private HttpServer server;
    private URI base;

    @BeforeEach
    void start() throws Exception {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 200);
        server.setExecutor(Go.executor());
        server.createContext(
                "/answer/",
                exchange -> {
                    String path = exchange.getRequestURI().getPath();
                    int n = Integer.parseInt(path.substring("/answer/".length()));
                    byte[] body =
                            json.writeValueAsString(new Answer(n, "x".repeat(n)))
                                    .getBytes(StandardCharsets.UTF_8);
                    exchange.sendResponseHeaders(200, body.length);
                    try (var out = exchange.getResponseBody()) {
                        out.write(body);
                    }
                });
        server.start();
        base = URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/answer/");
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    @Test
    void manyRequestsAtOnce() throws Exception {
        try (HttpClient client = HttpClient.newHttpClient()) {
            List<Integer> got =
                    Goroutines.all(
                            100,
                            i -> {
                                var request = HttpRequest.newBuilder(base.resolve("" + i)).build();
                                var reply = client.send(request, BodyHandlers.ofString());
                                JsonNode node = json.readTree(reply.body());
                                Answer answer = json.treeToValue(node, Answer.class);
                                assertThat(answer.text()).hasSize(i);
                                return answer.number();
                            });
            assertThat(got).hasSize(100).doesNotHaveDuplicates();
        }
    }
}
