package dev.jenny.inspect.internal.http;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A request that has been let in: its path and its query. Immutable. */
public final class Request {
    private final String path;
    private final String rest;
    private final Map<String, String> params;
    private final String lastEventId;

    Request(String path, String rest, Map<String, String> params) {
        this(path, rest, params, "");
    }

    Request(String path, String rest, Map<String, String> params, String lastEventId) {
        this.path = path;
        this.rest = rest;
        this.params = params;
        this.lastEventId = lastEventId;
    }

    /** The decoded path, from the first slash on. */
    public String path() {
        return path;
    }

    /** What follows the handler's own path: {@code "17"} of {@code /api/v1/goroutines/17}. */
    public String rest() {
        return rest;
    }

    /** The first value of the parameter {@code name}; null if it is absent. */
    public @Nullable String param(String name) {
        return params.get(name);
    }

    /** The first value of the parameter {@code name}, or {@code otherwise}. */
    public String param(String name, String otherwise) {
        return params.getOrDefault(name, otherwise);
    }

    /**
     * A whole number.
     *
     * @throws HttpError 400 if it is not one, or not within {@code min} and {@code max}
     */
    public long param(String name, long otherwise, long min, long max) throws HttpError {
        String text = params.get(name);
        if (text == null || text.isEmpty()) {
            return otherwise;
        }
        try {
            long n = Long.parseLong(text);
            if (n >= min && n <= max) {
                return n;
            }
        } catch (NumberFormatException e) {
            // falls through to the same answer
        }
        throw HttpError.bad(
                "invalid value for \"" + name + "\" - must be a number from " + min + " to " + max);
    }

    /** For an event stream: the id of the last event that the client got before; else empty. */
    public String lastEventId() {
        return lastEventId;
    }

    /**
     * Refuses parameters that the page does not know: they would change nothing, unnoticed.
     *
     * @param known what it knows; the token always is
     * @throws HttpError 400 if there is another
     */
    public void allow(String... known) throws HttpError {
        for (String name : params.keySet()) {
            if (!name.equals("t") && !List.of(known).contains(name)) {
                throw HttpError.bad(
                        "no parameter \""
                                + name
                                + "\" here; there are: "
                                + String.join(", ", known));
            }
        }
    }

    /** All parameters, each with its first value, in the order of the query. */
    public Map<String, String> params() {
        return params;
    }

    /** The parameters of {@code rawQuery}. */
    static Map<String, String> parse(@Nullable String rawQuery) throws HttpError {
        Map<String, String> params = new LinkedHashMap<>();
        if (rawQuery == null) {
            return params;
        }
        for (String pair : rawQuery.split("&")) {
            if (pair.isEmpty()) {
                continue;
            }
            int eq = pair.indexOf('=');
            try {
                String name = decode(eq < 0 ? pair : pair.substring(0, eq));
                params.putIfAbsent(name, eq < 0 ? "" : decode(pair.substring(eq + 1)));
            } catch (IllegalArgumentException e) {
                throw HttpError.bad(
                        "the query has a broken % escape: " + pair + "; a % itself is written %25");
            }
        }
        return params;
    }

    private static String decode(String s) {
        return URLDecoder.decode(s, StandardCharsets.UTF_8);
    }
}
