/**
 * Goroutines, channels and select for the JVM, on a G-M-P scheduler of their own.
 *
 * <p>User code needs {@code dev.jenny} and, for more, {@code dev.jenny.sync}, {@code
 * dev.jenny.context} and {@code dev.jenny.time}. Everything under {@code dev.jenny.internal} may
 * change without notice and is exported only to Jenny's own tools.
 */
module dev.jenny.runtime {
    requires static transitive org.jspecify;
    requires static java.instrument;

    exports dev.jenny;
    exports dev.jenny.context;
    exports dev.jenny.sync;
    exports dev.jenny.time;
    // the JVM calls the agent class reflectively, through this module
    exports dev.jenny.internal.loom to
            java.instrument;
    exports dev.jenny.internal.run to
            dev.jenny.cli;
    exports dev.jenny.internal.chan to
            dev.jenny.inspect;
    exports dev.jenny.internal.event to
            dev.jenny.inspect;
    exports dev.jenny.internal.sched to
            dev.jenny.inspect,
            dev.jenny.testing;
}
