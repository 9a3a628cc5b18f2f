package dev.jenny.inspect.internal.pprof;

import dev.jenny.GoRuntime;
import dev.jenny.inspect.internal.CommandLine;
import dev.jenny.inspect.internal.Json;
import dev.jenny.inspect.internal.http.Handler.Cost;
import dev.jenny.inspect.internal.http.HttpError;
import dev.jenny.inspect.internal.http.Request;
import dev.jenny.inspect.internal.http.Response;
import dev.jenny.inspect.internal.http.Server;
import dev.jenny.inspect.internal.issue.Issues;
import dev.jenny.inspect.internal.model.Dumps;
import dev.jenny.inspect.internal.model.Model;
import dev.jenny.inspect.internal.model.Query;
import dev.jenny.inspect.internal.model.QueryException;
import dev.jenny.inspect.internal.pprof.Profiles.Kind;
import java.io.Writer;
import java.time.Duration;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * {@code /debug/pprof/}: paths, parameters and answers are those of Go's {@code net/http/pprof}, so
 * that {@code go tool pprof} and people's habits work.
 */
public final class Pprof {
    private static final String PATH = "/debug/pprof/";

    /** So many goroutines are in a full dump unless limit=N says otherwise. */
    private static final int DUMP_LIMIT = 10_000;

    private static final int MAX_DUMP_LIMIT = 200_000;

    private Pprof() {}

    /**
     * Registers the pages.
     *
     * @param program what pprof is to show as the binary's name
     */
    public static void register(Server server, String program) {
        server.register(
                PATH, Pprof::cost, (request, response) -> serve(program, request, response));
        server.register(PATH + "cmdline", (request, response) -> cmdline(response));
        server.register(PATH + "symbol", (request, response) -> response.text("num_symbols: 0"));
    }

    private static Cost cost(Request request) {
        if (request.rest().isEmpty()) {
            return Cost.LIGHT;
        }
        return request.rest().equals("profile") || request.param("seconds") != null
                ? Cost.LONG
                : Cost.HEAVY;
    }

    private static void serve(String program, Request request, Response response) throws Exception {
        if (request.rest().isEmpty()) {
            index(request, response);
            return;
        }
        try {
            Kind kind =
                    Kind.of(request.rest())
                            .orElseThrow(() ->
                                    HttpError.notFound(
                                            "Unknown profile: there are "
                                                    + Kind.names()
                                                    + " and trace; profile is the one of CPU"
                                                    + " time"));
            profile(kind, program, request, response);
        } catch (HttpError e) {
            response.header("X-Go-Pprof", "1");
            throw e;
        }
    }

    private static void profile(Kind kind, String program, Request request, Response response)
            throws Exception {
        request.allow("debug", "seconds", "q", "limit", "format", "gc", "goroutines");
        long debug = request.param("debug", 0, 0, 3);
        Duration duration = duration(kind, request);
        if (duration != null && debug > 0 && kind != Kind.PROFILE) {
            throw HttpError.bad(
                    "seconds and debug params are incompatible: leave out debug for a file of the next"
                            + " seconds, or seconds for a text of all so far");
        }
        boolean speedscope =
                switch (request.param("format", "pprof")) {
                    case "pprof" -> false;
                    case "speedscope" -> true;
                    default -> throw HttpError.bad("format is pprof or speedscope");
                };
        if (speedscope && debug > 0) {
            throw HttpError.bad("format and debug params are incompatible: leave out one of them");
        }
        Query query = query(request);
        boolean chooses = kind == Kind.GOROUTINE || (kind == Kind.GOROUTINELEAK && debug >= 2);
        if (!query.isAll() && !chooses) {
            throw HttpError.bad(
                    "q chooses goroutines, so it goes with goroutine, and with goroutineleak and"
                            + " debug=2: leave it out, and pick by label with 'go tool pprof"
                            + " -tagfocus'");
        }
        int limit = (int) request.param("limit", DUMP_LIMIT, 1, MAX_DUMP_LIMIT);
        if (kind == Kind.GOROUTINE && debug >= 2) {
            Dumps.text(response.writer(), query, limit, debug >= 3);
            return;
        }
        if (kind == Kind.GOROUTINELEAK) {
            String why = Model.leaksUnsupported();
            if (why != null) {
                throw new HttpError(501, why);
            }
        }
        boolean gc = kind == Kind.HEAP && request.param("gc", 0, 0, 1) == 1;
        boolean ids = request.param("goroutines", 0, 0, 1) == 1;
        Profile profile;
        try {
            if (kind == Kind.GOROUTINELEAK && debug >= 2) {
                Issues.findLeaks();
                LeakProfile.dump(response.writer(), query, limit, debug >= 3);
                return;
            }
            profile = Profiles.take(kind, duration, query, ids, gc);
        } catch (IllegalStateException e) {
            if (kind != Kind.GOROUTINELEAK) {
                throw e;
            }
            throw new HttpError(503, String.valueOf(e.getMessage())); // may work the next time
        }
        if (debug > 0) {
            ProfileText.write(profile, response.writer());
            return;
        }
        boolean delta = duration != null && kind != Kind.PROFILE;
        String file = kind.text() + (delta ? "-delta" : "");
        if (speedscope) {
            Json json = response.attachment(file + ".speedscope.json").json();
            Speedscope.write(profile, program, json);
            return;
        }
        response.type("application/octet-stream").attachment(file);
        ProfileWriter.write(profile, program, response.stream());
    }

