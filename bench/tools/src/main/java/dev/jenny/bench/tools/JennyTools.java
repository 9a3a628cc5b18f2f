package dev.jenny.bench.tools;

import static dev.jenny.Go.go;

import dev.jenny.Chan;
import dev.jenny.Go;
import dev.jenny.bench.harness.Round;
import dev.jenny.bench.harness.Suite;
import dev.jenny.inspect.Inspect;
import dev.jenny.inspect.InspectOptions;
import dev.jenny.inspect.Leaks;
import dev.jenny.inspect.Trace;
import dev.jenny.internal.sched.Probe;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The runner for Jenny's tools. Rounds run on the main thread, not on a goroutine. */
public final class JennyTools {
    /** The most that a dump over HTTP may be asked for. */
    private static final int DUMP_LIMIT = 200_000;

    private static final Duration TICK = Duration.ofMillis(1);
    private static final Ticker TICKER = new Ticker();
    private static final Chan<Integer> GATE = Chan.make();

    private static @Nullable Inspect inspect;
    private static long parked;
    private static long first; // how long the first look took, in ns

    private JennyTools() {}

    public static void main(String[] args) {
        new Suite("jenny", Suite.Body::run)
                .add("tools-profile", JennyTools::profile)
                .add("tools-text", JennyTools::text)
                .add("tools-leaks", JennyTools::leaks)
                .add("tools-tracing", JennyTools::tracing)
                .add("tools-dashboards", Dashboards::watch)
                .main(args);
    }

    /** The server of this program's tools, started at the first call. */
    static Inspect inspect() throws IOException {
        if (inspect == null) {
            inspect = Inspect.start(InspectOptions.defaults().quiet());
        }
        return inspect;
    }

    private static void profile(Round r) throws Exception {
        long n = r.ops();
        park(n);
        Page page = look(r, "/debug/pprof/goroutine?debug=1");
        long[] found = {0, 0};
        Matcher total =
                Pattern.compile("\\Agoroutine profile: total (\\d+)\n").matcher(page.head());
        if (total.find()) {
            found[0] = Long.parseLong(total.group(1));
        }
        Matcher group = Pattern.compile("(?m)^" + n + " @").matcher(page.head());
        r.check("the group of those that are parked", 1, group.results().count());
        r.check("fewer in the profile than parked: their number", 0, Math.max(0, n - found[0]));
    }

    private static void text(Round r) throws Exception {
        long n = r.ops();
        park(n);
        Page page = look(r, "/debug/pprof/goroutine?debug=2&limit=" + DUMP_LIMIT);
        r.metric("goroutines", page.blocks());
        r.check("goroutines in the text", Math.min(n, DUMP_LIMIT), page.blocks());
        Matcher m = Pattern.compile("(\\d+) goroutines left out").matcher(page.tail());
        long left = m.find() ? Long.parseLong(m.group(1)) : 0;
        r.check("not accounted for", 0, Math.max(0, n - page.blocks() - left));
    }

    /** Notes how long it takes, how large it is, and how late the ticker was. */
    private static Page look(Round r, String path) throws Exception {
        Inspect tools = inspect();
        TICKER.start();
        long t0 = System.nanoTime();
        Page page = Page.get(tools, path);
        long took = System.nanoTime() - t0;
        first = first == 0 ? took : first;
        r.metric("took_ns", took);
        r.metric("first_ns", first);
        r.metric("stall_ns", TICKER.stop());
        r.metric("bytes", page.bytes());
        return page;
    }

    private static void leaks(Round r) throws Exception {
        long n = r.ops();
        startTicker();
        leak(n);
        awaitWaiting(n);
        TICKER.start();
        long t0 = System.nanoTime();
        String found = Leaks.find();
        r.metric("took_ns", System.nanoTime() - t0);
        r.metric("stall_ns", TICKER.stop());
        Matcher m = Pattern.compile("\\A(\\d+) goroutines? leaked").matcher(found);
        r.check("goroutines found", n, m.find() ? Long.parseLong(m.group(1)) : 0);
    }

    /** Each waits on a channel that nobody else has. */
    private static void leak(long n) {
        for (long i = 0; i < n; i++) {
            Chan<Integer> never = Chan.make();
            go(() -> never.recv());
        }
    }

    private static void tracing(Round r) throws Exception {
        long off = pingPong(r.ops());
        Counter out = new Counter();
        Trace trace = Trace.start(out, Trace.Format.GO);
        long on = pingPong(r.ops());
        trace.stop();
        double n = r.ops();
        double events = trace.events() + trace.dropped();
        double bytesPerEvent = (double) out.bytes / trace.events();
        r.metric("off_ns", off / n);
        r.metric("on_ns", on / n);
        r.metric("ratio", (double) on / off);
        r.metric("bytes_per_event", bytesPerEvent);
        r.metric("bytes_per_round_trip", bytesPerEvent * events / n); // had none been lost
        r.metric("lost_percent", 100 * trace.dropped() / events);
        // Each round trip has two goroutines that wait and two that are woken.
        r.check("round trips that were not traced", 0, events < 4 * n ? r.ops() : 0);
    }

    private static long pingPong(long n) throws InterruptedException {
        Chan<Integer> ping = Chan.make();
        Chan<Integer> pong = Chan.make();
        go(() -> {
            for (Integer v : ping) {
                pong.send(v);
            }
            pong.close();
        });
        long[] took = new long[1];
        CountDownLatch done = new CountDownLatch(1);
        go(() -> {
            long t0 = System.nanoTime();
            long sum = 0;
            for (long i = 0; i < n; i++) {
                ping.send((int) (i & 63));
                sum += Objects.requireNonNull(pong.recv());
            }
            took[0] = System.nanoTime() - t0;
            ping.close();
            if (sum != Round.sum63(n)) {
                throw new IllegalStateException("the sum is " + sum);
            }
            done.countDown();
        });
        done.await();
        return took[0];
    }

    /** So many wait on one channel in the end; a second call adds what is missing. */
    private static void park(long n) throws InterruptedException {
        startTicker();
        for (; parked < n; parked++) {
            go(() -> GATE.recv());
        }
        awaitWaiting(n);
    }

    private static void startTicker() {
        if (TICKER.isNew()) {
            go(() -> TICKER.run(() -> Go.sleep(TICK)));
        }
    }

    private static void awaitWaiting(long n) throws InterruptedException {
        long[] waiting = new long[1];
        while (waiting[0] < n) {
            Thread.sleep(10);
            waiting[0] = 0;
            Probe.scan(g -> {
                if (g.state() == Probe.State.WAITING && g.on() instanceof Chan) {
                    waiting[0]++;
                }
            });
        }
    }

    private static final class Counter extends OutputStream {
        long bytes;

        @Override
        public void write(int b) {
            bytes++;
        }

        @Override
        public void write(byte[] b, int off, int len) {
            bytes += len;
        }
    }
}
