package dev.jenny.internal.event;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.function.IntSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What is known of the goroutines of one spawn site: how many were created, how often they waited
 * and for what, how long they then were runnable before they ran, and where in the program they
 * wait.
 *
 * <p>The counts are of the sampled wake-ups and starts, one in {@link Counters#SAMPLE}.
 */
public final class SiteStats {
    private final AtomicLongArray wakes = new AtomicLongArray(Counters.REASONS);
    private final AtomicLongArray latencies = new AtomicLongArray(Counters.REASONS);
    private final @Nullable WaitStacks[] waits = new @Nullable WaitStacks[Counters.REASONS];

    private final AtomicLong created = new AtomicLong();

    /** Of so many waits in JDK code the stack is walked each time, then of one in a few. */
    private static final int JDK_WAITS = 64;

    private static final int JDK_SAMPLE = 16;
    private int jdkWaits; // racy

    /** So many places are remembered; a deep recursion may have any number of them. */
    private static final int MAX_PLACES = 256;

    private volatile @Nullable ConcurrentHashMap<Integer, Place> places;

    /**
     * A place in which goroutines wait.
     *
     * @param reason the number of the {@code WaitReason}; -1 if they yield there
     * @param stack of {@link Stacks}
     */
    public record Place(int reason, int stack) {}

    /** Stats of a site where nothing has happened yet. */
    public SiteStats() {}

    /** A goroutine of this site, one that is sampled, is started. */
    public void created() {
        created.getAndIncrement();
    }

    /** How many have been started, about: what the sample stands for. */
    public long aboutCreated() {
        return created.get() * Counters.SAMPLE;
    }

    /** A sampled goroutine of this site runs, {@code nanos} after it became runnable. */
    public void started(int reason, long nanos) {
        int i = index(reason);
        wakes.getAndIncrement(i);
        latencies.getAndAdd(i, nanos);
    }

    /**
     * The number of the calling goroutine's stack, which is about to wait for {@code reason} on
     * {@code on}; most often without a look at the stack, see {@link WaitStacks}.
     */
    public int stack(int reason, Object on) {
        return stack(reason, on, Stacks::here);
    }

    /** As {@link #stack(int, Object)}, of another goroutine, whose stack {@code walk} gives. */
    public int stack(int reason, Object on, IntSupplier walk) {
        int i = index(reason);
        WaitStacks w = waits[i];
        if (w == null) {
            waits[i] = w = new WaitStacks(); // of two that race, one keeps what it saw
        }
        return w.stack(on, walk);
    }

    /**
     * Whether a wait in JDK code that begins now is to be in the block profile. The M that sees it
     * begin must walk the stack then, when it is not known how long the wait will be.
     *
     * @return 0 if not; otherwise how many waits it stands for
     */
    public int jdkWait() {
        if (jdkWaits < JDK_WAITS) {
            jdkWaits++;
            return 1;
        }
        return ThreadLocalRandom.current().nextInt(JDK_SAMPLE) == 0 ? JDK_SAMPLE : 0;
    }

    /**
     * The place that {@code key} tells from others.
     *
     * @param look finds it out, if it is not known
     */
    public Place place(int key, Supplier<Place> look) {
        ConcurrentHashMap<Integer, Place> all = places;
        if (all == null) {
            places = all = new ConcurrentHashMap<>(); // of two that race, one is kept
        }
        Place known = all.get(key);
        if (known == null) {
            known = look.get();
            if (all.size() >= MAX_PLACES) {
                all.clear();
            }
            all.put(key, known);
        }
        return known;
    }

    /** How many sampled wake-ups there were after waits for {@code reason}. */
    public long wakes(int reason) {
        return wakes.get(index(reason));
    }

    /** How long those goroutines were runnable until they ran, in nanoseconds, altogether. */
    public long latencyNanos(int reason) {
        return latencies.get(index(reason));
    }

    private static int index(int reason) {
        return reason < 0 || reason >= Counters.REASONS ? Counters.REASONS - 1 : reason;
    }
}
