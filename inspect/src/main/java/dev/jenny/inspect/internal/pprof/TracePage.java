package dev.jenny.inspect.internal.pprof;

import dev.jenny.inspect.Trace;
import dev.jenny.inspect.internal.http.Handler.Cost;
import dev.jenny.inspect.internal.http.HttpError;
import dev.jenny.inspect.internal.http.Request;
import dev.jenny.inspect.internal.http.Response;
import dev.jenny.inspect.internal.http.Server;
import dev.jenny.inspect.internal.trace.TraceSession;
import dev.jenny.internal.event.Batch;
import dev.jenny.internal.event.ChannelOps;
import dev.jenny.internal.event.Recorder;
import dev.jenny.internal.sched.Probe;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * {@code /debug/pprof/trace}: an execution trace of the next {@code seconds}, 1 if that is absent,
 * for {@code go tool trace}; with {@code format=perfetto} for ui.perfetto.dev. With {@code
 * channels=N} one in N operations on channels is in it. With {@code last=N} of the last N seconds,
 * if somebody records: the flight recorder, the dashboard, another trace. With {@code format=jfr}
 * of the next ones, for JDK Mission Control.
 */
public final class TracePage {
    private static final int MAX_SECONDS = 600;
    private static final int MAX_LAST = 3600;
    private static final int ALL = 0;
    private static final int CONFLICT = 409;
    private static final int UNAVAILABLE = 503;

    /** The right to hold a copy of what lies in the rings. */
    private static final Semaphore COPY = new Semaphore(1);

    private TracePage() {}

    /** Registers the page. */
    public static void register(Server server) {
        server.register("/debug/pprof/trace", Cost.LONG, TracePage::serve);
    }

    /** Go takes fractions of a second here, and only here. */
    private static Duration duration(Request request) throws HttpError {
        String text = request.param("seconds", "");
        if (text.isEmpty()) {
            return Duration.ofSeconds(1);
        }
        double seconds;
        try {
            seconds = Double.parseDouble(text);
        } catch (NumberFormatException e) {
            seconds = 0;
        }
        if (!(seconds > 0 && seconds <= MAX_SECONDS)) {
            throw HttpError.bad(
                    "invalid value for \"seconds\" - must be a number above 0, at most "
                            + MAX_SECONDS);
        }
        return Duration.ofNanos((long) (seconds * 1e9));
    }

    private static void serve(Request request, Response response)
            throws HttpError, IOException, InterruptedException {
        try {
            trace(request, response);
        } catch (HttpError e) {
            response.header("X-Go-Pprof", "1");
            throw e;
        }
    }

    private static void trace(Request request, Response response)
            throws HttpError, IOException, InterruptedException {
        request.allow("seconds", "last", "format", "channels");
        boolean past = !request.param("last", "").isEmpty();
        if (past && !request.param("seconds", "").isEmpty()) {
            throw HttpError.bad("last is of the past, seconds of what comes: give one of them");
        }
        long last = request.param("last", ALL, ALL, MAX_LAST);
        int channels = (int) request.param("channels", 0, 0, ChannelOps.MAX);
        if (past && channels > 0) {
            throw HttpError.bad(
                    "channels is of what comes: what is past has operations on channels if the"
                            + " program was started with -Djenny.traceChannels=N");
        }
        Duration duration = duration(request);
        String name = request.param("format", "go");
        if (name.equals("jfr")) {
            if (past) {
                throw HttpError.bad("format jfr is of what comes: give seconds in place of last");
            }
            JfrFile.record(duration, channels, response);
            return;
        }
        Trace.Format format =
                switch (name) {
                    case "go" -> Trace.Format.GO;
                    case "perfetto" -> Trace.Format.PERFETTO;
                    default -> throw HttpError.bad("format is go, perfetto or jfr");
                };
        if (!Probe.custom()) {
            throw new HttpError(
                    501,
                    "in fallback mode there is nothing to trace: open java.lang to Jenny with"
                            + " --add-opens java.base/java.lang=ALL-UNNAMED");
        }
        if (past) {
            last(last, format, response);
        } else {
            try (Trace trace = Trace.start(begin(format, response), format)) {
                if (channels > 0) {
                    trace.channels(channels);
                }
                Thread.sleep(duration);
            }
        }
    }

    private static OutputStream begin(Trace.Format format, Response response) throws IOException {
        return response
                .type("application/octet-stream")
                .attachment(format == Trace.Format.GO ? "trace" : "trace.pftrace")
                .stream();
    }

    /** What lies in the rings, of the last {@code seconds} or all of it. */
    private static void last(long seconds, Trace.Format format, Response response)
            throws HttpError, IOException, InterruptedException {
        if (!COPY.tryAcquire(2, TimeUnit.SECONDS)) {
            throw new HttpError(
                    UNAVAILABLE,
                    "somebody is fetching what lies in the rings, which is a copy of all of them:"
                            + " try again in a moment");
        }
        try {
            copy(seconds, format, response);
        } finally {
            COPY.release();
        }
    }

    private static void copy(long seconds, Trace.Format format, Response response)
            throws HttpError, IOException {
        long since;
        List<Batch> batches;
        try (Recorder joined = Recorder.join()) {
            if (joined == null) {
                throw new HttpError(
                        CONFLICT,
                        "nothing has been recorded in this program, which switches goroutines too"
                                + " often for that to be done unasked, or has a small heap: start"
                                + " it with 'jenny run --flight', or call FlightRecorder.start()");
            }
            since = joined.since();
            batches = joined.snapshot();
        }
        if (seconds != ALL) {
            long from = System.nanoTime() - TimeUnit.SECONDS.toNanos(seconds);
            since = since - from < 0 ? from : since;
        }
        OutputStream out = new BufferedOutputStream(begin(format, response), 1 << 16);
        TraceSession.write(batches, since, out, format);
    }
}
