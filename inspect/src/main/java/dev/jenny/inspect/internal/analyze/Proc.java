package dev.jenny.inspect.internal.analyze;

import org.jspecify.annotations.Nullable;

/** A P as far as the trace has come. */
final class Proc {
    final int id;
    final Recent recent = new Recent();

    /** What runs, or blocks its thread. */
    @Nullable G running;

    /** Since when it runs without a break. */
    long since;

    /** For how long somebody was runnable in what has just ended: a run, or a block. */
    long queued;

    /** The time in which somebody was runnable, up to {@code since}. */
    long queuedBefore;

    /** Whether the monitor has seen it burn CPU. */
    boolean burns;

    /** Whether what runs blocks its thread. */
    boolean blocked;

    long blockedSince;
    long blockedQueuedBefore;
    int blockedAt;

    /** Time in which goroutines ran. */
    long ranNanos;

    /** Time in which one blocked the thread. */
    long heldNanos;

    long slices;

    /** For how long goroutines that were made runnable here stood runnable, together. */
    long queuedHere;

    Proc(int id) {
        this.id = id;
    }
}
