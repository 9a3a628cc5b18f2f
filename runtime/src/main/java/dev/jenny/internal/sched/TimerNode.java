package dev.jenny.internal.sched;

import org.jspecify.annotations.Nullable;

/**
 * Something that happens at a time on {@link Clock}. Start and stop it through {@link Timers}.
 *
 * <p>{@link #fire} runs on an M, on the monitor or on the timer thread, holding no lock. It must be
 * short, must not block, and must not call user code; to do more it starts a goroutine.
 */
public abstract class TimerNode {
    /** When it is due; guarded by the heap's lock. */
    long when;

    /** Position in the heap, -1 if it is in none; guarded by the heap's lock. */
    int index = -1;

    /** The heap that it was last started in. */
    volatile @Nullable TimerHeap heap;

    /** For subclasses. */
    protected TimerNode() {}

    /** Called once for each start that is not stopped in time. */
    protected abstract void fire(long now);

    /** When it was last set to fire. */
    protected final long when() {
        return when;
    }
}
