package dev.jenny.inspect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jenny.inspect.internal.http.Discovery;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class InspectTest {
    private static final InspectOptions QUIET = InspectOptions.defaults().quiet();

    private static Path file() {
        return Discovery.directory().resolve(ProcessHandle.current().pid() + ".json");
    }

    private static int get(String url) throws Exception {
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(
                            HttpRequest.newBuilder(URI.create(url)).build(),
                            BodyHandlers.discarding())
                    .statusCode();
        }
    }

    @Test
    void servesUntilClosed() throws Exception {
        String url;
        try (Inspect inspect = Inspect.start(QUIET.name("a test"))) {
            url = "http://127.0.0.1:" + inspect.port() + "/debug/pprof/";
            assertThat(inspect.url()).endsWith("?t=" + inspect.token());
            assertThat(get(url)).isEqualTo(401);
            assertThat(get(url + "?t=" + inspect.token())).isEqualTo(200);
            String vars = "http://127.0.0.1:" + inspect.port() + "/debug/vars";
            assertThat(get(vars)).isEqualTo(401);
            assertThat(get(vars + "?t=" + inspect.token())).isEqualTo(200);
            assertThat(get(vars + "?no=1&t=" + inspect.token())).isEqualTo(400);

            assertThat(Files.readString(file()))
                    .contains("\"pid\":" + ProcessHandle.current().pid())
                    .contains("\"port\":" + inspect.port())
                    .contains("\"token\":\"" + inspect.token() + "\"")
                    .contains("\"main\":\"a test\"");
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file())))
                    .isEqualTo("rw-------");
            assertThat(
                            PosixFilePermissions.toString(
                                    Files.getPosixFilePermissions(Discovery.directory())))
                    .isEqualTo("rwx------");

            assertThatThrownBy(() -> Inspect.start(QUIET))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("already started");
        }
        assertThat(file()).doesNotExist();
        assertThatThrownBy(() -> get(url)).isInstanceOf(IOException.class);
        Inspect.start(QUIET).close(); // again
    }

    /** Else who comes after something went wrong finds nothing. */
    @Test
    @Timeout(60)
    void whatGoroutinesDidIsKeptThoughNobodyWatches() throws Exception {
        try (Inspect inspect = Inspect.start(QUIET)) {
            String base = "http://127.0.0.1:" + inspect.port();
            String token = "t=" + inspect.token();
            String hour = "at=" + TimeUnit.HOURS.toNanos(1); // the newest before that
            while (get(base + "/api/v1/goroutines?" + hour + "&" + token) != 200) {
                Thread.onSpinWait();
            }
            while (get(base + "/api/v1/graph?" + hour + "&" + token) != 200) {
                Thread.onSpinWait();
            }
        }
    }

    @Test
    void memoryIsSampledFromTheStartIfAskedFor() throws Exception {
        try (Inspect inspect = Inspect.start(QUIET.sampleHeap().name("a test"))) {
            Instant before = Instant.now();
            String since = "# allocations sampled since ";
            assertThat(text(inspect, "/debug/pprof/allocs?debug=1&t=").lines())
                    .filteredOn(l -> l.startsWith(since))
                    .map(l -> Instant.parse(l.substring(since.length())))
                    .singleElement()
                    .satisfies(start -> assertThat(start).isBefore(before));
        }
    }

    private static String text(Inspect inspect, String path) throws Exception {
        URI uri = URI.create("http://127.0.0.1:" + inspect.port() + path + inspect.token());
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString()).body();
        }
    }

    @Test
    void aPortInUseIsSaidSo() throws Exception {
        try (var taken = new java.net.ServerSocket()) {
            taken.bind(new java.net.InetSocketAddress("127.0.0.1", 0));
            int port = taken.getLocalPort();
            assertThatThrownBy(() -> Inspect.start(QUIET.port(port)))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("port " + port + " is in use");
        }
        Inspect.start(QUIET).close();
    }

    @Test
    void options() throws Exception {
        assertThatThrownBy(() -> QUIET.port(-1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> QUIET.port(65536)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> QUIET.token("short")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> QUIET.token("0123456789abcde&"))
                .isInstanceOf(IllegalArgumentException.class);
        try (Inspect inspect = Inspect.start(QUIET.token("0123456789abcdef"))) {
            assertThat(inspect.token()).isEqualTo("0123456789abcdef");
        }
    }
}
