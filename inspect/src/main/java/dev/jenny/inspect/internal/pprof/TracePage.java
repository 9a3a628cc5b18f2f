package dev.jenny.inspect.internal.pprof;

import dev.jenny.inspect.Trace;
import dev.jenny.inspect.internal.http.Handler.Cost;
import dev.jenny.inspect.internal.http.HttpError;
import dev.jenny.inspect.internal.http.Request;
import dev.jenny.inspect.internal.http.Response;
import dev.jenny.inspect.internal.http.Server;
import dev.jenny.internal.sched.Probe;
import java.io.IOException;
import java.time.Duration;

/**
 * {@code /debug/pprof/trace}: an execution trace of the next {@code seconds}, 1 if that is absent,
 * for {@code go tool trace}; with {@code format=perfetto} for ui.perfetto.dev.
 */
public final class TracePage {
    private static final int MAX_SECONDS = 600;

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
        request.allow("seconds", "format");
        Duration duration = duration(request);
        Trace.Format format =
                switch (request.param("format", "go")) {
                    case "go" -> Trace.Format.GO;
                    case "perfetto" -> Trace.Format.PERFETTO;
                    default -> throw HttpError.bad("format is go or perfetto");
                };
        if (!Probe.custom()) {
            throw new HttpError(
                    501,
                    "in fallback mode there is nothing to trace: open java.lang to Jenny with"
                            + " --add-opens java.base/java.lang=ALL-UNNAMED");
        }
        response.type("application/octet-stream")
                .attachment(format == Trace.Format.GO ? "trace" : "trace.pftrace");
        Trace.record(duration, response.stream(), format);
    }
}
