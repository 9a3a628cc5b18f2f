import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/*
 * How much slower is a busy program while many look at its dashboard? Starts Busy.java with its
 * tools on, and measures what it gets done with and without clients of the event stream, in turns.
 *
 *     java verify/watchers/Watchers.java [CLIENTS [ROUNDS [SECONDS [pairs|pipeline|both]]]]   (200 5 4 both)
 *
 * The clients are in this process, on the same machine: what they cost is in the result, and is
 * printed as well.
 */
public final class Watchers {
    private Watchers() {}

    /** After the last client has gone, the tools slow down within this time. */
    private static final long CALM_SECONDS = Long.getLong("calm", 12);

    private static final AtomicLong BYTES = new AtomicLong();
    private static final AtomicLong SAMPLES = new AtomicLong();

    /** What Busy printed last. */
    private record Report(long ops, long nanos, long cpu) {
        double rateSince(Report before) {
            return 1e9 * (ops - before.ops) / (nanos - before.nanos);
        }

        double coresSince(Report before) {
            return (double) (cpu - before.cpu) / (nanos - before.nanos);
        }
    }

    private static final Object REPORTED = new Object();
    private static Report newest = new Report(0, 0, 0); // guarded by REPORTED

    public static void main(String[] args) throws Exception {
        int clients = args.length > 0 ? Integer.parseInt(args[0]) : 200;
        int rounds = args.length > 1 ? Integer.parseInt(args[1]) : 5;
        int seconds = args.length > 2 ? Integer.parseInt(args[2]) : 4;
        String work = args.length > 3 ? args[3] : "both";
        Process program =
                new ProcessBuilder("./jenny", "run", "--inspect", "verify/watchers/Busy.java", work)
                        .redirectErrorStream(true)
                        .start();
        Runtime.getRuntime().addShutdownHook(new Thread(program::destroy));
        URI url = url(program.inputReader());
        System.out.printf(Locale.ROOT, "%d CPUs, %s, %d clients%n", cpus(), work, clients);
        TimeUnit.SECONDS.sleep(10); // until it is compiled
        double[] alone = new double[rounds];
        double[] watched = new double[rounds];
        for (int i = 0; i < rounds; i++) {
            TimeUnit.SECONDS.sleep(i == 0 ? 1 : CALM_SECONDS);
            alone[i] = measure(seconds, "alone");
            try (Clients c = new Clients(url, clients)) {
                TimeUnit.SECONDS.sleep(3);
                long bytes = BYTES.get();
                long samples = SAMPLES.get();
                long cpu = c.cpu();
                watched[i] = measure(seconds, "watched");
                System.out.printf(
                        Locale.ROOT,
                        "         %.1f samples and %.1f kB a second for each client;"
                                + " the clients took %.2f cores%n",
                        (double) (SAMPLES.get() - samples) / seconds / clients,
                        (BYTES.get() - bytes) / 1e3 / seconds / clients,
                        (c.cpu() - cpu) / 1e9 / seconds);
            }
        }
        // A program that switches all the time drifts: each round is compared with itself.
        double[] ratios = new double[rounds];
        Arrays.setAll(ratios, i -> watched[i] / alone[i]);
        Arrays.sort(ratios);
        Arrays.sort(alone);
        Arrays.sort(watched);
        System.out.printf(
                Locale.ROOT,
                "median alone %.3f M/s, watched by %d %.3f M/s; rounds: median %+.1f %%,"
                        + " from %+.1f to %+.1f %%%n",
                alone[rounds / 2] / 1e6,
                clients,
                watched[rounds / 2] / 1e6,
                100 * (ratios[rounds / 2] - 1),
                100 * (ratios[0] - 1),
                100 * (ratios[rounds - 1] - 1));
        System.exit(0);
    }

    private static int cpus() {
        return Runtime.getRuntime().availableProcessors();
    }

