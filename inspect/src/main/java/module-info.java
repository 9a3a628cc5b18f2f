/**
 * Jenny's tools for looking into a running program: dumps and "why", leaks, pprof, metrics, the
 * execution tracer and the dashboard. Programs need {@link dev.jenny.inspect} only.
 */
module dev.jenny.inspect {
    requires dev.jenny.runtime;
    requires static transitive org.jspecify;
    requires jdk.httpserver;
    requires jdk.jfr;
    requires java.management;
    requires jdk.management;
    requires static java.instrument;

    exports dev.jenny.inspect;
    exports dev.jenny.inspect.internal.model to
            dev.jenny.testing;
}
