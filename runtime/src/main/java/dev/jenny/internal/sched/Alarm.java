package dev.jenny.internal.sched;

/**
 * A timer for one use that one thread may cancel while another is still starting it. {@link Timers}
 * alone does not allow that: a stop that overtakes the start finds nothing to stop, and the timer
 * would stand in the heap for nothing.
 *
 * <p>The canceller writes {@code cancelled}, then looks whether the timer is in a heap; the starter
 * puts it there, then looks at {@code cancelled}. Both fields are volatile, so at least one of the
 * two sees the other and takes the timer out.
 *
 * <p>{@link #fire} may still come after {@link #cancel} returned false: the owner keeps its current
 * alarm in a field, under a lock, and ignores one that is not current.
 */
public abstract class Alarm extends TimerNode {
    private volatile boolean cancelled;

    /** For subclasses. */
    protected Alarm() {}

    /** Starts the alarm. Called holding no SpinLock, and again only after it has fired. */
    public final void start(long when) {
        Timers.start(this, when);
        if (cancelled) {
            Timers.stop(this);
        }
    }

    /**
     * Takes the alarm out of its heap, or sees to it that it will not stay there. Called holding no
     * SpinLock.
     *
     * @return true if it had been started and now will not fire
     */
    public final boolean cancel() {
        cancelled = true;
        return Timers.stop(this);
    }
}
