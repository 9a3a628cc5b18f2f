package dev.jenny.internal.event;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/**
 * The scheduling profile: how long goroutines were runnable until they ran, by where they had
 * waited, and for what.
 *
 * <p>Off by default. While it is on, the clock is read at each wake-up and at each start, and every
 * one is counted: counts and times are exact, the times to 32 ns. The M that is about to run a
 * goroutine looks at its stack if it was runnable for {@code rate} nanoseconds or more. After less,
 * the stack is the one that is known of such a wait, see {@link WaitStacks}; so looking does not
 * make the delays that are to be measured. Waits in JDK code are looked at when they begin. A
 * goroutine that has not run yet is put down to its {@code go} statement.
 *
 * <p>Records only grow while the JVM lives; a profile over some seconds is the difference of two
 * calls. All methods may be called from any thread.
 */
public final class SchedProfile {
    private static final BoundedTable<Key, Sums> RECORDS =
            new BoundedTable<>(BoundedTable.LIMIT, new Keys(), Sums::new);

    private static volatile long rate;

    private record Key(String after, Map<String, String> labels, int stack) {}

    private static final class Keys implements BoundedTable.Keys<Key> {
        @Override
        public boolean isDetailed(Key k) {
            return !k.labels.isEmpty();
        }

        @Override
        public Key plain(Key k) {
            return new Key(k.after, Map.of(), k.stack);
        }

        @Override
        public Key rest(Key k) {
            return new Key(k.after, Map.of(), Stacks.NONE);
        }
    }

    private static final class Sums {
        final LongAdder count = new LongAdder();
        final LongAdder nanos = new LongAdder();
    }

    /**
     * The wake-ups after one kind of wait at one place.
     *
     * @param after why they had waited, in Go's words, such as {@code chan receive}; {@code go} for
     *     first starts, {@code yield}
     * @param labels the labels of the goroutines; without what found no room
     * @param count how many
     * @param nanos how long they were runnable, altogether
     * @param stack where they had waited, the innermost frame first; if that is not known, or they
     *     have not run before, the {@code go} statement; empty if there was none
     */
    public record Wakes(
            String after,
            Map<String, String> labels,
            long count,
            long nanos,
            List<StackTraceElement> stack) {}

    private SchedProfile() {}

    /**
     * Turns the profile on and off.
     *
     * @param nanos 0 for off; otherwise after so long the stack is looked at: 1 for always, 10,000
     *     being a good start
     */
    public static synchronized void setRate(long nanos) {
        if (nanos < 0) {
            throw new IllegalArgumentException("rate " + nanos + " is negative; 0 turns it off");
        }
        rate = nanos;
        Events.update();
    }

    /** After how many nanoseconds the stack is looked at; 0 if the profile is off. */
    public static long rate() {
        return rate;
    }

    /** What was recorded since the JVM's start. */
    public static List<Wakes> records() {
        List<Wakes> all = new ArrayList<>();
        RECORDS.forEach((k, v) ->
                all.add(
                        new Wakes(
                                k.after,
                                k.labels,
                                v.count.sum(),
                                v.nanos.sum(),
                                Stacks.frames(k.stack))));
        return all;
    }

    /** A goroutine is about to run, {@code nanos} after it became runnable. */
    public static void started(String after, Map<String, String> labels, int stack, long nanos) {
        Sums sums = RECORDS.get(new Key(after, labels, stack));
        sums.count.increment();
        sums.nanos.add(nanos);
    }
}
