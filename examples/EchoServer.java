import static dev.jenny.Go.go;

import com.sun.management.UnixOperatingSystemMXBean;
import dev.jenny.Chan;
import dev.jenny.Go;
import dev.jenny.GoRuntime;
import dev.jenny.sync.WaitGroup;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/*
 * An echo server with a goroutine per connection, and a client that holds 10,000 connections to it
 * open at once and sends messages over each.
 *
 *     ./jenny run examples/EchoServer.java [CONNECTIONS]     (default 10000)
 *
 * What to watch: plain blocking java.net sockets, one goroutine for each end, 20,000 in all, on a
 * handful of OS threads. A goroutine that waits for the network is parked; the JDK's poller makes
 * it runnable again.
 *
 * Each end of a connection takes a file descriptor, and the number of those is limited for a
 * process (ulimit -n). So the client is a process of its own: the same program, started a second
 * time with other arguments.
 */
public final class EchoServer {
    private EchoServer() {}

    private static final int MESSAGES = 3; // over each connection
    private static final int SPARE_FILES = 200; // what a JVM has open besides
    private static final int CONNECTING = 64; // how many connect at the same time
    private static final int TIMEOUT_MILLIS = 30_000; // for a connect or a read
    private static final Duration PATIENCE = Duration.ofSeconds(50); // for everything

    public static void main(String[] args) throws Exception {
        if (args.length == 3 && args[0].equals("client")) {
            System.exit(client(Integer.parseInt(args[1]), Integer.parseInt(args[2])) ? 0 : 1);
        }
        int connections = parse(args);
        checkFileLimit(connections);
        System.exit(server(connections, args.length) ? 0 : 1);
    }

    // ---- server ----

    private static boolean server(int connections, int argCount) throws Exception {
        AtomicInteger served = new AtomicInteger();
        AtomicInteger errors = new AtomicInteger();
        WaitGroup echoes = new WaitGroup();
        InetAddress loopback = InetAddress.getLoopbackAddress();
        try (ServerSocket listener = new ServerSocket(0, 4096, loopback)) {
            go(() -> {
                try {
                    for (; ; ) {
                        Socket socket = listener.accept();
                        echoes.go(() -> echo(socket, served, errors));
                    }
                } catch (SocketException e) {
                    if (!listener.isClosed()) {
                        throw e; // else main is done with it
                    }
                }
            });
            System.out.println("server: listening on " + listener.getLocalSocketAddress());
            Process client = startClient(listener.getLocalPort(), connections, argCount);
            int exitCode = client.waitFor();
            echoes.await(PATIENCE); // the last have yet to read that the client is gone
            System.out.println(
                    "server: " + served + " connections served, " + errors + " with an error");
            return exitCode == 0 && errors.get() == 0 && served.get() == connections;
        }
    }

    private static void echo(Socket socket, AtomicInteger served, AtomicInteger errors) {
        try (socket) {
            socket.setTcpNoDelay(true);
            InputStream in = socket.getInputStream();
            OutputStream out = socket.getOutputStream();
            byte[] buffer = new byte[256];
            for (int n; (n = in.read(buffer)) > 0; ) {
                out.write(buffer, 0, n);
            }
            served.incrementAndGet();
        } catch (IOException e) {
            errors.incrementAndGet();
            System.err.println("server: " + e);
        }
    }

    /** Starts this very program again, with {@code client PORT CONNECTIONS} for its arguments. */
    private static Process startClient(int port, int connections, int argCount) throws IOException {
        ProcessHandle.Info self = ProcessHandle.current().info();
        if (self.command().isEmpty() || self.arguments().isEmpty()) {
            throw new IOException("this system does not tell how the program was started");
        }
        List<String> command = new ArrayList<>(List.of(self.arguments().get()));
        command = command.subList(0, command.size() - argCount);
        int trace = command.indexOf("--trace");
        if (trace >= 0) {
            command.subList(trace, trace + 2).clear();
        }
        // A port or a file is for one process.
        command.removeIf(a -> a.startsWith("--inspect") || a.startsWith("--trace="));
        command.addFirst(self.command().get());
        command.addAll(List.of("client", String.valueOf(port), String.valueOf(connections)));
        return new ProcessBuilder(command).inheritIO().start();
    }

