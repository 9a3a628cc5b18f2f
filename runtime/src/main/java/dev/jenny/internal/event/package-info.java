/**
 * What the scheduler tells about itself: counters and histograms that are always on, the block
 * profile, and the event rings of the execution tracer.
 *
 * <p>{@code internal.sched} calls it, through hooks of one line each; it calls nothing but the JDK.
 * Jenny's tools read it, from threads of their own.
 */
@NullMarked
package dev.jenny.internal.event;

import org.jspecify.annotations.NullMarked;
