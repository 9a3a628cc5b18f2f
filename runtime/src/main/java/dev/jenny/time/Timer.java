package dev.jenny.time;

import dev.jenny.RecvChan;
import dev.jenny.Task;
import dev.jenny.internal.chan.TimerChannel;
import dev.jenny.internal.sched.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One event in the future: a value on a channel, or a task that starts.
 *
 * {@snippet :
 * Timer timer = new Timer(Duration.ofSeconds(5));
 * select(
 *         onRecv(requests, request -> handle(request)),
 *         onRecv(timer.c(), due -> System.out.println("idle since " + due.minusSeconds(5))));
 * timer.stop();
 * }
 *
 * <p><b>With a channel</b> ({@link #Timer(Duration)}). When the time has come, the channel has one
 * value: the wall-clock time at which it was due, also if it is received later. The channel acts as
 * an unbuffered one ({@code len} and {@code cap} are 0) and is never closed. After {@link #stop} or
 * {@link #reset} has returned, no value from before is received. A timer that no thread is blocked
 * on costs nothing but its own memory: it may be forgotten without having been stopped.
 *
 * <p><b>With a task</b> ({@link #afterFunc}). When the time has come, the task starts in a
 * goroutine of its own. The runtime holds on to the timer until it has fired or has been stopped,
 * and the timer to the task.
 *
 * <p>Time is monotonic: setting the system's clock does not move the event. Durations are in
 * nanoseconds; one that is not positive means at once, one beyond 292 years means never. An event
 * comes not before its time, and as soon after it as a P is free.
 *
 * <p>All methods may be called from any thread. What a thread did before it created or reset the
 * timer happens before the receive of the value, or before the task.
 */
public final class Timer {
    private final @Nullable TimerChannel channel;
    private final @Nullable FuncTimer func;

    private Timer(@Nullable TimerChannel channel, @Nullable FuncTimer func) {
        this.channel = channel;
        this.func = func;
    }

    /**
     * A timer whose channel has a value when {@code d} has passed.
     *
     * @throws NullPointerException if {@code d} is null
     */
    public Timer(Duration d) {
        this(TimerChannel.timer(Clock.nanos(d)), null);
    }

    /**
     * A timer that starts {@code task} in a goroutine of its own when {@code d} has passed. An
     * exception that leaves the task is a panic of that goroutine. It has the context class loader
     * and the labels of who set the timer, here or in {@link #reset}; see {@link
     * dev.jenny.Go#withLabels(java.util.Map, Task)}.
     *
     * {@snippet :
     * Timer watchdog = Timer.afterFunc(Duration.ofSeconds(30), () -> connection.close());
     * while (connection.readMessage()) {
     *     watchdog.reset(Duration.ofSeconds(30));
     * }
     * watchdog.stop();
     * }
     *
     * @throws NullPointerException if {@code d} or {@code task} is null
     */
    public static Timer afterFunc(Duration d, Task task) {
        long nanos = Clock.nanos(d);
        FuncTimer func = new FuncTimer(Objects.requireNonNull(task, "afterFunc without a task"));
        func.reset(nanos);
        return new Timer(null, func);
    }

    /**
     * The channel that gets the value: the time at which it was due.
     *
     * @return the channel, always the same
     * @throws IllegalStateException if the timer was made by {@link #afterFunc}: it starts a task
     *     and has no channel
     */
    public RecvChan<Instant> c() {
        if (channel == null) {
            throw new IllegalStateException(
                    "a timer made by afterFunc has no channel: it starts its task instead");
        }
        return channel;
    }

    /**
     * Calls the event off. Does not wait for a task that has started.
     *
     * @return true if the call prevented the event: the value had not been received yet and now
     *     will not be, or the task had not started and now will not; false if the event has
     *     happened or had been called off
     */
    public boolean stop() {
        return channel != null ? channel.stop() : func().stop();
    }

    /**
     * Moves the event to {@code d} from now, whether the timer was running, stopped or had fired. A
     * task that has started is not affected; it may run beside the one that this call will start.
     *
     * @return what {@link #stop} would have returned
     * @throws NullPointerException if {@code d} is null
     */
    public boolean reset(Duration d) {
        long nanos = Clock.nanos(d);
        return channel != null ? channel.resetTimer(nanos) : func().reset(nanos);
    }

    private FuncTimer func() {
        return Objects.requireNonNull(func);
    }
}
