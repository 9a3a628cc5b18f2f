package dev.jenny.inspect.internal.http;

import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import dev.jenny.inspect.internal.Threads;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * The JDK's server at one address, which is made anew when its dispatcher has ended. That thread
 * accepts connections and hands out requests, and an error such as there being no memory, or no
 * further threads, ends it: the port would stay open, and nobody would be answered any more.
 *
 * <p>The JDK's server starts threads when it is made and when it starts; they inherit group and
 * daemon status from who calls, so that is one of {@link Threads}.
 */
final class Listener {
    private static final int BACKLOG = 128;
    private static final String DISPATCHER = "HTTP-Dispatcher";

    private final HttpHandler handler;
    private final Executor executor;
    private final InetSocketAddress address;
    private HttpServer http; // guarded by this
    private @Nullable Thread dispatcher; // guarded by this
    private boolean closed; // guarded by this

    /** Takes the address, or a free port if that is 0; connections wait until {@link #start}. */
    Listener(InetSocketAddress address, HttpHandler handler, Executor executor) throws IOException {
        this.handler = handler;
        this.executor = executor;
        this.http = make(address, handler, executor);
        this.address = http.getAddress();
    }

    private static HttpServer make(
            InetSocketAddress address, HttpHandler handler, Executor executor) throws IOException {
        HttpServer[] made = new HttpServer[1];
        try {
            Threads.run(
                    "jenny-inspect-open",
                    () -> {
                        try {
                            made[0] = HttpServer.create(address, BACKLOG);
                        } catch (IOException e) {
                            throw new UncheckedIOException(e);
                        }
                    });
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
        HttpServer http = made[0];
        http.createContext("/", handler);
        http.setExecutor(executor);
        return http;
    }

    int port() {
        return address.getPort();
    }

    synchronized void start() {
        Threads.run(
                "jenny-inspect-start",
                () -> {
                    Set<Thread> before = dispatchers();
                    http.start();
                    Set<Thread> now = dispatchers();
                    now.removeAll(before);
                    dispatcher = now.isEmpty() ? null : now.iterator().next();
                });
    }

    private static Set<Thread> dispatchers() {
        ThreadGroup group = Thread.currentThread().getThreadGroup();
        @Nullable Thread[] all = new Thread[group.activeCount() + 64];
        Set<Thread> found = new HashSet<>();
        for (Thread t : Arrays.copyOf(all, group.enumerate(all))) {
            if (t != null && t.getName().equals(DISPATCHER)) {
                found.add(t);
            }
        }
        return found;
    }

    /**
     * Takes the place of a server whose dispatcher has ended; its connections are cut.
     *
     * @throws IOException if the port cannot be had; the next call tries again
     */
    synchronized void keep() throws IOException {
        Thread d = dispatcher;
        if (closed || d == null || d.isAlive()) {
            return;
        }
        stop();
        http = make(address, handler, executor);
        start();
    }

    /** Stops to listen and cuts all connections. */
    synchronized void close() {
        closed = true;
        stop();
    }

    private void stop() {
        HttpServer old = http;
        Threads.run("jenny-inspect-stop", () -> old.stop(0));
    }
}
