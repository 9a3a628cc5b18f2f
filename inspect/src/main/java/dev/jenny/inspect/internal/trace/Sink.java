package dev.jenny.inspect.internal.trace;

import dev.jenny.inspect.internal.pause.Pause;
import java.io.Closeable;
import java.io.IOException;
import java.util.Map;

/**
 * Takes the events of a trace in an order that makes sense: whatever starts was runnable, whatever
 * stops was running on that P, and no P's time goes backward.
 *
 * <p>{@code p} is a P's number, or {@link #OUTSIDE} for threads without one. Times are {@link
 * System#nanoTime}. Stacks are numbers of {@code Stacks}. Who reads a file has numbers and a clock
 * of its own: {@link Names} tells what its stacks and reasons are.
 */
public interface Sink extends Closeable {
    /** In place of a P's number: a thread that holds none. */
    int OUTSIDE = -1;

    /** What a goroutine does that the trace finds already there. */
    enum State {
        /** Waits for its turn. */
        RUNNABLE,
        /** Runs. */
        RUNNING,
        /** Is parked. */
        WAITING
    }

    /** How a goroutine stops. */
    enum Stop {
        /** It parked. */
        BLOCK,
        /** It yielded. */
        YIELD,
        /** It was made to stop: so do Go's programs, never Jenny's. It is runnable. */
        PREEMPT,
        /** It ended. */
        END,
        /** Unknown: events were lost here. It is runnable. */
        LOST
    }

    /** What a goroutine does to a channel. */
    enum ChannelOp {
        /** It has sent. */
        SEND("send"),
        /** It has received a value. */
        RECEIVE("receive"),
        /** It has closed it. */
        CLOSE("close");

        private final String text;

        ChannelOp(String text) {
            this.text = text;
        }

        /** As users read it. */
        public String text() {
            return text;
        }
    }

    /**
     * A channel after an operation.
     *
     * @param number its number, which no other object has
     * @param passed how many values have been received from it since it was made
     */
    record ChannelState(long number, int len, int cap, long passed) {
        /** As {@code jenny chans} names it. */
        public String name() {
            return "chan#" + number;
        }
    }

    /** A P appears, or wakes, or goes to sleep. */
    void proc(int p, long time, boolean busy) throws IOException;

    /** A goroutine that is not new is seen for the first time; if running, on {@code p}. */
    void appear(int p, long time, long g, State state) throws IOException;

    /** A goroutine is created, runnable; {@code stack} is its spawn site. */
    void create(int p, long time, long g, int stack) throws IOException;

    /** A goroutine begins to run. */
    void start(int p, long time, long g) throws IOException;

    /** The goroutine that runs on {@code p} stops; the reason and stack are those of a BLOCK. */
    void stop(int p, long time, long g, Stop how, int reason, int stack) throws IOException;

    /** A parked goroutine becomes runnable. */
    void ready(int p, long time, long g) throws IOException;

    /** {@code p} took {@code n} goroutines from {@code victim}. */
    void steal(int p, long time, int victim, int n) throws IOException;

    /**
     * The goroutine {@code g} has these labels: it is about to start on {@code p}, or it runs there
     * and has changed them. Not called for one that has none and had none.
     */
    void labels(int p, long time, long g, Map<String, String> labels) throws IOException;

    /** The goroutine that runs on {@code p} burns CPU, and another P goes on in its place. */
    void burns(int p, long time) throws IOException;

    /**
     * The goroutine that runs on {@code p} has blocked its thread since {@code since}, at {@code
     * stack} if that is known; at {@code time} another P goes on in its place. Nothing else happens
     * on {@code p} until {@link #blockedEnd}.
     */
    void blocked(int p, long since, long time, int stack) throws IOException;

    /** The goroutine that had blocked {@code p}'s thread goes on. */
    void blockedEnd(int p, long time) throws IOException;

    /** GOMAXPROCS is {@code n}. */
    void procs(int p, long time, int n) throws IOException;

    /** A user task begins, in the goroutine that runs on {@code p}. */
    void taskBegin(int p, long time, long task, long parent, String name) throws IOException;

    /** A user task ends. */
    void taskEnd(int p, long time, long task) throws IOException;

    /** A user region begins or ends, in the goroutine that runs on {@code p}. */
    void region(int p, long time, long task, String name, boolean begin) throws IOException;

    /** A message of the goroutine that runs on {@code p}. */
    void log(int p, long time, long task, String category, String message) throws IOException;

    /**
     * An operation of the goroutine that runs on {@code p}, if those on channels are recorded; it
     * may be one of several of which the others are not.
     */
    void channel(int p, long time, ChannelOp op, ChannelState channel) throws IOException;

    /**
     * The JVM stopped the program. Pauses come in their order, but not with the events: what
     * happened after one may have been told before.
     */
    void pause(Pause pause) throws IOException;

    /**
     * Events of {@code p} were lost: {@code n} of them. 0 if those before were overwritten, as in a
     * flight recorder: then nothing is wrong, but what came before them on other Ps lacks its
     * sequel.
     */
    void dropped(int p, long time, long n) throws IOException;
}
