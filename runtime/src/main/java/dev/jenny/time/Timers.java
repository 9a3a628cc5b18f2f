package dev.jenny.time;

import dev.jenny.RecvChan;
import dev.jenny.Task;
import dev.jenny.internal.chan.TimerChannel;
import dev.jenny.internal.sched.Clock;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Timers that need no object to hold on to: Go's {@code time.After}, {@code time.AfterFunc} and
 * {@code time.Tick}. Meant for static import. All methods may be called from any thread.
 */
public final class Timers {
    private Timers() {}

    /**
     * A channel that gets one value when {@code d} has passed: the wall-clock time at which it was
     * due. It is the channel of a {@link Timer} that cannot be stopped, and need not be.
     *
     * {@snippet :
     * RecvChan<Instant> deadline = Timers.after(Duration.ofSeconds(10)); // for the loop as a whole
     * boolean open = true;
     * while (open) {
     *     open =
     *             select(
     *                     recv(parts, part -> append(part)),
     *                     recv(deadline, due -> false));
     * }
     * }
     *
     * <p>For a limit on one select there is {@link dev.jenny.Select#after}, which needs no channel.
     *
     * @param d how long; if not positive, the value is there at once
     * @throws NullPointerException if {@code d} is null
     */
    public static RecvChan<Instant> after(Duration d) {
        return TimerChannel.timer(Clock.nanos(d));
    }

    /**
     * Starts {@code task} in a goroutine of its own when {@code d} has passed; the same as {@link
     * Timer#afterFunc}.
     *
     * {@snippet :
     * Timers.afterFunc(Duration.ofMinutes(1), () -> cache.clear());
     * }
     *
     * @return the timer, to call it off or move it
     * @throws NullPointerException if {@code d} or {@code task} is null
     */
    public static Timer afterFunc(Duration d, Task task) {
        return Timer.afterFunc(d, task);
    }

    /**
     * The channel of a {@link Ticker} that cannot be stopped, and need not be.
     *
     * {@snippet :
     * RecvChan<Instant> ticks = Timers.tick(Duration.ofSeconds(1));
     * select(
     *         onRecv(ticks, tick -> report()), // never ready if ticks is null
     *         onRecv(jobs, job -> run(job)));
     * }
     *
     * @param interval the time between ticks, to the nanosecond
     * @return the channel; null if {@code interval} is not positive, which disables the case of a
     *     select
     * @throws NullPointerException if {@code interval} is null
     */
    public static @Nullable RecvChan<Instant> tick(Duration interval) {
        return interval.isPositive() ? TimerChannel.ticker(Clock.nanos(interval)) : null;
    }
}
