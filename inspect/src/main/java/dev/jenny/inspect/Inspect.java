package dev.jenny.inspect;

import dev.jenny.inspect.internal.http.Discovery;
import dev.jenny.inspect.internal.http.Routes;
import dev.jenny.inspect.internal.http.Server;
import dev.jenny.inspect.internal.jfr.JfrBridge;
import dev.jenny.inspect.internal.pprof.Profiles;
import dev.jenny.inspect.internal.web.Web;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Opens a running program for inspection: pprof profiles, metrics, traces, dumps and the dashboard,
 * over HTTP on the loopback address, behind a random token, on threads of its own. Off unless
 * started here, by {@code jenny run --inspect}, by {@code jenny attach} or by the agent {@code
 * -javaagent:jenny-inspect.jar}.
 *
 * {@snippet :
 * try (Inspect inspect = Inspect.start()) {
 *     System.out.println(inspect.url()); // open it in a browser
 *     serve();
 * }
 * }
 *
 * <p>One at a time per program. If one of the others may have been first: {@code if
 * (Inspect.current() == null) Inspect.start();}. All methods may be called by any thread.
 */
public final class Inspect implements AutoCloseable {
    private static final AtomicReference<@Nullable Inspect> CURRENT = new AtomicReference<>();

    private final Server server;
    private final Discovery discovery;
    private final AtomicBoolean closing = new AtomicBoolean();
    private volatile @Nullable Web web;

    private Inspect(Server server, Discovery discovery) {
        this.server = server;
        this.discovery = discovery;
    }

    /**
     * Starts with {@link InspectOptions#defaults()}.
     *
     * @throws IOException if no port can be opened
     * @throws IllegalStateException if it has been started already
     */
    public static Inspect start() throws IOException {
        return start(InspectOptions.defaults());
    }

    /**
     * Starts to serve, and prints the URL on standard error once.
     *
     * @throws IOException if the port is in use; the text says so
     * @throws IllegalStateException if it has been started already
     */
    public static Inspect start(InspectOptions options) throws IOException {
        Inspect running = CURRENT.get();
        if (running != null) {
            throw new IllegalStateException("already started: " + running.url());
        }
        Server server = Server.open(options.port(), options.token());
        Inspect inspect = new Inspect(server, new Discovery(server, options.name()));
        if (!CURRENT.compareAndSet(null, inspect)) {
            server.close();
            throw new IllegalStateException("already started");
        }
        try {
            Routes.register(server, inspect.discovery.name());
            inspect.web = Web.register(server, inspect.discovery.name());
            Metrics.registerMXBean();
            JfrBridge.install();
            if (options.samplesHeap()) {
                Profiles.sampleHeap();
            }
            server.start();
        } catch (RuntimeException | Error e) {
            inspect.close();
            throw e;
        }
        inspect.discovery.publish();
        if (!options.isQuiet()) {
            System.err.println("jenny: inspect at " + inspect.url());
        }
        return inspect;
    }

    /** The one that runs, or null. */
    public static @Nullable Inspect current() {
        return CURRENT.get();
    }

    /**
     * Makes the events {@code jenny.*} known to the JDK's flight recorder, for recordings that are
     * started later, by {@code jcmd JFR.start} or JMC. {@link #start()} does it, too.
     *
     * <p>{@code jenny.SchedStats} is on in every recording, once a second. The others must be
     * enabled: {@code jenny.GoroutineStart}, {@code jenny.GoroutineEnd}, {@code
     * jenny.GoroutinePark} (with {@code atLeast}, 20 ms if not set), {@code jenny.Stall}, {@code
     * jenny.Steal}, {@code jenny.ProcStart} and {@code jenny.ProcStop}; {@code jenny.Task}, {@code
     * jenny.Region} and {@code jenny.Log}, what the program says by {@link dev.jenny.Tracing};
     * {@code jenny.ChanOp} (with {@code oneIn}, 100 if not set). While one of them is, the
     * scheduler traces itself.
     */
    public static void enableFlightRecorderEvents() {
        JfrBridge.install();
    }

    /** The dashboard's URL, with the token. Whoever has it can read what the program does. */
    public String url() {
        return server.url("/");
    }

    /** The port on the loopback address. */
    public int port() {
        return server.port();
    }

    /** The token that clients show: {@code Authorization: Bearer TOKEN}, or {@code ?t=TOKEN}. */
    public String token() {
        return server.token();
    }

    /** Stops serving, cuts all connections and ends the threads. The second time does nothing. */
    @Override
    public void close() {
        if (closing.compareAndSet(false, true)) {
            try {
                discovery.remove();
                server.close();
                Web w = web;
                if (w != null) {
                    w.close();
                }
                Profiles.stopAll();
            } finally {
                CURRENT.compareAndSet(this, null); // now the next may start
            }
        }
    }
}