    private static Query query(Request request) throws HttpError {
        try {
            return Query.parse(request.param("q", ""));
        } catch (QueryException e) {
            throw HttpError.bad(String.valueOf(e.getMessage()));
        }
    }

    private static @Nullable Duration duration(Kind kind, Request request) throws HttpError {
        String text = request.param("seconds");
        if (text == null || text.isEmpty()) {
            return null;
        }
        if (kind != Kind.PROFILE && !kind.hasDelta()) {
            throw HttpError.bad(
                    "\"seconds\" parameter is not supported for this profile type: leave it out");
        }
        long seconds;
        try {
            seconds = Long.parseLong(text);
        } catch (NumberFormatException e) {
            seconds = 0;
        }
        if (seconds <= 0) {
            throw HttpError.bad(
                    "invalid value for \"seconds\" - must be a positive integer, such as seconds=10");
        }
        if (seconds > Profiles.MAX.toSeconds()) {
            throw HttpError.bad(
                    "invalid value for \"seconds\" - at most "
                            + Profiles.MAX.toSeconds()
                            + " seconds: for longer take several, one after the other");
        }
        return Duration.ofSeconds(seconds);
    }

    private static void cmdline(Response response) throws Exception {
        response.writer().write(String.join("\0", CommandLine.arguments()));
    }

    private static void index(Request request, Response response) throws Exception {
        String token = request.param("t");
        String query = token == null ? "" : "&amp;t=" + escape(token);
        Writer out = response.html().writer();
        out.write(
                "<!DOCTYPE html>\n<html lang=\"en\">\n<head><meta charset=\"utf-8\">"
                        + "<title>/debug/pprof/</title></head>\n<body>\n<h1>/debug/pprof/</h1>\n"
                        + "<p>"
                        + GoRuntime.numGoroutine()
                        + " goroutines, GOMAXPROCS "
                        + GoRuntime.gomaxprocs()
                        + ". debug=1 is text, debug=0 is for <code>go tool pprof</code>;"
                        + " seconds=N is what happened in the next N seconds.</p>\n<table>\n"
                        + "<thead><tr><th>Profile</th><th>Description</th></tr></thead>\n");
        for (Kind kind : Kind.values()) {
            row(
                    out,
                    kind.text(),
                    kind == Kind.PROFILE ? "seconds=5" : "debug=1",
                    query,
                    kind.description());
        }
        row(out, "cmdline", "", query, "The command line of this program");
        row(
                out,
                "trace",
                "seconds=1",
                query,
                "An execution trace for go tool trace; seconds says how long");
        out.write("</table>\n<p><a href=\"goroutine?debug=2" + query + "\">");
        out.write("full goroutine stack dump</a></p>\n</body>\n</html>\n");
    }

    private static void row(
            Writer out, String name, String params, String query, String description)
            throws Exception {
        out.write(
                String.format(
                        Locale.ROOT,
                        "<tr><td><a href=\"%s?%s%s\">%s</a></td><td>%s</td></tr>%n",
                        name,
                        params,
                        query,
                        name,
                        escape(description)));
    }

    private static String escape(String text) {
        StringBuilder b = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '<' -> b.append("&lt;");
                case '>' -> b.append("&gt;");
                case '&' -> b.append("&amp;");
                case '"' -> b.append("&quot;");
                case '\'' -> b.append("&#39;");
                default -> b.append(c);
            }
        }
        return b.toString();
    }
}
