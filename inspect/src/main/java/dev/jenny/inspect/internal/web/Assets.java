package dev.jenny.inspect.internal.web;

import dev.jenny.inspect.internal.http.HttpError;
import dev.jenny.inspect.internal.http.Request;
import dev.jenny.inspect.internal.http.Response;
import dev.jenny.inspect.internal.http.Server;
import java.io.IOException;
import java.io.InputStream;
import java.util.Map;

/**
 * The dashboard's files. The page itself asks for the token; its scripts and styles are the same
 * for everyone, and a page cannot load them with a token.
 */
final class Assets {
    private static final String ROOT = "/dev/jenny/inspect/web/";

    private static final Map<String, String> TYPES =
            Map.of(
                    "html", "text/html; charset=utf-8",
                    "css", "text/css; charset=utf-8",
                    "js", "text/javascript; charset=utf-8",
                    "svg", "image/svg+xml",
                    "json", "application/json; charset=utf-8");

    /** A script may load others from here. That of a worker needs it: it is a page of its own. */
    private static final String SCRIPT_POLICY =
            "default-src 'none'; script-src 'self'; base-uri 'none'; form-action 'none';"
                    + " frame-ancestors 'none'";

    private Assets() {}

    static void register(Server server) {
        server.register("/", (request, response) -> send("index.html", response.html()));
        server.registerOpen("/web/", Assets::file);
    }

    private static void file(Request request, Response response) throws HttpError, IOException {
        String name = request.rest();
        // Names of our own files only: no "..", no absolute paths, nothing but what is in the jar.
        if (!name.matches("[a-z0-9-]+(/[a-z0-9-]+)*\\.[a-z]+")) {
            throw HttpError.notFound("no such file");
        }
        String type = TYPES.get(name.substring(name.lastIndexOf('.') + 1));
        if (type == null || name.equals("index.html")) {
            throw HttpError.notFound("no such file");
        }
        if (name.endsWith(".js")) {
            response.header("Content-Security-Policy", SCRIPT_POLICY);
        }
        send(name, response.type(type));
    }

    private static void send(String name, Response response) throws HttpError, IOException {
        try (InputStream in = Assets.class.getResourceAsStream(ROOT + name)) {
            if (in == null) {
                throw HttpError.notFound("no such file");
            }
            in.transferTo(response.stream());
        }
    }
}
