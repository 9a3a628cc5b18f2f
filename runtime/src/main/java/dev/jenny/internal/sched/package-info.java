/**
 * The scheduler: {@link dev.jenny.internal.sched.G goroutines}, Ms and Ps, run queues, the monitor,
 * timers; and what every blocking primitive is made of, {@link dev.jenny.internal.sched.Waiter} and
 * {@link dev.jenny.internal.sched.SpinLock}.
 *
 * <p>Called by the public packages and by {@code internal.chan}; calls {@code internal.event} and
 * {@code internal.loom} only.
 */
@NullMarked
package dev.jenny.internal.sched;

import org.jspecify.annotations.NullMarked;
