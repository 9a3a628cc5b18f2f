package dev.jenny.inspect.internal.http;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.jenny.Chan;
import dev.jenny.Go;
import dev.jenny.Goroutine;
import dev.jenny.inspect.Inspect;
import dev.jenny.inspect.InspectOptions;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.HttpURLConnection;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * 200 dashboards of a program that never rests. Each gets its samples while all others are there:
 * one after the other, and where one is missing it is told. The program goes on beside them. What
 * that costs is measured by {@code ./jenny bench tools} and {@code verify/watchers}.
 */
@Tag("stress")
@Timeout(180)
class ManyClientsTest {
    private static final int CLIENTS = 200;
    private static final int SAMPLES = 30;
    private static final long LIMIT_SECONDS = 60;

    /** A client, and the thread that reads what it gets. */
    private static final class Client implements AutoCloseable {
        final CountDownLatch welcome = new CountDownLatch(1);
        volatile CountDownLatch more = new CountDownLatch(SAMPLES);
        volatile long samples;
        volatile @Nullable String wrong;
        private final HttpURLConnection connection;

        Client(Inspect inspect) throws IOException {
            URI uri = URI.create("http://127.0.0.1:" + inspect.port() + "/api/v1/events");
            connection = (HttpURLConnection) uri.toURL().openConnection();
            connection.setRequestProperty("Authorization", "Bearer " + inspect.token());
            Thread.ofPlatform().daemon().name("client").start(this::read);
        }

        private void read() {
            try (BufferedReader in =
                    new BufferedReader(
                            new InputStreamReader(connection.getInputStream(), US_ASCII))) {
                String event = "";
                long last = -1; // the number of the newest sample
                long missed = 0; // how many it was told that it missed
                long counted = 0; // how many of them are in last
                for (String line = in.readLine(); line != null; line = in.readLine()) {
                    if (line.startsWith("event: ")) {
                        event = line.substring(7);
                    } else if (line.startsWith("id: ")) {
                        long number = Long.parseLong(line.substring(line.lastIndexOf('-') + 1));
                        if (last >= 0 && number != last + 1 + missed - counted) {
                            fail("sample " + number + " after " + last + ", missed " + missed);
                        }
                        last = number;
                        counted = missed;
                    } else if (line.startsWith("data: ")) {
                        switch (event) {
                            case "program" -> welcome.countDown();
                            case "missed" -> missed = Long.parseLong(line.replaceAll("\\D", ""));
                            case "sample" -> {
                                if (!line.startsWith("data: {\"t\":") || !line.endsWith("}")) {
                                    fail("not a sample: " + line);
                                }
                                samples++;
                                more.countDown();
                            }
                            default -> fail("an event '" + event + "'");
                        }
                    }
                }
                fail("the server has closed the stream");
            } catch (IOException e) {
                fail("cut off: " + e); // or closed in the end, when nobody asks any more
            }
        }

        private void fail(String why) {
            if (wrong == null) {
                wrong = why;
            }
        }

        @Override
        public void close() {
            connection.disconnect();
        }
    }

    @Test
    void each_gets_its_samples_while_all_watch() throws Exception {
        AtomicBoolean stop = new AtomicBoolean();
        AtomicLong balls = new AtomicLong();
        List<Goroutine> players = play(stop, balls);
        List<Client> clients = new ArrayList<>();
        try (Inspect inspect = Inspect.start(InspectOptions.defaults().quiet())) {
            for (int i = 0; i < CLIENTS; i++) {
                Client client = new Client(inspect);
                clients.add(client);
                assertThat(client.welcome.await(LIMIT_SECONDS, TimeUnit.SECONDS))
                        .as("client %d is served; %s", i, client.wrong)
                        .isTrue();
            }
            // From here on all are there, and stay: nobody is served only because others are done.
            long before = balls.get();
            for (Client c : clients) {
                c.more = new CountDownLatch(SAMPLES);
            }
            for (Client c : clients) {
                assertThat(c.more.await(LIMIT_SECONDS, TimeUnit.SECONDS))
                        .as("%d samples for each; %s", SAMPLES, samples(clients))
                        .isTrue();
            }
            assertThat(clients).extracting(c -> c.wrong).containsOnlyNulls();
            assertThat(balls.get()).as("the program goes on").isGreaterThan(before + 1000);
        } finally {
            stop.set(true);
            for (Client c : clients) {
                c.close();
            }
            for (Goroutine g : players) {
                g.join();
            }
        }
    }

    private static String samples(List<Client> clients) {
        return "samples so far: " + clients.stream().map(c -> c.samples).sorted().toList();
    }

    /** Two goroutines that do nothing but wake each other. */
    private static List<Goroutine> play(AtomicBoolean stop, AtomicLong balls) {
        Chan<Integer> ping = Chan.make();
        Chan<Integer> pong = Chan.make();
        Goroutine a =
                Go.go(() -> {
                    for (Integer ball : ping) {
                        pong.send(ball);
                    }
                });
        Goroutine b =
                Go.go(() -> {
                    while (!stop.get()) {
                        ping.send(1);
                        pong.recv();
                        balls.getAndIncrement();
                    }
                    ping.close();
                });
        return List.of(a, b);
    }
}
