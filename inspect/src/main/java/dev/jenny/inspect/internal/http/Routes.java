package dev.jenny.inspect.internal.http;

import dev.jenny.inspect.internal.metrics.MetricPages;
import dev.jenny.inspect.internal.pprof.Flame;
import dev.jenny.inspect.internal.pprof.Pprof;
import dev.jenny.inspect.internal.pprof.TracePage;

/** All that the server answers: each part of the tools registers its pages here. */
public final class Routes {
    private Routes() {}

    /**
     * Registers everything with {@code server}.
     *
     * @param program what the program is called
     */
    public static void register(Server server, String program) {
        Pprof.register(server, program);
        Flame.register(server);
        TracePage.register(server);
        MetricPages.register(server);
    }
}