    // ---- client ----

    private static boolean client(int port, int connections) throws InterruptedException {
        InetSocketAddress server = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
        Chan<Integer> connecting = Chan.make(CONNECTING); // a value in it is a connect under way
        Chan<Integer> allOpen = Chan.make(); // closed when all are
        WaitGroup opened = new WaitGroup();
        WaitGroup ended = new WaitGroup();
        opened.add(connections);
        AtomicInteger open = new AtomicInteger();
        AtomicInteger echoed = new AtomicInteger();
        AtomicInteger failed = new AtomicInteger();
        AtomicReference<Exception> firstError = new AtomicReference<>();

        long start = System.nanoTime();
        for (int i = 0; i < connections; i++) {
            int number = i;
            ended.go(() -> {
                try (Socket socket = new Socket()) {
                    connecting.send(number);
                    try {
                        socket.connect(server, TIMEOUT_MILLIS);
                        open.incrementAndGet();
                    } finally {
                        connecting.recv();
                        opened.done();
                    }
                    allOpen.recv();
                    converse(socket, number, echoed);
                } catch (IOException e) {
                    failed.incrementAndGet();
                    firstError.compareAndSet(null, e);
                }
            });
        }
        boolean inTime = opened.await(PATIENCE);
        report("%d connections open after %s", open.get(), since(start));
        report(
                "%d goroutines here, gomaxprocs %d",
                GoRuntime.numGoroutine(), GoRuntime.gomaxprocs());
        allOpen.close();
        inTime = inTime && ended.await(PATIENCE);
        report("%d messages echoed after %s", echoed.get(), since(start));
        report("%d errors", failed.get());
        if (firstError.get() != null) {
            report("the first of them: %s", firstError.get());
        }
        if (!inTime) {
            report("gave up: not everything was done in %d s", PATIENCE.toSeconds());
        }
        return inTime && failed.get() == 0 && echoed.get() == connections * MESSAGES;
    }

    private static void converse(Socket socket, int number, AtomicInteger echoed)
            throws IOException {
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(TIMEOUT_MILLIS);
        DataOutputStream out = new DataOutputStream(socket.getOutputStream());
        DataInputStream in = new DataInputStream(socket.getInputStream());
        for (int i = 0; i < MESSAGES; i++) {
            long message = (long) number << 8 | i;
            out.writeLong(message);
            long answer = in.readLong();
            if (answer != message) {
                throw new IOException("sent " + message + ", got " + answer);
            }
            echoed.incrementAndGet();
            Go.gosched(); // let the others have their turn
        }
    }

    private static String since(long start) {
        return (System.nanoTime() - start) / 1_000_000 + " ms";
    }

    private static void report(String format, Object... values) {
        System.out.println("client: " + String.format(format, values));
    }

    // ---- arguments ----

    private static int parse(String[] args) {
        try {
            if (args.length == 0) {
                return 10_000;
            }
            int n = Integer.parseInt(args[0]);
            // A client has some 28,000 ports for connections to one address.
            if (args.length == 1 && n >= 1 && n <= 25_000) {
                return n;
            }
        } catch (NumberFormatException e) {
            // said below
        }
        System.err.println("usage: EchoServer.java [CONNECTIONS]   (1 to 25000)");
        System.exit(2);
        throw new AssertionError();
    }

    private static void checkFileLimit(int connections) {
        if (ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean os
                && os.getMaxFileDescriptorCount() < connections + SPARE_FILES) {
            long limit = os.getMaxFileDescriptorCount();
            System.err.printf(
                    "EchoServer: %d connections need %d open files, but this process may have only"
                            + " %d: raise the limit with 'ulimit -n %d', or ask for %d connections%n",
                    connections,
                    connections + SPARE_FILES,
                    limit,
                    connections + SPARE_FILES,
                    Math.max(1, limit - SPARE_FILES));
            System.exit(2);
        }
    }
}
