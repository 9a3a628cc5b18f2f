package dev.jenny.time;

import dev.jenny.RecvChan;
import dev.jenny.internal.chan.TimerChannel;
import dev.jenny.internal.sched.Clock;
import java.time.Duration;
import java.time.Instant;

/**
 * A channel that has a value, a tick, at regular intervals.
 *
 * {@snippet :
 * try (Ticker ticker = new Ticker(Duration.ofSeconds(1))) {
 *     for (Instant tick : ticker.c()) {
 *         if (!report(tick)) {
 *             break;
 *         }
 *     }
 * }
 * }
 *
 * <p>A tick's value is the wall-clock time at which it was due. For a slow receiver ticks are
 * dropped: however many intervals it has missed, it finds one tick, the first of them, and the next
 * comes in phase with the old ones. The channel acts as an unbuffered one ({@code len} and {@code
 * cap} are 0) and is never closed, not even by {@link #stop}, so that nobody takes the end for a
 * tick. After {@link #stop} or {@link #reset} has returned, no tick from before is received.
 *
 * <p>A ticker that no thread is blocked on costs nothing but its own memory; it may be forgotten
 * without having been stopped. {@link #close} is there for try-with-resources.
 *
 * <p>Time is monotonic: setting the system's clock does not move the ticks. All methods may be
 * called from any thread. What a thread did before it created or reset the ticker happens before
 * the receive of a tick.
 */
public final class Ticker implements AutoCloseable {
    private final TimerChannel channel;

    /**
     * A ticker with its first tick {@code interval} from now.
     *
     * @param interval the time between ticks, to the nanosecond
     * @throws IllegalArgumentException if {@code interval} is not positive
     * @throws NullPointerException if {@code interval} is null
     */
    public Ticker(Duration interval) {
        channel = TimerChannel.ticker(nanos(interval, "NewTicker"));
    }

    private static long nanos(Duration interval, String what) {
        if (!interval.isPositive()) {
            throw new IllegalArgumentException("non-positive interval for " + what);
        }
        return Clock.nanos(interval);
    }

    /** The channel that gets the ticks; always the same. */
    public RecvChan<Instant> c() {
        return channel;
    }

    /**
     * Ends the ticking. A tick that has not been received is dropped; a thread that is blocked on
     * the channel stays blocked. Stopping again has no effect.
     */
    public void stop() {
        channel.stop();
    }

    /**
     * Starts anew with another interval, also after {@link #stop}: the next tick comes {@code
     * interval} from now.
     *
     * @param interval the time between ticks, to the nanosecond
     * @throws IllegalArgumentException if {@code interval} is not positive; the ticker then goes on
     *     as before
     * @throws NullPointerException if {@code interval} is null
     */
    public void reset(Duration interval) {
        channel.resetTicker(nanos(interval, "Ticker.Reset"));
    }

    /** The same as {@link #stop}. */
    @Override
    public void close() {
        stop();
    }
}
