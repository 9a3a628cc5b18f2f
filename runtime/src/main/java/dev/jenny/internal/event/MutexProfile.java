package dev.jenny.internal.event;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.LongAdder;

/**
 * The mutex profile: who held mutexes for which others waited, and how long those waited.
 *
 * <p>As in Go, the time is put down to the stack that unlocks: it is the holder that must change if
 * others are to wait less. An unlock that wakes a waiter is charged with the time for which that
 * one and all others in the queue have waited since they came, or since the unlock before, if that
 * was later.
 *
 * <p>Off by default. While it is on, the clock is read when somebody begins to wait and at an
 * unlock that wakes a waiter. If the woken one has waited for {@code rate} nanoseconds or more, the
 * unlock is always recorded, with its stack; otherwise with the probability {@code waited / rate},
 * and then with the weight {@code rate / waited}. So counts and times come out right in the mean,
 * and there is one stack walk for each {@code rate} nanoseconds for which a mutex is fought over,
 * however many fight.
 *
 * <p>Records only grow while the JVM lives; a profile over some seconds is the difference of two
 * calls. All methods may be called from any thread.
 */
public final class MutexProfile {
    private static final BoundedTable<Key, Sums> RECORDS =
            new BoundedTable<>(BoundedTable.LIMIT, new Keys(), Sums::new);

    private static boolean on; // racy: a change is seen soon enough
    private static volatile long rate;

    private record Key(int stack, Map<String, String> labels) {}

    private static final class Keys implements BoundedTable.Keys<Key> {
        @Override
        public boolean isDetailed(Key k) {
            return !k.labels.isEmpty();
        }

        @Override
        public Key plain(Key k) {
            return new Key(k.stack, Map.of());
        }

        @Override
        public Key rest(Key k) {
            return new Key(Stacks.NONE, Map.of());
        }
    }

    private static final class Sums {
        final LongAdder count = new LongAdder(); // in 1/1024
        final LongAdder nanos = new LongAdder();
    }

    /**
     * The unlocks at one place.
     *
     * @param count how many unlocks woke somebody
     * @param nanos how long others had waited, altogether
     * @param labels the labels of the goroutines that unlocked; without what found no room
     * @param stack where, the innermost frame first: the method of the mutex, then its caller
     */
    public record Unlocks(
            long count, long nanos, Map<String, String> labels, List<StackTraceElement> stack) {}

    private MutexProfile() {}

    /**
     * Turns the profile on and off.
     *
     * @param nanos 0 for off; 1 to record every unlock that wakes somebody; otherwise one stack
     *     walk per so many nanoseconds of contention, 100,000 being a good start
     */
    public static synchronized void setRate(long nanos) {
        if (nanos < 0) {
            throw new IllegalArgumentException("rate " + nanos + " is negative; 0 turns it off");
        }
        rate = nanos;
        on = nanos > 0;
    }

    /** Nanoseconds of contention for each record; 0 if the profile is off. */
    public static long rate() {
        return rate;
    }

    /** Whether waits for mutexes are of interest. */
    public static boolean isOn() {
        return on;
    }

    /** What was recorded since the JVM's start. */
    public static List<Unlocks> records() {
        List<Unlocks> all = new ArrayList<>();
        RECORDS.forEach((k, v) ->
                all.add(
                        new Unlocks(
                                (v.count.sum() + 512) / 1024,
                                v.nanos.sum(),
                                k.labels,
                                Stacks.frames(k.stack))));
        return all;
    }

    /**
     * The caller has unlocked a mutex and woken a waiter; it holds no lock.
     *
     * @param first how long the waiter had waited, in nanoseconds
     * @param all how long it and those that wait on had
     * @param labels the caller's
     */
    public static void unlocked(long first, long all, Map<String, String> labels) {
        long r = rate;
        if (r == 0 || all <= 0) {
            return;
        }
        double weight = 1;
        if (first < r) {
            long share = Math.max(first, 1);
            if (ThreadLocalRandom.current().nextLong(r) >= share) {
                return;
            }
            weight = (double) r / share;
        }
        Sums sums = RECORDS.get(new Key(Stacks.unlockedHere(), labels));
        sums.count.add((long) (weight * 1024));
        sums.nanos.add((long) (weight * all));
    }
}
