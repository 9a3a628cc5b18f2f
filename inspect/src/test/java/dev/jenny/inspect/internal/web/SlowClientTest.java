package dev.jenny.inspect.internal.web;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.jenny.inspect.internal.http.Server;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.ref.WeakReference;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A client of the event stream that does not read. */
@Timeout(60)
class SlowClientTest {
    /** More than the system keeps for a connection: 2.6 MB on Linux, 6 MB at most. */
    private static final int SAMPLES = 160;

    private static final String PADDING = "x".repeat(64 * 1024);

    private final Feed feed = new Feed();
    private final Sampler sampler = new Sampler(feed);
    private final List<Client> clients = new ArrayList<>();
    private final List<WeakReference<byte[]>> published = new ArrayList<>();
    private Server server;

    @BeforeEach
    void start() throws Exception {
        server = Server.open(0, null);
        server.registerStream(
                "/events",
                (request, out) -> feed.serve(request, out, sampler, "{}".getBytes(US_ASCII)));
        server.start();
    }

    @AfterEach
    void stop() throws Exception {
        for (Client c : clients) {
            c.socket.close();
        }
        server.close();
    }

    /** Reads events when it is asked to, and only then. */
    private final class Client {
        final Socket socket = new Socket();
        final BufferedReader in;
        int samples;
        long last; // the newest sample
        long missed;
        String id = "";

        Client(String lastId, boolean slow) throws IOException {
            clients.add(this);
            if (slow) {
                socket.setReceiveBufferSize(4096); // so that the system does not read for it
            }
            socket.setSoTimeout(30_000);
            socket.connect(new InetSocketAddress("127.0.0.1", server.port()));
            String request =
                    "GET /events?t="
                            + server.token()
                            + " HTTP/1.0\r\nHost: localhost\r\n" // 1.0: no chunks
                            + (lastId.isEmpty() ? "" : "Last-Event-ID: " + lastId + "\r\n");
            socket.getOutputStream().write((request + "\r\n").getBytes(US_ASCII));
            in = new BufferedReader(new InputStreamReader(socket.getInputStream(), US_ASCII));
            assertThat(next()).isEqualTo("program"); // it is served
        }

        /** Reads one event and returns its name; null at the end. */
        @Nullable String next() throws IOException {
            String event = null;
            String eventId = "";
            while (true) {
                String line = in.readLine();
                if (line == null) {
                    return null;
                }
                if (line.startsWith("event: ")) {
                    event = line.substring(7);
                } else if (line.startsWith("id: ")) {
                    eventId = line.substring(4);
                } else if (line.startsWith("data: ") && event != null) {
                    id = eventId.isEmpty() ? id : eventId;
                    if (event.equals("missed")) {
                        missed = Long.parseLong(line.replaceAll("\\D", ""));
                    } else if (event.equals("sample")) {
                        samples++;
                        last = Long.parseLong(line.substring(6).replaceAll("\\D.*", ""));
                    }
                    return event;
                }
            }
        }

        void readUntil(long sample) throws IOException {
            while (last < sample) {
                assertThat(next()).as("after sample %d", last).isNotNull();
            }
        }
    }

    private void publish() {
        long n = published.size() + 1;
        byte[] json = (n + " " + PADDING).getBytes(US_ASCII);
        published.add(new WeakReference<>(json));
        feed.publish(new Samples.Doc(n, json));
    }

    /** Publishes more than fits into any buffer, while {@code quick} reads it all. */
    private void flood(Client quick) throws IOException {
        for (int i = 0; i < SAMPLES; i++) {
            publish();
            quick.readUntil(published.size());
        }
        assertThat(quick.samples).isEqualTo(SAMPLES);
        assertThat(quick.missed).isZero();
    }

    @Test
    void whoReadsAgainIsToldWhatItMissedAndOthersMissNothing() throws Exception {
        Client slow = new Client("", true);
        Client quick = new Client("", false);
        flood(quick);

        System.gc();
        long kept = published.stream().filter(w -> w.get() != null).count();
        // the recent ones, and those that are being written to the slow client
        assertThat(kept).isLessThanOrEqualTo(2 * Feed.RECENT);

        slow.readUntil(SAMPLES);
        assertThat(slow.missed).isPositive().isEqualTo(SAMPLES - slow.samples);
        assertThat(feed.missed()).isEqualTo(slow.missed);
        publish();
        slow.readUntil(SAMPLES + 1);
        assertThat(slow.missed).isEqualTo(SAMPLES + 1 - slow.samples);
    }

    @Test
    void whoNeverReadsIsCutOffAndCountedAndCanComeBack() throws Exception {
        Client slow = new Client("", true);
        Client quick = new Client("", false);
        flood(quick);
        while (feed.clients() > 1) {
            Thread.sleep(20); // the time that it has is what is tested
        }
        assertThat(feed.missed()).isPositive();
        publish();
        quick.readUntil(SAMPLES + 1);

        try {
            while (slow.next() != null) {
                // what the system still had for it
            }
        } catch (IOException e) {
            // or nothing of it
        }
        assertThat(slow.last).isLessThan(SAMPLES);
        Client again = new Client(slow.id, false);
        publish();
        again.readUntil(SAMPLES + 2);
        assertThat(slow.samples + again.missed + again.samples)
                .as(String.format(Locale.ROOT, "%d read, then %d", slow.samples, again.samples))
                .isEqualTo(SAMPLES + 2);
        assertThat(again.missed).isPositive();
    }

    @Test
    void anIdOfAnotherRunIsNoPlaceToGoOnFrom() throws Exception {
        publish();
        publish();
        for (String id : List.of("x-1", "1", "-", "", "x".repeat(999), "x-99999999999999999999")) {
            assertThat(feed.next(feed.reader(id), 1)).as(id).isEmpty();
        }
    }
}
