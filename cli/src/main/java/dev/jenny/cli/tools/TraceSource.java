package dev.jenny.cli.tools;

import dev.jenny.inspect.internal.Json;
import org.jspecify.annotations.Nullable;

/**
 * Where a trace comes from.
 *
 * @param pid null for a file
 * @param name the file, or the program in words
 */
record TraceSource(@Nullable Long pid, String name) {
    static TraceSource file(String name) {
        return new TraceSource(null, name);
    }

    static TraceSource program(Program p) {
        return new TraceSource(p.pid(), "process " + p.pid() + " (" + Text.clean(p.main()) + ")");
    }

    /** Writes the member {@code pid} or {@code file}. */
    void write(Json j) {
        if (pid == null) {
            j.field("file", name);
        } else {
            j.field("pid", (long) pid);
        }
    }
}
