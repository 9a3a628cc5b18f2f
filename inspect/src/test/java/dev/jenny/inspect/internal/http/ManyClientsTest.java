package dev.jenny.inspect.internal.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.jenny.Chan;
import dev.jenny.Go;
import dev.jenny.Goroutine;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** 200 clients of an event stream, ten events of 2 kB a second each; prints what that costs. */
@Tag("stress")
@Timeout(120)
class ManyClientsTest {
    private static final int CLIENTS = 200;
    private static final int SECONDS = 6;
    private static final int RATE = 10;

    private static double cpu() {
        var os =
                (com.sun.management.OperatingSystemMXBean)
                        ManagementFactory.getOperatingSystemMXBean();
        return os.getProcessCpuTime() / 1e9;
    }

    /** Hand-offs between two goroutines in {@code seconds}. */
    private static long pingPong(int seconds) throws Exception {
        Chan<Integer> ping = Chan.make();
        Chan<Integer> pong = Chan.make();
        long end = System.nanoTime() + seconds * 1_000_000_000L;
        long[] n = new long[1];
        Goroutine a =
                Go.go(() -> {
                    for (Integer i : ping) {
                        pong.send(i);
                    }
                });
        Goroutine b =
                Go.go(() -> {
                    while (System.nanoTime() < end) {
                        for (int i = 0; i < 1000; i++) {
                            ping.send(i);
                            pong.recv();
                            n[0]++;
                        }
                    }
                    ping.close();
                });
        b.join();
        a.join();
        return n[0] / seconds;
    }

    @Test
    void watching() throws Exception {
        byte[] data = ("\"" + "x".repeat(2000) + "\"").getBytes(ISO_8859_1);
        AtomicLong received = new AtomicLong();
        try (Server server = Server.open(0, null)) {
            server.registerStream(
                    "/events",
                    (request, events) -> {
                        while (true) {
                            events.send("sample", data);
                            Thread.sleep(1000 / RATE);
                        }
                    });
            server.start();
            pingPong(2); // warm
            long alone = pingPong(2);
            List<Socket> sockets = new ArrayList<>();
            for (int i = 0; i < CLIENTS; i++) {
                Socket socket = new Socket("127.0.0.1", server.port());
                sockets.add(socket);
                String request =
                        "GET /events?t=" + server.token() + " HTTP/1.1\r\nHost: localhost\r\n\r\n";
                socket.getOutputStream().write(request.getBytes(ISO_8859_1));
                Thread.ofPlatform().daemon().start(() -> read(socket, received));
            }
            while (received.get() < CLIENTS) {
                Thread.onSpinWait(); // all are served
            }
            double before = cpu();
            long n = received.get();
            Thread.sleep(SECONDS * 1000L);
            double used = cpu() - before;
            long events = received.get() - n;
            long watched = pingPong(2);
            System.out.printf(
                    "%d clients: %.0f events/s; CPU of server and clients %.3f cores;"
                            + " ping-pong %d/s alone, %d/s watched%n",
                    CLIENTS, (double) events / SECONDS, used / SECONDS, alone, watched);
            assertThat(events).isGreaterThan((long) CLIENTS * SECONDS * RATE / 2);
            for (Socket socket : sockets) {
                socket.close();
            }
        }
    }

    private static void read(Socket socket, AtomicLong received) {
        try (BufferedReader in =
                new BufferedReader(new InputStreamReader(socket.getInputStream(), ISO_8859_1))) {
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                if (line.startsWith("data: ")) {
                    received.getAndIncrement();
                }
            }
        } catch (java.io.IOException e) {
            // closed at the end
        }
    }
}
