package dev.jenny.internal.chan;

import dev.jenny.internal.sched.Alarm;
import dev.jenny.internal.sched.Clock;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The channel of a timer or ticker, with the semantics that Go gives it since 1.23. It has a buffer
 * of one, but shows itself as unbuffered.
 *
 * <p>A timer that nobody waits for is nothing but this object: {@link #due} says when it will have
 * something to deliver, and whoever looks at the channel after that time delivers it first ({@link
 * #beforeRecv}). Only while a receiver is blocked does an {@link Alarm} stand in a heap. So an
 * abandoned timer is garbage at once, keeps nothing alive, and does not count as something that may
 * still wake the program.
 *
 * <p>All state is guarded by the channel's lock. Invariants, whenever it is free:
 *
 * <ul>
 *   <li>{@code due == IDLE} if and only if there will be no delivery: the timer has been stopped,
 *       or it has fired and is not periodic.
 *   <li>{@code armed} is null, or the alarm for the current {@code due}. It is non-null only if a
 *       receiver is in the queue, or one that has left the queue is on its way to {@link
 *       #receiverUnblocked}.
 *   <li>If a receiver is in the queue and {@code due != IDLE}, then {@code armed} is non-null, or
 *       some thread is on its way to {@link #attend}: the receiver itself before it parks, or
 *       whoever has just changed {@code due}.
 * </ul>
 *
 * <p>The races, and who settles them. An alarm is started and cancelled outside the lock (a holder
 * of one SpinLock must not wait for another), each alarm is used once, and {@code Alarm} lets a
 * cancel overtake the start.
 *
 * <ul>
 *   <li><i>Firing against stop, reset or the last receiver's leaving:</i> these take the alarm out
 *       of {@code armed} under the lock; an alarm that fires and does not find itself there does
 *       nothing. If it fires first, it sets {@code due} and delivers in the same critical section,
 *       so stop and reset find the value in the buffer, drain it and return true, or it has gone to
 *       a receiver already and they return false. Never is a value received that was due before a
 *       stop or reset that has returned.
 *   <li><i>A receiver's blocking against reset:</i> the receiver queues up under the lock and then
 *       calls {@code attend}; reset changes {@code due} under the lock and then calls {@code
 *       attend}. The later of the two sees both. If both do, the second finds {@code armed} set.
 *   <li><i>Receivers coming and going:</i> nobody is counted. Whoever blocks arms if nobody has;
 *       whoever leaves disarms if the queue is empty. A select that another case has won may stand
 *       in the queue a little longer; when it leaves, it looks again.
 * </ul>
 *
 * <p>User code has the channel as a {@code RecvChan} only, so nothing but the timer sends on it,
 * and nobody closes it.
 */
public final class TimerChannel extends Channel<Instant> {
    private static final long IDLE = Long.MAX_VALUE;
    private static final long LATEST = IDLE - 1;
    private static final long MAX_CLOCK_SKEW = 50_000;

    /** When the next value is due, on {@link Clock}. */
    private volatile long due;

    /** Nanoseconds between ticks; 0 for a timer that fires once. */
    private long period;

    private volatile @Nullable Alarm armed;

    private TimerChannel(long due, long period) {
        super(1);
        this.due = due;
        this.period = period;
    }

    /** A channel that delivers once, {@code nanos} from now; at once if that is not positive. */
    public static TimerChannel timer(long nanos) {
        return new TimerChannel(dueIn(nanos), 0);
    }

    /** A channel that delivers every {@code period} nanoseconds, which must be positive. */
    public static TimerChannel ticker(long period) {
        return new TimerChannel(dueIn(period), period);
    }

    private static long dueIn(long nanos) {
        return Clock.deadline(Math.max(nanos, 0));
    }

    /**
     * Ends deliveries. No value that was due before is received after the return.
     *
     * @return true if a delivery was still to come, or had come and was not yet received
     */
    public boolean stop() {
        return set(IDLE, 0);
    }

    /**
     * Stops, and starts anew with one delivery {@code nanos} from now.
     *
     * @return what {@link #stop} would have returned
     */
    public boolean resetTimer(long nanos) {
        return set(dueIn(nanos), 0);
    }

    /** Stops, and starts anew with a delivery every {@code newPeriod} nanoseconds. */
    public void resetTicker(long newPeriod) {
        set(dueIn(newPeriod), newPeriod);
    }

    private boolean set(long newDue, long newPeriod) {
        lock();
        boolean pending = due != IDLE;
        due = newDue;
        period = newPeriod;
        Alarm a = armed;
        armed = null;
        passed--; // nobody is to get it
        Object unread = recvNow();
        if (unread == NOTHING) {
            passed++;
            unlock();
        } else {
            pending = true;
        }
        if (a != null) {
            a.cancel();
        }
        attend();
        return pending;
    }

    /** True if it will deliver nothing any more unless it is reset: a receiver waits in vain. */
    public boolean isStopped() {
        return due == IDLE;
    }

    // ---- receivers ----

    @Override
    public void beforeRecv() {
        long d = due;
        if (d == IDLE || d > Clock.now()) {
            return;
        }
        lock();
        long now = Clock.now();
        if (due <= now) {
            deliver(now);
            attend(); // it took the alarm out, and other receivers may wait for the next tick
        } else {
            unlock();
        }
    }

    @Override
    public void receiverBlocked() {
        attend();
    }

    @Override
    public void receiverUnblocked() {
        if (armed == null) {
            return; // whoever arms from now on has seen another receiver
        }
        lock();
        Alarm a = null;
        if (receivers().isEmpty()) {
            a = armed;
            armed = null;
        }
        unlock();
        if (a != null) {
            a.cancel();
        }
    }

    /**
     * If a receiver is blocked, delivers what is due and arms for what is to come. The receiver is
     * in the queue, so this must not fail: it waits for memory, as the start of a timer does.
     */
    private void attend() {
        Alarm fresh = null;
        while (!receivers().isEmpty()) {
            lock();
            long when = due;
            if (when == IDLE || armed != null || receivers().isEmpty()) {
                unlock();
                return;
            }
            long now = Clock.now();
            try {
                if (when <= now) {
                    deliver(now);
                } else if (fresh == null) {
                    unlock();
                    fresh = new Ring();
                } else {
                    armed = fresh;
                    unlock();
                    fresh.start(when);
                    return;
                }
            } catch (OutOfMemoryError e) {
                Thread.onSpinWait();
            }
        }
    }

    private final class Ring extends Alarm {
        @Override
        protected void fire(long now) {
            ring(this);
        }
    }

    private void ring(Alarm a) {
        lock();
        boolean current = armed == a;
        if (current) {
            armed = null;
        }
        unlock();
        if (current) {
            attend();
        }
    }

    /**
     * Delivers the value that is due, which is the time that it was due however late somebody
     * looks, and sets when the next one will be. A tick that nobody has read swallows those after
     * it. Called with the lock, which it releases. If there is no memory it has changed nothing.
     */
    private void deliver(long now) {
        long when = due;
        Instant time;
        try {
            time = wallTime(when);
        } catch (OutOfMemoryError e) {
            unlock();
            throw e;
        }
        if (period == 0) {
            due = IDLE;
        } else {
            // ticks that were missed are skipped; those to come keep the phase
            long next = when + period * (1 + Math.max(now - when, 0) / period);
            due = next < 0 ? LATEST : Math.min(next, LATEST);
        }
        Alarm a = armed;
        armed = null;
        if (!sendNow(time)) {
            unlock();
        }
        if (a != null) {
            a.cancel();
        }
    }

    /** The wall-clock time of an instant on {@link Clock}. */
    private static Instant wallTime(long when) {
        long before = Clock.now();
        for (int tries = 0; ; tries++) {
            Instant wall = Instant.now();
            long after = Clock.now();
            // a thread that was held up between the two clocks would get them apart
            if (after - before < MAX_CLOCK_SKEW || tries == 10) {
                return wall.minusNanos(after - when);
            }
            before = after;
        }
    }

    /** The timer's doing, most often. */
    @Override
    void record(int type, int length) {}

    // ---- an unbuffered channel, for all that anyone can see ----

    @Override
    public int len() {
        return 0;
    }

    @Override
    public int cap() {
        return 0;
    }
}
