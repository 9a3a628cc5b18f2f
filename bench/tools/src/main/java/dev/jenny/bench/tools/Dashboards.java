package dev.jenny.bench.tools;

import static dev.jenny.Go.go;

import dev.jenny.Chan;
import dev.jenny.bench.harness.Round;
import dev.jenny.inspect.Inspect;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.lang.management.ThreadMXBean;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** Many clients of the dashboard's event stream, while the program is busy. */
final class Dashboards {
    private static final int PAIRS = 4;
    private static final int SECONDS = 5;

    private static boolean busy;

    private Dashboards() {}

    /** {@code ops} clients watch for some seconds. */
    static void watch(Round r) throws Exception {
        keepBusy();
        Inspect inspect = JennyTools.inspect();
        try (Clients clients = new Clients(inspect, Math.toIntExact(r.ops()))) {
            TimeUnit.SECONDS.sleep(2); // what opening them takes is over
            List<Long> before = clients.samples();
            long cpu0 = toolsCpu();
            long t0 = System.nanoTime();
            TimeUnit.SECONDS.sleep(SECONDS);
            r.metric("cores", (double) (toolsCpu() - cpu0) / (System.nanoTime() - t0));
            List<Long> after = clients.samples();
            long least = Long.MAX_VALUE;
            for (int i = 0; i < after.size(); i++) {
                least = Math.min(least, after.get(i) - before.get(i));
            }
            r.metric("least_samples", least);
            r.check("a client got nothing: their number", 0, least > 0 ? 0 : 1);
            r.check("clients that were cut off", 0, clients.lost());
        }
    }

    /** Pairs of goroutines that play ball, more than there are Ps. */
    private static void keepBusy() {
        for (int i = 0; i < PAIRS && !busy; i++) {
            Chan<Integer> there = Chan.make();
            Chan<Integer> back = Chan.make();
            go(() -> {
                for (Integer ball : there) {
                    back.send(ball);
                }
            });
            go(() -> {
                for (int ball = 0; ; ball = (ball + 1) & 63) {
                    there.send(ball);
                    back.recv();
                }
            });
        }
        busy = true;
    }

    /** The time that the tools' threads have had of the CPUs, in ns. */
    private static long toolsCpu() {
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        long sum = 0;
        for (ThreadInfo t : threads.getThreadInfo(threads.getAllThreadIds())) {
            if (t != null
                    && (t.getThreadName().startsWith("jenny-inspect")
                            || t.getThreadName().startsWith("jenny-issues"))) {
                sum += Math.max(0, threads.getThreadCpuTime(t.getThreadId()));
            }
        }
        return sum;
    }

    /** Connections to the event stream, and a thread that reads and counts. */
    private static final class Clients implements AutoCloseable {
        private static final byte[] MARK = "event: sample\n".getBytes(StandardCharsets.US_ASCII);

        private static final class Client {
            final AtomicLong samples = new AtomicLong();
            int matched;
        }

        private final Selector selector = Selector.open();
        private final List<SocketChannel> channels = new ArrayList<>();
        private final List<Client> all = new ArrayList<>();
        private final AtomicLong lost = new AtomicLong();
        private final Thread thread = Thread.ofPlatform().daemon().unstarted(this::read);

        Clients(Inspect inspect, int n) throws IOException, InterruptedException {
            byte[] request =
                    ("GET /api/v1/events?t="
                                    + inspect.token()
                                    + " HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
                            .getBytes(StandardCharsets.US_ASCII);
            for (int i = 0; i < n; i++) {
                SocketChannel channel =
                        SocketChannel.open(
                                new InetSocketAddress(
                                        InetAddress.getLoopbackAddress(), inspect.port()));
                channel.write(ByteBuffer.wrap(request));
                channel.configureBlocking(false);
                Client client = new Client();
                channel.register(selector, SelectionKey.OP_READ, client);
                channels.add(channel);
                all.add(client);
                TimeUnit.MILLISECONDS.sleep(10); // the server refuses a flood
            }
            thread.start();
        }

        List<Long> samples() {
            return all.stream().map(c -> c.samples.get()).toList();
        }

        long lost() {
            return lost.get();
        }

        private void read() {
            ByteBuffer buffer = ByteBuffer.allocate(1 << 16);
            try {
                while (selector.isOpen()) {
                    selector.select();
                    for (SelectionKey key : selector.selectedKeys()) {
                        buffer.clear();
                        int n = ((SocketChannel) key.channel()).read(buffer);
                        if (n < 0) {
                            lost.getAndIncrement();
                            key.cancel();
                        }
                        count((Client) key.attachment(), buffer.array(), n);
                    }
                    selector.selectedKeys().clear();
                }
            } catch (IOException | RuntimeException e) {
                if (selector.isOpen()) {
                    lost.getAndIncrement();
                    e.printStackTrace();
                }
            }
        }

        private static void count(Client c, byte[] bytes, int n) {
            for (int i = 0; i < n; i++) {
                if (bytes[i] != MARK[c.matched]) {
                    c.matched = 0;
                }
                if (bytes[i] == MARK[c.matched] && ++c.matched == MARK.length) {
                    c.matched = 0;
                    c.samples.getAndIncrement();
                }
            }
        }

        @Override
        public void close() throws IOException {
            selector.close(); // which ends the thread
            for (SocketChannel c : channels) {
                c.close();
            }
        }
    }
}
