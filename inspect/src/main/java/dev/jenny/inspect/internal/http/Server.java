package dev.jenny.inspect.internal.http;

import com.sun.net.httpserver.HttpExchange;
import dev.jenny.inspect.internal.Threads;
import dev.jenny.inspect.internal.http.Handler.Cost;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Base64;
import java.util.EnumMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The HTTP server: loopback, GET and HEAD, behind a token, on daemon platform threads.
 *
 * <p>Nothing a client does costs the program more than a bounded number of threads: {@value
 * #WORKERS} for requests, {@value #MAX_STREAMS} for event streams. A client that does not send its
 * request or does not read its answer in time is cut off. Requests that cost much are limited by
 * kind ({@link Cost}); beyond that they get status 503. The JDK's server shares its system
 * properties with the program's own, so none is set: the limits are enforced here.
 */
public final class Server implements AutoCloseable {
    /** How long a client may take to send its request; less while others wait. */
    static final Duration READ_LIMIT = Duration.ofSeconds(5);

    /** How long one write may take. */
    static final Duration WRITE_LIMIT = Duration.ofSeconds(30);

    /** How long one event may take. */
    static final Duration STREAM_WRITE_LIMIT = Duration.ofSeconds(10);

    static final int WORKERS = 16;
    static final int QUEUE = 128;
    static final int MAX_STREAMS = 256;

    /** The wait of the worker that is the current thread. */
    private static final ThreadLocal<Watchdog.@Nullable Watch> WATCH = new ThreadLocal<>();

    private static final int MIN_TOKEN = 16; // characters

    private record Route(
            String path, Handler handler, Function<Request, Cost> cost, boolean open) {}

    private record StreamRoute(String path, Handler.Stream stream) {}

    private final Listener listener;
    private final String token;
    private final Gate gate;
    private final ThreadPoolExecutor workers;
    private final Watchdog watchdog;
    private final Thread watchdogThread;
    private final Map<String, Route> routes = new ConcurrentHashMap<>();
    private final Map<String, StreamRoute> streams = new ConcurrentHashMap<>();
    private final Map<Cost, Semaphore> permits = new EnumMap<>(Cost.class);
    private final Semaphore streamPermits = new Semaphore(MAX_STREAMS);
    private final Set<Thread> streamThreads = ConcurrentHashMap.newKeySet();
    private final AtomicBoolean closed = new AtomicBoolean();

    private Server(InetSocketAddress address, String token, UnaryOperator<Executor> seam)
            throws IOException {
        this.token = token;
        this.gate = new Gate(token);
        for (Cost cost : Cost.values()) {
            permits.put(cost, new Semaphore(cost.limit));
        }
        this.workers =
                new ThreadPoolExecutor(
                        WORKERS,
                        WORKERS,
                        10,
                        TimeUnit.SECONDS,
                        new LinkedBlockingQueue<>(QUEUE),
                        r -> Threads.daemon("jenny-inspect-http", r));
        workers.allowCoreThreadTimeOut(true);
        this.watchdog = new Watchdog(() -> !workers.getQueue().isEmpty(), this::keep);
        this.watchdogThread = Threads.daemon("jenny-inspect-watchdog", watchdog);
        this.listener = new Listener(address, this::serve, seam.apply(this::execute));
    }

    /**
     * Opens a server on the loopback address.
     *
     * @param port 0 for any that is free
     * @param token what clients must show; null for a random one of 144 bits
     * @throws IOException with a text for the user if the port is taken
     * @throws IllegalArgumentException if the token is shorter than 16 characters
     */
    public static Server open(int port, @Nullable String token) throws IOException {
        return open(port, token, UnaryOperator.identity());
    }

    /** As {@link #open(int, String)}, with something between the JDK's server and the workers. */
    static Server open(int port, @Nullable String token, UnaryOperator<Executor> seam)
            throws IOException {
        if (token != null && token.length() < MIN_TOKEN) {
            throw new IllegalArgumentException(
                    "the token must have at least " + MIN_TOKEN + " characters");
        }
        InetAddress loopback = InetAddress.getByAddress("localhost", new byte[] {127, 0, 0, 1});
        try {
            return new Server(
                    new InetSocketAddress(loopback, port),
                    token == null ? randomToken() : token,
                    seam);
        } catch (BindException e) {
            throw new IOException(
                    "port "
                            + port
                            + " is in use: choose another, or 0 for any that is free ("
                            + e.getMessage()
                            + ")",
                    e);
        }
    }

    private static String randomToken() {
        byte[] random = new byte[18];
        new SecureRandom().nextBytes(random);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(random);
    }

    /** Starts to answer. Handlers may still be registered. */
    public void start() {
        watchdogThread.start();
        listener.start();
    }

    private void keep() {
        try {
            listener.keep();
        } catch (IOException e) {
            // somebody else has the port for the moment: the next look tries again
        }
    }

    /** The port. */
    public int port() {
        return listener.port();
    }

    /** The token that clients must show. */
    public String token() {
        return token;
    }

    /** The URL of {@code path} with the token. */
    public String url(String path) {
        return "http://127.0.0.1:" + port() + path + "?t=" + token;
    }

    /** Has {@code handler} answer {@code path}; a path that ends in a slash, all below it. */
    public void register(String path, Cost cost, Handler handler) {
        register(path, request -> cost, handler);
    }

    /** As {@link #register(String, Cost, Handler)}, where the cost depends on the request. */
    public void register(String path, Function<Request, Cost> cost, Handler handler) {
        routes.put(path, new Route(path, handler, cost, false));
    }

    /** As {@link #register}, for what is cheap. */
    public void register(String path, Handler handler) {
        register(path, Cost.LIGHT, handler);
    }

    /**
     * Has {@code handler} answer without asking for the token: for files that are the same for
     * everyone, such as scripts, which a page cannot load with a token.
     */
    public void registerOpen(String path, Handler handler) {
        routes.put(path, new Route(path, handler, request -> Cost.LIGHT, true));
    }

    /** Has {@code stream} serve clients of server-sent events at {@code path}. */
    public void registerStream(String path, Handler.Stream stream) {
        streams.put(path, new StreamRoute(path, stream));
    }

    /** Stops answering and cuts all connections. Does nothing the second time. */
    @Override
    public void close() {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        listener.close();
        watchdogThread.interrupt();
        workers.shutdownNow();
        streamThreads.forEach(Thread::interrupt);
    }

    /** Runs what the JDK's server does for one request, from reading its first byte on. */
    private void execute(Runnable exchange) {
        workers.execute(() -> {
            Watchdog.Watch w = watchdog.open();
            WATCH.set(w);
            w.beginHasty(READ_LIMIT); // until serve() is called
            try {
                exchange.run();
            } finally {
                w.end();
                WATCH.remove();
                watchdog.close(w);
            }
        });
    }

    private void serve(HttpExchange exchange) {
        Watchdog.Watch w = WATCH.get();
        if (w == null) {
            throw new IllegalStateException("not on a worker");
        }
        w.end();
        Response response = new Response(exchange, w);
        try {
            try {
                if (!route(exchange, response)) {
                    return; // a stream took it over
                }
                response.finish();
            } catch (HttpError e) {
                if (e.status() == 405) {
                    response.header("Allow", "GET, HEAD");
                } else if (e.status() == 401) {
                    response.header("WWW-Authenticate", "Bearer");
                } else if (e.status() == 503) {
                    response.header("Retry-After", "1");
                }
                fail(response, e.status(), e.text());
            } catch (Exception | LinkageError | StackOverflowError | OutOfMemoryError e) {
                if (e instanceof InterruptedException) {
                    Thread.currentThread().interrupt();
                }
                fail(response, 500, "this request failed: " + e);
            }
        } catch (IOException e) { // the client is gone, or has half an answer
            cutOff(exchange);
        } finally {
            response.beginWait(); // what the JDK's server does after us must end, too
        }
    }

    /** Closes the connection without the end of an answer. */
    private static void cutOff(HttpExchange exchange) {
        Thread.currentThread().interrupt(); // or the JDK's server would still write that end
        exchange.close();
        Thread.interrupted();
    }

    private static void fail(Response response, int status, String text) throws IOException {
        if (response.committed()) {
            // Too late for a status: the broken connection tells the client.
            throw new IOException(text);
        }
        response.error(status, text);
    }

    /** True if the request has been answered, false if a stream will. */
    private boolean route(HttpExchange exchange, Response response) throws Exception {
        gate.checkShape(exchange);
        gate.checkSource(exchange.getRequestHeaders());
        String path = exchange.getRequestURI().getPath();
        Map<String, String> params = Request.parse(exchange.getRequestURI().getRawQuery());
        Route route = find(path);
        if (route == null || !route.open) {
            gate.checkToken(exchange.getRequestHeaders(), params);
        }
        boolean head = exchange.getRequestMethod().equals("HEAD");
        StreamRoute stream = streams.get(path);
        if (stream != null) {
            if (head) {
                response.type("text/event-stream").commit(-1);
                return true;
            }
            String last = exchange.getRequestHeaders().getFirst("Last-Event-ID");
            Request request = new Request(path, "", params, last == null ? "" : last);
            stream(exchange, response, request, stream);
            return false;
        }
        if (route == null) {
            throw HttpError.notFound(
                    "no such page: "
                            + path
                            + "; / is the dashboard, /debug/pprof/ lists the profiles, /metrics has"
                            + " the figures");
        }
        if (head) {
            response.commit(-1);
            return true;
        }
        Request request = new Request(path, path.substring(route.path.length()), params);
        Semaphore permit = permits.get(route.cost.apply(request));
        if (permit == null || !permit.tryAcquire(2, TimeUnit.SECONDS)) {
            throw new HttpError(
                    503, "too many requests of this kind at once: try again in a moment");
        }
        try {
            route.handler.handle(request, response);
        } finally {
            permit.release();
        }
        return true;
    }

    /** The route of {@code path} itself, or of the longest prefix that ends in a slash. */
    private @Nullable Route find(String path) {
        Route exact = routes.get(path);
        if (exact != null) {
            return exact;
        }
        for (int slash = path.lastIndexOf('/');
                slash > 0;
                slash = path.lastIndexOf('/', slash - 1)) {
            Route route = routes.get(path.substring(0, slash + 1));
            if (route != null) {
                return route;
            }
        }
        return null;
    }

    private void stream(
            HttpExchange exchange, Response response, Request request, StreamRoute route)
            throws HttpError, IOException {
        if (!streamPermits.tryAcquire()) {
            throw new HttpError(
                    503,
                    "too many event streams, at most "
                            + MAX_STREAMS
                            + ": close a dashboard, or ask for /api/v1/state now and then");
        }
        boolean started = false;
        try {
            response.type("text/event-stream").commit(0);
            Thread thread =
                    Threads.daemon(
                            "jenny-inspect-events",
                            () -> {
                                Watchdog.Watch w = watchdog.open();
                                try (exchange) {
                                    route.stream.serve(request, new EventStream(exchange, w));
                                } catch (Exception e) {
                                    // the client went away, or the server ends
                                } finally {
                                    watchdog.close(w);
                                    streamThreads.remove(Thread.currentThread());
                                    streamPermits.release();
                                }
                            });
            streamThreads.add(thread);
            thread.start();
            started = true;
        } finally {
            if (!started) {
                streamPermits.release();
            }
        }
    }
}
