package dev.jenny.internal.sched;

import org.jspecify.annotations.Nullable;

/**
 * A waiter that is no goroutine: for other threads, for waits with a deadline, for selects, and for
 * a goroutine that is waiting already while it waits for something else.
 */
public class SideWaiter extends Waiter {
    private final Thread thread;
    private final @Nullable G g;
    private volatile boolean expired;

    /** A waiter for the calling thread. */
    public SideWaiter() {
        this.thread = Thread.currentThread();
        this.g = G.current(thread);
    }

    /** A waiter for the calling thread, which is {@code g}'s if that is not null. */
    SideWaiter(Thread thread, @Nullable G g) {
        this.thread = thread;
        this.g = g;
    }

    @Override
    public final Thread thread() {
        return thread;
    }

    @Override
    final @Nullable G goroutine() {
        return g;
    }

    /**
     * Waits for {@link #ready}, an interrupt, or a deadline on {@link Clock}. The timer may look at
     * this waiter after the return.
     */
    public final Outcome await(WaitReason reason, Object on, long deadline) {
        TimerNode timer = null;
        if (deadline != Long.MAX_VALUE) {
            timer = expiry();
            Timers.start(timer, deadline);
        }
        G g = goroutine();
        if (g != null) {
            g.beginWait(reason, on);
        }
        Outcome outcome;
        for (; ; ) {
            if (isReady()) {
                outcome = Outcome.READY;
                break;
            }
            if (Thread.interrupted()) {
                outcome = Outcome.INTERRUPTED;
                break;
            }
            if (expired) {
                outcome = Outcome.TIMED_OUT;
                break;
            }
            park(g, on);
        }
        if (g != null) {
            g.endWait(on);
        }
        if (timer != null && outcome != Outcome.TIMED_OUT) {
            Timers.stop(timer);
        }
        return outcome;
    }

    /** The waiter is in a queue: this waits for memory, as the start of the timer does. */
    private TimerNode expiry() {
        for (; ; ) {
            try {
                return new Expiry(this);
            } catch (OutOfMemoryError e) {
                Thread.onSpinWait();
            }
        }
    }

    private static final class Expiry extends TimerNode {
        private final SideWaiter waiter;

        Expiry(SideWaiter waiter) {
            this.waiter = waiter;
        }

        @Override
        protected void fire(long now) {
            waiter.expired = true;
            unpark(waiter.thread, waiter.g);
        }
    }
}
