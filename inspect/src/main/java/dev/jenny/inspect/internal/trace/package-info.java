/**
 * The execution tracer: puts the events of {@code dev.jenny.internal.event} in order ({@link
 * dev.jenny.inspect.internal.trace.Replay}) and writes them as Go's execution trace or as
 * Perfetto's. Called by {@code dev.jenny.inspect} and by the server.
 */
@NullMarked
package dev.jenny.inspect.internal.trace;

import org.jspecify.annotations.NullMarked;
