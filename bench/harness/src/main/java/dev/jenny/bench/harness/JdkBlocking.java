package dev.jenny.bench.harness;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Workloads that use nothing but the JDK, so that they are the same code on each kind of thread:
 * locks, a queue, sockets.
 */
public final class JdkBlocking {
    private static final int THREADS = 100;
    private static final int CONNECTIONS = 1000;
    private static final int MESSAGE = 64;

    private final Spawner spawner;

    public JdkBlocking(Spawner spawner) {
        this.spawner = spawner;
    }

    /** Starts a thread of the runtime's kind. */
    @FunctionalInterface
    public interface Spawner {
        /** Starts it. An exception of {@code body} ends the process. */
        Thread start(Suite.Body body);
    }

    private static final class Counter {
        long value;

        synchronized void increment() {
            value++;
        }
    }

    public void reentrantLock(Round r) throws InterruptedException {
        int each = r.share(THREADS);
        ReentrantLock lock = new ReentrantLock();
        Counter counter = new Counter();
        Thread[] threads = new Thread[THREADS];
        for (int g = 0; g < THREADS; g++) {
            threads[g] =
                    spawner.start(() -> {
                        for (int i = 0; i < each; i++) {
                            lock.lock();
                            try {
                                counter.value++;
                            } finally {
                                lock.unlock();
                            }
                        }
                    });
        }
        join(threads);
        r.check("counter", r.ops(), counter.value);
    }

    public void monitor(Round r) throws InterruptedException {
        int each = r.share(THREADS);
        Counter counter = new Counter();
        Thread[] threads = new Thread[THREADS];
        for (int g = 0; g < THREADS; g++) {
            threads[g] =
                    spawner.start(() -> {
                        for (int i = 0; i < each; i++) {
                            counter.increment();
                        }
                    });
        }
        join(threads);
        r.check("counter", r.ops(), counter.value);
    }

    public void arrayBlockingQueue(Round r) throws InterruptedException {
        ArrayBlockingQueue<Integer> queue = new ArrayBlockingQueue<>(128);
        long n = r.ops();
        Thread producer =
                spawner.start(() -> {
                    for (long i = 0; i < n; i++) {
                        queue.put((int) (i & 63));
                    }
                });
        long sum = 0;
        for (long i = 0; i < n; i++) {
            sum += queue.take();
        }
        producer.join();
        r.check("sum", Round.sum63(n), sum);
    }

    /** An echo server and its clients over the loopback interface, with blocking sockets. */
    public void echo(Round r) throws Exception {
        int each = r.share(CONNECTIONS);
        long[] latencies = new long[Math.toIntExact(r.ops())];
        AtomicLong sum = new AtomicLong();
        Thread[] servers = new Thread[CONNECTIONS];
        Thread[] clients = new Thread[CONNECTIONS];
        InetAddress loopback = InetAddress.getLoopbackAddress();
        Socket[] sockets = new Socket[CONNECTIONS];
        try (ServerSocket server = new ServerSocket(0, CONNECTIONS, loopback)) {
            Thread accepting =
                    spawner.start(() -> {
                        for (int i = 0; i < CONNECTIONS; i++) {
                            Socket socket = server.accept();
                            servers[i] = spawner.start(() -> serve(socket));
                        }
                    });
            for (int i = 0; i < CONNECTIONS; i++) {
                sockets[i] = new Socket(loopback, server.getLocalPort());
                sockets[i].setTcpNoDelay(true);
            }
            accepting.join();
        }
        r.start(); // connecting is not measured
        for (int c = 0; c < CONNECTIONS; c++) {
            Socket socket = sockets[c];
            int first = c * each;
            clients[c] = spawner.start(() -> sum.addAndGet(call(socket, each, latencies, first)));
        }
        join(clients);
        r.stop();
        join(servers);
        r.check("sum", CONNECTIONS * Round.sum63(each), sum.get());
        Work.percentiles(r, latencies);
    }

    private static void join(Thread[] threads) throws InterruptedException {
        for (Thread t : threads) {
            t.join();
        }
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
