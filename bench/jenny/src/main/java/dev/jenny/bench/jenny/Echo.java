package dev.jenny.bench.jenny;

import dev.jenny.bench.harness.Round;
import dev.jenny.bench.harness.Work;
import dev.jenny.sync.WaitGroup;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.atomic.AtomicLong;

/** An echo server and its clients over the loopback interface, with blocking sockets. */
final class Echo {
    private static final int CONNECTIONS = 1000;
    private static final int MESSAGE = 64;

    private Echo() {}

    static void echo(Round r) throws Exception {
        int each = r.share(CONNECTIONS);
        long[] latencies = new long[Math.toIntExact(r.ops())];
        AtomicLong sum = new AtomicLong();
        WaitGroup servers = new WaitGroup();
        WaitGroup clients = new WaitGroup();
        InetAddress loopback = InetAddress.getLoopbackAddress();
        Socket[] sockets = new Socket[CONNECTIONS];
        try (ServerSocket server = new ServerSocket(0, CONNECTIONS, loopback)) {
            WaitGroup accepting = new WaitGroup();
            accepting.go(() -> {
                for (int i = 0; i < CONNECTIONS; i++) {
                    Socket socket = server.accept();
                    servers.go(() -> serve(socket));
                }
            });
            for (int i = 0; i < CONNECTIONS; i++) {
                sockets[i] = new Socket(loopback, server.getLocalPort());
                sockets[i].setTcpNoDelay(true);
            }
            accepting.await();
        }
        r.start(); // connecting is not measured
        for (int c = 0; c < CONNECTIONS; c++) {
            Socket socket = sockets[c];
            int first = c * each;
            clients.go(() -> sum.addAndGet(call(socket, each, latencies, first)));
        }
        clients.await();
        r.stop();
        servers.await();
        r.check("sum", CONNECTIONS * Round.sum63(each), sum.get());
        Work.percentiles(r, latencies);
    }

    private static void serve(Socket socket) throws IOException {
        try (socket) {
            socket.setTcpNoDelay(true);
            InputStream in = socket.getInputStream();
            OutputStream out = socket.getOutputStream();
            byte[] message = new byte[MESSAGE];
            while (in.readNBytes(message, 0, MESSAGE) == MESSAGE) {
                out.write(message);
            }
        }
    }

    private static long call(Socket socket, int times, long[] latencies, int first)
            throws IOException {
        try (socket) {
            InputStream in = socket.getInputStream();
            OutputStream out = socket.getOutputStream();
            byte[] message = new byte[MESSAGE];
            long sum = 0;
            for (int i = 0; i < times; i++) {
                long t0 = System.nanoTime();
                message[MESSAGE - 1] = (byte) (i & 63);
                out.write(message);
                message[MESSAGE - 1] = -1;
                if (in.readNBytes(message, 0, MESSAGE) != MESSAGE) {
                    throw new IOException("the server hung up");
                }
                sum += message[MESSAGE - 1];
                latencies[first + i] = System.nanoTime() - t0;
            }
            return sum;
        }
    }
}
