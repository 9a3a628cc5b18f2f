/**
 * Channels and select. Called by {@code dev.jenny}, {@code dev.jenny.time} and {@code
 * dev.jenny.context}; calls {@code internal.sched}.
 */
@NullMarked
package dev.jenny.internal.chan;

import org.jspecify.annotations.NullMarked;
