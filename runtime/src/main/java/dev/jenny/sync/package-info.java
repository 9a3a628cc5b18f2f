/**
 * Synchronisation for goroutines and for any other thread: locks, wait groups, once, conditions,
 * pools, and Go's {@code x/sync} (error groups, single flight, weighted semaphores).
 *
 * <p>User code may call everything public here, from goroutines, other virtual threads and platform
 * threads alike. Within Jenny, {@code dev.jenny} and the tools may use it; it uses {@code
 * dev.jenny.internal.sched} for queues and parking, and {@code dev.jenny.context}. Nothing here
 * uses monitors ({@code synchronized}), so waiting never holds up an M.
 *
 * <p>All types are safe for use by many threads at once. A blocking method that throws {@link
 * java.lang.InterruptedException} leaves the object as if it had not been called; it also throws at
 * once if the thread's interrupt status is set on entry.
 */
@NullMarked
package dev.jenny.sync;

import org.jspecify.annotations.NullMarked;