    /** Reads the program's output until its URL has come, and then goes on to read on a thread. */
    private static URI url(BufferedReader out) throws IOException {
        Pattern inspect = Pattern.compile("jenny: inspect at (http:\\S+)");
        URI url = null;
        String line = "";
        while (url == null || !line.equals("ready")) {
            line = out.readLine();
            if (line == null) {
                throw new IOException("the program has ended");
            }
            Matcher m = inspect.matcher(line);
            if (m.find()) {
                url = URI.create(m.group(1));
            }
        }
        Thread.ofPlatform().daemon().start(() -> read(out));
        return url;
    }

    private static void read(BufferedReader out) {
        try {
            for (String line; (line = out.readLine()) != null; ) {
                if (line.startsWith("ops ")) {
                    String[] f = line.split(" ");
                    synchronized (REPORTED) {
                        newest =
                                new Report(
                                        Long.parseLong(f[1]),
                                        Long.parseLong(f[2]),
                                        Long.parseLong(f[3]));
                        REPORTED.notifyAll();
                    }
                } else {
                    System.err.println(line);
                }
            }
        } catch (IOException e) {
            System.err.println(e);
        }
    }

    private static Report next() throws InterruptedException {
        synchronized (REPORTED) {
            Report before = newest;
            while (newest == before) {
                REPORTED.wait();
            }
            return newest;
        }
    }

    private static double measure(int seconds, String what) throws InterruptedException {
        Report first = next();
        Report last = first;
        while (last.nanos - first.nanos < seconds * 1_000_000_000L) {
            last = next();
        }
        double rate = last.rateSince(first);
        System.out.printf(
                Locale.ROOT,
                "%-8s %.3f M/s on %.2f cores%n",
                what,
                rate / 1e6,
                last.coresSince(first));
        return rate;
    }

    /** So many connections to the event stream, and a thread that reads and counts. */
    private static final class Clients implements AutoCloseable {
        private static final byte[] MARK = "event: sample\n".getBytes(StandardCharsets.US_ASCII);

        private final Selector selector = Selector.open();
        private final List<SocketChannel> all = new ArrayList<>();
        private final Thread thread = Thread.ofPlatform().daemon().unstarted(this::run);

        Clients(URI url, int n) throws IOException, InterruptedException {
            byte[] request =
                    ("GET /api/v1/events?" + url.getRawQuery() + " HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
                            .getBytes(StandardCharsets.US_ASCII);
            for (int i = 0; i < n; i++) {
                SocketChannel c =
                        SocketChannel.open(new InetSocketAddress(url.getHost(), url.getPort()));
                c.write(ByteBuffer.wrap(request));
                c.configureBlocking(false);
                c.register(selector, SelectionKey.OP_READ, new int[1]);
                all.add(c);
                // no faster than people open pages: the server refuses a flood
                TimeUnit.MILLISECONDS.sleep(10);
            }
            thread.start();
        }

        long cpu() {
            return java.lang.management.ManagementFactory.getThreadMXBean()
                    .getThreadCpuTime(thread.threadId());
        }

        private void run() {
            ByteBuffer buffer = ByteBuffer.allocateDirect(1 << 16);
            byte[] copy = new byte[1 << 16];
            try {
                while (selector.isOpen()) {
                    selector.select();
                    for (SelectionKey key : selector.selectedKeys()) {
                        buffer.clear();
                        int n = ((SocketChannel) key.channel()).read(buffer);
                        if (n < 0) {
                            throw new IOException("the server closed a stream");
                        }
                        BYTES.addAndGet(n);
                        buffer.flip().get(copy, 0, n);
                        int[] matched = (int[]) key.attachment();
                        for (int i = 0; i < n; i++) {
                            matched[0] =
                                    copy[i] == MARK[matched[0]]
                                            ? matched[0] + 1
                                            : copy[i] == MARK[0] ? 1 : 0;
                            if (matched[0] == MARK.length) {
                                matched[0] = 0;
                                SAMPLES.incrementAndGet();
                            }
                        }
                    }
                    selector.selectedKeys().clear();
                }
            } catch (IOException | RuntimeException e) {
                if (selector.isOpen()) {
                    System.err.println("clients: " + e);
                    System.exit(1);
                }
            }
        }

        @Override
        public void close() throws IOException, InterruptedException {
            selector.close();
            for (SocketChannel c : all) {
                c.close();
            }
            thread.join();
        }
    }
}
