package dev.jenny.internal.sched;

import dev.jenny.internal.event.Counters;
import dev.jenny.internal.event.Events;
import dev.jenny.internal.event.Ring;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A processor: the right to run goroutines, with a local run queue. GOMAXPROCS is the number of Ps
 * that are {@link #ACTIVE}.
 *
 * <p>Unlike Go, a P is never taken from its M. An M cannot be stopped inside Java code, so two
 * owners would write one queue. Instead the monitor takes a held-up P out of the count ({@link
 * #STALLED}) and activates a spare one; what lies in the stalled P's queue is stolen as from any
 * other, and goes to the global queue if nobody has time to steal. When the held-up M comes back it
 * finds its P stalled and either returns it to the count, if there is room, or empties it and
 * retires it to {@link #SPARE}.
 */
final class P {
    /** Counted by GOMAXPROCS; its M runs goroutines, looks for them, or is idle. */
    static final int ACTIVE = 0;

    /** Its M has been held up by one goroutine; not counted. */
    static final int STALLED = 1;

    /** To be retired by its M at the next scheduling step: GOMAXPROCS was lowered. */
    static final int RETIRING = 2;

    /** Not in use; its M sleeps, or there is none. */
    static final int SPARE = 3;

    private static final VarHandle COUNTER = MethodHandles.arrayElementVarHandle(long[].class);
    private static final VarHandle SCHEDTICK;
    private static final VarHandle SWITCHES;

    static {
        try {
            var lookup = MethodHandles.lookup();
            SCHEDTICK = lookup.findVarHandle(P.class, "schedtick", int.class);
            SWITCHES = lookup.findVarHandle(P.class, "switches", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /** Counts requests to forget. */
    static final AtomicInteger FORGET_REQUESTS = new AtomicInteger();

    final int id;
    final RunQueue<G> runq = new RunQueue<>();

    /**
     * This P's share of the global queue: goroutines that yielded here. They take turns with the
     * global queue proper and the socket pollers, behind {@link #runq}, and are stolen last. A
     * shared queue would make each yield a fight of all Ms for the same few cache lines.
     */
    final RunQueue<G> yieldq = new RunQueue<>();

    /**
     * Whose turn is next: the global queue's, {@link #yieldq}'s or the pollers'; the one when the
     * own queue is empty, the other at every 61st time slice. By the owner.
     */
    int turn;

    int fairTurn;

    /** The M that holds this P; null before its start and after its retirement. */
    volatile @Nullable M m;

    volatile int status = SPARE;

    /**
     * Set by the monitor when one chain of {@code runnext} hand-offs has used up its time slice,
     * and by a search for leaks, which wants {@link #forget} to be called.
     */
    volatile boolean preempt;

    /** Parked, or about to park, in the idle list or as the keeper. Cleared by whoever wakes it. */
    volatile boolean idle;

    /**
     * As the keeper: until when it is going to sleep. Written by its own M only, so that one which
     * is no longer the keeper cannot speak for the one that is.
     */
    volatile long sleepsUntil;

    /**
     * Looking for work; counted in {@code Sched.nmspinning}. Handed over by the waker with idle.
     */
    boolean spinning;

    /** Next in the idle list. Read by racing poppers, whose CAS then fails. */
    volatile int nextIdle = -1;

    /** Scheduling steps that began a new time slice; written by the M, read by the monitor. */
    int schedtick;

    /** All scheduling steps; written by the M, read by the monitor and by thieves. */
    int switches;

    /**
     * Whether its goroutine is known to hold it up, and how: {@code hog}, {@code pinned}, or empty.
     * By {@link HeldUp}.
     */
    volatile String held = "";

    int random;

    /** Scratch space for batches to and from the global queue. By the owner. */
    final @Nullable Object[] batch = new @Nullable Object[RunQueue.CAPACITY / 2 + 1];

    // registry slots that were freed on this P, for its next goroutines
    final int[] freeSlots = new int[Registry.BATCH * 2];
    int freeSlotCount;

    // goroutine numbers, taken in batches
    long nextId;
    long lastId;

    /** Goroutines created and ended on this P; written by the M, read by anyone. */
    final long[] counts = new long[2];

    /** What this P has done; written by the M, read by anyone. */
    final Counters counters;

    /** Where this P's events are recorded. By the M. */
    @Nullable Ring ring;

    // the monitor's view: what it saw last, and since when
    int seenTick;
    int seenSwitches;
    long seenSince;
    long seenCpu;
    long seenDelay;
    long seenRunnable = Long.MIN_VALUE / 2;
    boolean sampled;
    boolean seenWaiting;
    final Unattended unattended = new Unattended(runq);
    final Unattended unattendedYields = new Unattended(yieldq);

    /** The monitor has seen another goroutine, or none: what it knew is of the past. */
    void seen(long now) {
        seenSince = now;
        seenWaiting = false;
        sampled = false;
    }

    P(int id) {
        this.id = id;
        this.counters = Events.newCounters(id);
        this.random = (id + 1) * 0x9E3779B9;
    }

    /** Counts a scheduling step. By the owner. */
    void step(boolean newSlice) {
        SWITCHES.setOpaque(this, switches + 1);
        if (newSlice) {
            SCHEDTICK.setOpaque(this, schedtick + 1);
        }
    }

    /** {@link #schedtick}, as another thread sees it. */
    int readSchedtick() {
        return (int) SCHEDTICK.getOpaque(this);
    }

    /** {@link #switches}, as another thread sees it. */
    int readSwitches() {
        return (int) SWITCHES.getOpaque(this);
    }

    /** The last request to forget that the M has met; written by the M, read by who asks. */
    volatile int forgotten;

    /**
     * Forgets the goroutines that have passed through its queues, and says so when that is done:
     * the machine may take the CPU away in between. By the owner, which has cleared {@link
     * #preempt} before, so that a request that comes too late for this call brings about another.
     */
    void forget() {
        int asked = FORGET_REQUESTS.get();
        runq.forget();
        yieldq.forget();
        Arrays.fill(batch, null); // a half that was copied but could not be taken
        forgotten = asked;
    }

    void created() {
        COUNTER.setOpaque(counts, 0, counts[0] + 1);
    }

    void ended() {
        COUNTER.setOpaque(counts, 1, counts[1] + 1);
    }

    long live() {
        return (long) COUNTER.getOpaque(counts, 0) - (long) COUNTER.getOpaque(counts, 1);
    }

    long createdCount() {
        return (long) COUNTER.getOpaque(counts, 0);
    }

    /** A pseudo-random number (xorshift32); by the owner. */
    int nextRandom() {
        int x = random;
        x ^= x << 13;
        x ^= x >>> 17;
        x ^= x << 5;
        random = x;
        return x;
    }
}
