package dev.jenny.inspect.internal.http;

/** All that the server answers: each part of the tools registers its pages here. */
public final class Routes {
    private Routes() {}

    /** Registers everything with {@code server}. */
    public static void register(Server server) {
        server.register("/debug/pprof/", (request, response) -> response.text("soon"));
    }
}
