package dev.jenny.internal.event;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The block profile: where goroutines waited, for what, and how long.
 *
 * <p>Off by default. While it is on, the clock is read at the begin and the end of each wait: in a
 * primitive of Jenny's by the goroutine itself; in JDK code, such as a {@code ReentrantLock}, a
 * monitor, a socket or {@code Thread.sleep}, by the M that it leaves and the M that it comes back
 * on, if it leaves its M at all. Of the waits in JDK code of one {@code go} statement, after the
 * first ones, only some are looked at; they count for the others. As in Go's profile, a wait of
 * {@code rate} nanoseconds or more is always recorded, with its stack; a shorter one of {@code d}
 * nanoseconds with the probability {@code d / rate}, and then with the weight {@code rate / d}. So
 * counts and times come out right in the mean, and the cost is bounded: one stack walk for each
 * {@code rate} nanoseconds that goroutines waited.
 *
 * <p>Example:
 *
 * <pre>{@code
 * BlockProfile.setRate(10_000);             // from here on
 * ...
 * for (BlockProfile.Waits r : BlockProfile.records()) {
 *     System.out.println(r.count() + " " + r.nanos() + " " + r.reason() + " " + r.stack());
 * }
 * }</pre>
 *
 * <p>Records only grow while the JVM lives; a profile over some seconds is the difference of two
 * calls. All methods may be called from any thread.
 */
public final class BlockProfile {
    /** What stands for the instances that found no room. */
    public static final String OTHERS = "others";

    private static final BoundedTable<Key, Sums> RECORDS =
            new BoundedTable<>(BoundedTable.LIMIT, new Keys(), Sums::new);
    private static volatile Function<Object, String> namer = on -> "";
    private static volatile long rate;

    private record Key(
            @Nullable Object site,
            Map<String, String> labels,
            String reason,
            @Nullable Class<?> on,
            String instance,
            int stack) {}

    private static final class Keys implements BoundedTable.Keys<Key> {
        @Override
        public boolean isDetailed(Key k) {
            return !k.labels.isEmpty() || !k.instance.isEmpty();
        }

        @Override
        public Key plain(Key k) {
            String instance = k.instance.isEmpty() ? "" : OTHERS;
            return new Key(k.site, Map.of(), k.reason, k.on, instance, k.stack);
        }

        @Override
        public Key rest(Key k) {
            String instance = k.instance.isEmpty() ? "" : OTHERS;
            return new Key(null, Map.of(), k.reason, null, instance, Stacks.NONE);
        }
    }

    private static final class Sums {
        final LongAdder count = new LongAdder(); // in 1/1024
        final LongAdder nanos = new LongAdder();
    }

    /**
     * The waits of one kind at one place.
     *
     * @param site where the waiting goroutines were started, {@code function(File.java:line)}; null
     *     if that is not known
     * @param labels the labels of the waiting goroutines; without what found no room
     * @param reason why they waited, in Go's words, such as {@code chan receive}
     * @param on what they waited for: the simple name of its class, such as {@code Channel} or
     *     {@code ReentrantLock}; {@code ""} if that is not known
     * @param instance which object they waited for, by the name that {@link #setNamer} gives it;
     *     {@code ""} for none, {@link #OTHERS} for those that found no room
     * @param count how many waits ended
     * @param nanos how long they were, altogether
     * @param stack where, the innermost frame first, without Jenny's own frames
     */
    public record Waits(
            @Nullable String site,
            Map<String, String> labels,
            String reason,
            String on,
            String instance,
            long count,
            long nanos,
            List<StackTraceElement> stack) {}

    private BlockProfile() {}

    /**
     * Turns the profile on and off.
     *
     * @param nanos 0 for off; 1 to record every wait; otherwise one stack walk per so many
     *     nanoseconds of waiting, 10,000 being a good start
     */
    public static synchronized void setRate(long nanos) {
        if (nanos < 0) {
            throw new IllegalArgumentException("rate " + nanos + " is negative; 0 turns it off");
        }
        rate = nanos;
        Events.update();
    }

    /**
     * Has the objects that goroutines wait for told apart. The names count as details: their number
     * must be bounded.
     *
     * @param names gives an object its name, {@code ""} for none; called by goroutines after they
     *     have waited, so it must not block
     */
    public static void setNamer(Function<Object, String> names) {
        namer = names;
    }

    /** Nanoseconds of waiting for each record; 0 if the profile is off. */
    public static long rate() {
        return rate;
    }

    /** What was recorded since the JVM's start. */
    public static List<Waits> records() {
        List<Waits> all = new ArrayList<>();
        RECORDS.forEach((k, v) ->
                all.add(
                        new Waits(
                                k.site == null ? null : k.site.toString(),
                                k.labels,
                                k.reason,
                                name(k.on),
                                k.instance,
                                (v.count.sum() + 512) / 1024,
                                v.nanos.sum(),
                                Stacks.frames(k.stack))));
        return all;
    }

    /** The JDK's locks park on a nested class, as in {@code ReentrantLock$NonfairSync}. */
    private static String name(@Nullable Class<?> on) {
        if (on == null) {
            return "";
        }
        Class<?> outer = on.getName().startsWith("java.util.concurrent.") ? on.getNestHost() : on;
        return outer.getSimpleName();
    }

    /** The calling goroutine's wait is over. Called by it, in the stack where it waited. */
    public static void waited(
            @Nullable Object site,
            Map<String, String> labels,
            String reason,
            Object on,
            long nanos) {
        double weight = weight(nanos);
        if (weight > 0) {
            Key key = new Key(site, labels, reason, on.getClass(), namer.apply(on), Stacks.here());
            add(key, nanos, weight);
        }
    }

    /**
     * A wait in JDK code is over.
     *
     * @param times how many waits it stands for
     * @param stack where it was
     */
    public static void waited(
            @Nullable Object site,
            Map<String, String> labels,
            String reason,
            @Nullable Class<?> on,
            long nanos,
            int times,
            int stack) {
        double weight = weight(nanos);
        if (weight > 0) {
            add(new Key(site, labels, reason, on, "", stack), nanos, weight * times);
        }
    }

    /** Whether a wait is to be recorded: 0 if not; otherwise for how many it stands. */
    private static double weight(long nanos) {
        long r = rate;
        if (r == 0 || nanos <= 0) {
            return 0;
        }
        if (nanos >= r) {
            return 1;
        }
        return ThreadLocalRandom.current().nextLong(r) < nanos ? (double) r / nanos : 0;
    }

    private static void add(Key key, long nanos, double weight) {
        Sums sums = RECORDS.get(key);
        sums.count.add((long) (weight * 1024));
        sums.nanos.add((long) (weight * nanos));
    }
}
