package dev.jenny.internal.event;

import dev.jenny.internal.loom.Loom;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MutableCallSite;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;

/**
 * The switches that the scheduler's hooks look at, and what hangs on them.
 *
 * <p>The switches are plain: a hook is one load and one branch that is always predicted, and a
 * change reaches all threads within their next scheduling steps. {@link #channels} is another kind:
 * an operation on a channel that nobody waits for takes so little that a load and a branch show.
 */
public final class Events {
    /** True while events are recorded into the rings. */
    public static boolean tracing;

    /** True while each wake-up is of interest: tracing, or the scheduling profile is on. */
    public static boolean wakes;

    /** True while the reasons of waits are of interest: to these, or to the block profile. */
    public static boolean waits;

    /** True while the labels of goroutines are of interest, to a {@link LabelChanges}. */
    public static boolean labels;

    private static final MethodHandle NO_CHANNELS = constant(0);
    private static final MutableCallSite CHANNELS = new MutableCallSite(NO_CHANNELS);
    private static final MutableCallSite[] CALL_SITES = {CHANNELS};
    private static final MethodHandle GET_CHANNELS = CHANNELS.dynamicInvoker();
    private static int channelsNow;

    static {
        channels(); // what it needs for the first call may be more than a full heap has later
    }

    private static final AtomicLong PANICS = new AtomicLong();
    private static final AtomicLong OUT_OF_MEMORY = new AtomicLong();
    private static volatile boolean dying;

    /** The words of a ring that nobody reads: room for one event of two halves. */
    static final int LOST_WORDS = 4;

    /** Counts the recordings, so that the rings of an earlier one are told apart. */
    static volatile int session;

    private static volatile int ringWords = 1 << 17;
    private static volatile SharedRing shared = new SharedRing(0);

    /** Where Ps write for which there was no memory; any number of them at the same time. */
    private static volatile Ring lost = new Ring(-1, 0, LOST_WORDS);

    private static volatile boolean lossReported;

    /**
     * Changed by compare-and-set only: a goroutine adds, and must not be unmounted while it does.
     */
    private static final AtomicReference<List<Ring>> RINGS = new AtomicReference<>(List.of());

    private static final List<Counters> COUNTERS = new CopyOnWriteArrayList<>();

    private Events() {}

    /**
     * A ring for P {@code p} in the current recording. If there is no memory for one, a ring that
     * nobody reads: a recording must not stop a program whose heap is full.
     */
    public static Ring newRing(int p) {
        try {
            int s = session;
            Ring r = new Ring(p, s, ringWords);
            List<Ring> old = RINGS.get();
            while (s == session && !RINGS.compareAndSet(old, with(old, r))) {
                old = RINGS.get();
            }
            return r;
        } catch (OutOfMemoryError e) {
            if (!lossReported) {
                lossReported = true;
                sayLoss();
            }
            return lost;
        }
    }

    private static void sayLoss() {
        try {
            System.err.println("jenny: a recording lacks Ps: there is no memory for their events");
        } catch (OutOfMemoryError e) {
            // then not even for that
        }
    }

    private static List<Ring> with(List<Ring> rings, Ring r) {
        List<Ring> more = new ArrayList<>(rings);
        more.add(r);
        return more;
    }

    /** Records an event of a thread that holds no P. */
    public static void outside(int type, int extra, long id, int aux) {
        shared.now(type, extra, id, aux);
    }

    /** As {@link #outside(int, int, long, int)}, at a time that has been read already. */
    public static void outside(long time, int type, int extra, long id, int aux) {
        shared.at(time, type, extra, id, aux);
    }

    /** Counters for P {@code p}, to be written by the M that holds it. */
    public static Counters newCounters(int p) {
        Counters c = new Counters(p);
        COUNTERS.add(c);
        return c;
    }

    /** The counters of all Ps that ever were, by the number of the P. */
    public static List<Counters> counters() {
        return COUNTERS;
    }

    /** An exception has left a goroutine. */
    public static void panicked(Throwable e) {
        if (e instanceof OutOfMemoryError) {
            OUT_OF_MEMORY.incrementAndGet();
        }
        PANICS.getAndIncrement();
    }

    /** How many exceptions have left goroutines. */
    public static long panics() {
        return PANICS.get();
    }

    /** How many goroutines were left by an {@link OutOfMemoryError}. */
    public static long outOfMemory() {
        return OUT_OF_MEMORY.get();
    }

    /** The program is being ended by a panic or a fatal error. */
    public static void fatal() {
        dying = true;
    }

    /** True once a panic or a fatal error, such as a deadlock, ends the program. */
    public static boolean isDying() {
        return dying;
    }

    // ---- the recorder's side, under its lock ----

    static void begin(int words) {
        ringWords = words;
        int next = session + 1;
        shared = new SharedRing(next);
        lost = new Ring(-1, next, LOST_WORDS);
        lossReported = false;
        session = next;
        // A P may have made its ring for this recording already.
        RINGS.updateAndGet(rings -> rings.stream().filter(r -> r.session == next).toList());
        boolean begun = false;
        try {
            tracing = true;
            update();
            begun = true;
        } finally {
            if (!begun) {
                end();
            }
        }
    }

    static void end() {
        tracing = false;
        update();
        int next = session + 1;
        session = next;
        for (Ring r : RINGS.getAndSet(List.of())) {
            r.release();
        }
        shared = new SharedRing(next); // last: there may be no memory for it
    }

    /**
     * What is recorded and the profiles are switched under several locks. Needs no memory to turn
     * them off.
     */
    static synchronized void update() {
        wakes = tracing || SchedProfile.rate() > 0;
        waits = wakes || BlockProfile.rate() > 0;
        int oneIn = tracing ? ChannelOps.oneIn() : 0;
        if (oneIn != channelsNow) {
            CHANNELS.setTarget(oneIn == 0 ? NO_CHANNELS : constant(oneIn));
            MutableCallSite.syncAll(CALL_SITES);
            channelsNow = oneIn;
        }
    }

    /**
     * One in so many operations on channels is recorded; 0 for none. See {@link ChannelOps}. A
     * constant for compiled code: a change, which is for those who ask for it, throws that code
     * away.
     */
    public static int channels() {
        try {
            return (int) GET_CHANNELS.invokeExact();
        } catch (Throwable t) {
            throw Loom.rethrow(t);
        }
    }

    private static MethodHandle constant(int n) {
        return MethodHandles.constant(int.class, n);
    }

    static List<Ring> rings() {
        return RINGS.get();
    }

    static SharedRing shared() {
        return shared;
    }
}
