package dev.jenny.inspect.internal.http;

import dev.jenny.inspect.internal.metrics.MetricPages;
import dev.jenny.inspect.internal.pprof.Flame;
import dev.jenny.inspect.internal.pprof.Pprof;
import dev.jenny.inspect.internal.pprof.TracePage;

/** All that the server answers: each part of the tools registers its pages here. */
public final class Routes {
    private Routes() {}

    /** Registers everything with {@code server}. */
    public static void register(Server server) {
        Pprof.register(server);
        Flame.register(server);
        TracePage.register(server);
        MetricPages.register(server);
    }
}
