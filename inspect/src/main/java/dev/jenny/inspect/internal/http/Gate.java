package dev.jenny.inspect.internal.http;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Decides who is let in. The order matters: a page of another site must learn nothing, not even
 * which paths exist, and a caller without the token only how to get it.
 */
final class Gate {
    /** Longest path with query, in characters. */
    static final int MAX_URI = 8192;

    private final byte[] token;

    Gate(String token) {
        this.token = token.getBytes(StandardCharsets.UTF_8);
    }

    /** What is wrong with the request whoever sends it. */
    void checkShape(HttpExchange exchange) throws HttpError {
        String method = exchange.getRequestMethod();
        if (!method.equals("GET") && !method.equals("HEAD")) {
            throw new HttpError(405, "only GET and HEAD: these pages read, they change nothing");
        }
        URI uri = exchange.getRequestURI();
        if (uri.toString().length() > MAX_URI) {
            throw new HttpError(
                    414,
                    "the request is longer than "
                            + MAX_URI
                            + " characters: ask for less, such as a shorter q");
        }
        String path = uri.getPath();
        if (uri.getRawAuthority() != null || path == null || !path.startsWith("/") || isOdd(path)) {
            throw HttpError.bad(
                    "no such path: it begins with one slash, and has no .., . or \\ in it");
        }
    }

    /** A page that was loaded from another host or site is kept out, even if it has the token. */
    void checkSource(Headers headers) throws HttpError {
        List<String> hosts = headers.getOrDefault("Host", List.of());
        String host = hosts.size() == 1 ? hosts.getFirst() : "";
        if (!isLocal(host)) {
            throw new HttpError(
                    403,
                    "wrong Host header: use http://127.0.0.1 or http://localhost with this port."
                            + " From another machine: ssh -L PORT:127.0.0.1:PORT HOST; a proxy in"
                            + " between must send \"Host: localhost\"");
        }
        String origin = headers.getFirst("Origin");
        if (origin != null && !origin.equalsIgnoreCase("http://" + host)) {
            throw otherSite();
        }
        // Browsers send no Origin with images and scripts, but they do say where from.
        String site = headers.getFirst("Sec-Fetch-Site");
        if (site != null
                && !site.equals("same-origin")
                && !site.equals("none")
                && !"navigate".equals(headers.getFirst("Sec-Fetch-Mode"))) {
            throw otherSite();
        }
    }

    private static HttpError otherSite() {
        return new HttpError(
                403,
                "requests from the pages of other sites are refused: open the address in a tab of"
                        + " its own, or ask from a program without the headers Origin and"
                        + " Sec-Fetch-Site");
    }

    /** The caller must have the token. */
    void checkToken(Headers headers, Map<String, String> params) throws HttpError {
        String authorization = headers.getFirst("Authorization");
        String given = params.get("t");
        if (authorization != null
                && authorization.regionMatches(true, 0, "Bearer ", 0, 7)
                && matches(authorization.substring(7).trim())) {
            return;
        }
        if (matches(given)) {
            return;
        }
        throw new HttpError(
                401,
                (authorization == null && given == null
                                ? "a token is needed: open"
                                : "the token is wrong, each start of a program has a new one: open")
                        + " the URL that the program printed, or add ?t=TOKEN or the"
                        + " header \"Authorization: Bearer TOKEN\"; `jenny ps` lists the URLs");
    }

    private boolean matches(@Nullable String given) {
        // compares in a time that does not depend on where the first difference is
        return given != null
                && MessageDigest.isEqual(token, given.getBytes(StandardCharsets.UTF_8));
    }

    /** A host name of this machine, as against one that an attacker's DNS made point to it. */
    static boolean isLocal(String host) {
        String name = host.toLowerCase(Locale.ROOT);
        int port = name.startsWith("[") ? name.indexOf("]:") + 1 : name.indexOf(':');
        if (port > 0) {
            String digits = name.substring(port + 1);
            if (digits.isEmpty() || !digits.chars().allMatch(c -> c >= '0' && c <= '9')) {
                return false;
            }
            name = name.substring(0, port);
        }
        return name.equals("127.0.0.1") || name.equals("localhost") || name.equals("[::1]");
    }

    private static boolean isOdd(String path) {
        for (int i = 0; i < path.length(); i++) {
            char c = path.charAt(i);
            if (c < ' ' || c == '\\' || c == 0x7f) {
                return true;
            }
        }
        return path.contains("//") || (path + "/").contains("/../") || (path + "/").contains("/./");
    }
}
