/**
 * Cancellation, deadlines and request-scoped values that travel down a tree of calls and
 * goroutines: {@link dev.jenny.context.Context}.
 *
 * <p>For user code, and for {@code dev.jenny.sync}. It calls {@code dev.jenny} and {@code
 * internal.sched}.
 */
@NullMarked
package dev.jenny.context;

import org.jspecify.annotations.NullMarked;
