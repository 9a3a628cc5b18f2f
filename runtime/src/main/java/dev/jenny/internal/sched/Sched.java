package dev.jenny.internal.sched;

import dev.jenny.Task;
import dev.jenny.internal.event.Counters;
import dev.jenny.internal.event.Events;
import dev.jenny.internal.loom.Loom;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The scheduler's shared state: goroutines made runnable, and Ms put to sleep and woken.
 *
 * <p><b>Submission.</b> A goroutine that is started or readied goes to the {@code next} slot of the
 * P that did it, pushing what was there to the tail of that P's ring; half of a full ring, and
 * whatever comes from a thread without a P, goes to the global queue. Socket pollers have a queue
 * of their own, and what they ready goes to the tail at once. Then {@link #wake}: if a P is idle
 * and nobody is looking for work, one idle M is woken to look (it is "spinning").
 *
 * <p><b>No lost wake-up</b> (the StoreLoad rule of Go's scheduler). A submitter writes a queue,
 * then reads "is anyone idle, is anyone spinning". A searcher that gives up writes "idle, not
 * spinning", then reads all queues ({@link #hasWork}). Both sides have a full fence in between, so
 * at least one sees the other's write. A submitter that sees a spinner may leave the work to it,
 * because the spinner either finds it or looks again after it has stopped spinning; a spinner that
 * finds work stops spinning and wakes another, so that one wake-up spreads as far as there is work.
 *
 * <p><b>Idle Ms</b> stand in a Treiber stack; its top, its count and a version that rules out ABA
 * share one word. One of them may be the <em>keeper</em> instead: it sleeps only until the next
 * timer. The keeper is outside the stack so that it can take itself back by one CAS, and it is
 * woken for work last. A timer that becomes the earliest is announced to the keeper ({@link
 * #timerAdded}) by the same write-then-read rule; if there is no keeper, an idle M is woken to
 * become it.
 */
final class Sched {
    static final GlobalQueue<G> GLOBAL = new GlobalQueue<>();

    /**
     * The JDK's socket pollers that are to run. They take turns with the global queue; but while a
     * P has goroutines of its own, only at every third of its 61st time slices, and when the
     * monitor says so. What they would find waits in the kernel, first come, first served, and
     * fetched too early it would fill the run queues, of which halves then go to the end of the
     * global one.
     */
    static final GlobalQueue<G> POLLERS = new GlobalQueue<>();

    /** How many pollers come before all else. Set by the monitor; a lost update does no harm. */
    static volatile int pollsDue;

    static final Registry REGISTRY = new Registry();

    private static final VarHandle IDLE;
    private static final VarHandle KEEPER;
    private static final VarHandle NMSPINNING;
    private static final VarHandle NAPPING;

    static {
        try {
            var lookup = MethodHandles.lookup();
            IDLE = lookup.findStaticVarHandle(Sched.class, "idle", long.class);
            KEEPER = lookup.findStaticVarHandle(Sched.class, "keeper", P.class);
            NMSPINNING = lookup.findStaticVarHandle(Sched.class, "nmspinning", int.class);
            NAPPING = lookup.findStaticVarHandle(Sched.class, "napping", P.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    // idle: version (24 bits) | count (20 bits) | id of the top P + 1 (20 bits)
    private static final int FIELD = 20;
    private static final long FIELD_MASK = (1L << FIELD) - 1;

    private static volatile long idle;
    private static volatile @Nullable P keeper;
    private static volatile int nmspinning;
    private static volatile @Nullable P napping;

    /** How long a P is given to run its own next goroutine before a thief takes it. */
    private static final long NEXT_GRACE_NANOS = 3_000;

    private static final long HAND_OFF_NANOS = 1_000;

    /** The kernel adds its timer slack, 50 µs on Linux. */
    private static final long NAP_NANOS = 50_000;

    private static final int ID_BATCH = 16;
    private static final AtomicLong NEXT_ID = new AtomicLong(G.MAIN_ID + 1);
    private static final AtomicLong LIVE_OUTSIDE = new AtomicLong();
    private static final AtomicLong CREATED_OUTSIDE = new AtomicLong();
    private static final AtomicLong REAPED = new AtomicLong();

    private Sched() {}

    // ---- goroutines ----

    /** The {@code go} statement. */
    static G go(Task task, Object siteKey) {
        return start(task, siteKey, 0);
    }

    /** The {@code go} statement of a WaitGroup. */
    static G goIn(Object group, Task task, Object siteKey) {
        G g = make(task, siteKey, 0);
        g.group = group; // nobody else has it yet
        return start(g);
    }

    /** Starts a goroutine; with an id of its own if {@code id} is not 0. */
    static G start(Task task, Object siteKey, long id) {
        return start(make(task, siteKey, id));
    }

    private static G make(Task task, Object siteKey, long id) {
        Objects.requireNonNull(task, "go of nil func value");
        Boot.ensure();
        return new G(id == 0 ? nextId() : id, task, G.current(), SpawnSite.of(siteKey));
    }

    /** Starts a goroutine for somebody else, who has such labels and such a class loader. */
    static G goFor(Task task, Map<String, String> labels, @Nullable ClassLoader loader) {
        Boot.ensure();
        G g = new G(nextId(), task, G.current(), SpawnSite.of(task));
        g.labels = labels; // nobody else has it yet
        g.thread.setContextClassLoader(loader);
        return start(g);
    }

    private static G start(G g) {
        registered(g);
        boolean started = false;
        try {
            g.thread.start();
            started = true;
        } finally {
            if (!started) {
                ended(g);
            }
        }
        return g;
    }

    /** A goroutine that somebody else starts, as a thread; it is registered when that is done. */
    static Thread newThread(Runnable task) {
        Objects.requireNonNull(task, "go of nil func value");
        Boot.ensure();
        G g = new G(nextId(), task::run, G.current(), SpawnSite.of(task));
        return g.thread;
    }

    static void registered(G g) {
        P p = M.currentP();
        REGISTRY.add(g, p);
        if (p == null) {
            LIVE_OUTSIDE.getAndIncrement();
            CREATED_OUTSIDE.getAndIncrement();
        } else {
            p.created();
        }
        if (Events.labels) {
            Labels.started(g);
        }
    }

    static void ended(G g) {
        if (Events.labels) {
            Labels.ended(g);
        }
        P p = M.currentP();
        if (!REGISTRY.remove(g, p)) {
            return; // it was counted out as leaked
        }
        if (p == null) {
            LIVE_OUTSIDE.getAndDecrement();
        } else {
            p.ended();
        }
    }

    /** Counts a goroutine out that was leaked and has been collected; false if it was not. */
    static boolean reap(Loose l) {
        if (!REGISTRY.reap(l)) {
            return false;
        }
        LIVE_OUTSIDE.getAndDecrement();
        REAPED.getAndIncrement();
        return true;
    }

    /** See {@link Probe#tightenAll}. */
    static void tightenAll(boolean reapWatched) {
        for (int slot = 0; slot < REGISTRY.capacity(); slot++) {
            Loose l = REGISTRY.loose(slot);
            if (l != null && !REGISTRY.tighten(l) && (reapWatched || !l.watched)) {
                reap(l);
            }
        }
    }

    /** How many goroutines were collected without having ended. */
    static long reaped() {
        return REAPED.get();
    }

    /** A fresh goroutine number; Ps take them in batches, so they are unique but not dense. */
    static long nextId() {
        P p = M.currentP();
        if (p == null) {
            return NEXT_ID.getAndIncrement();
        }
        if (p.nextId == p.lastId) {
            p.nextId = NEXT_ID.getAndAdd(ID_BATCH);
            p.lastId = p.nextId + ID_BATCH;
        }
        return p.nextId++;
    }

    /** How many goroutines live; exact when none is starting or ending. */
    static long live() {
        long n = LIVE_OUTSIDE.get();
        for (P p : Procs.all()) {
            n += p.live();
        }
        return n;
    }

    /** How many goroutines have been created. */
    static long created() {
        long n = CREATED_OUTSIDE.get();
        for (P p : Procs.all()) {
            n += p.createdCount();
        }
        return n;
    }

    // ---- run queues ----

    /** Makes {@code g} runnable. Called from {@link G#execute}: never blocks. */
    static void ready(G g) {
        Thread t = Thread.currentThread();
        M m = M.of(t);
        if (m == null) {
            (g.poller ? POLLERS : GLOBAL).add(g);
            wake();
            return;
        }
        if (t == m && m.curg == g && Loom.hasYielded(g.thread)) {
            yielded(m, g);
            return;
        }
        P p = m.p;
        G displaced = p.runq.setNext(g);
        if (displaced != null) {
            putTail(p, displaced);
            VarHandle.fullFence(); // the put, then the look at who is idle
        }
        if (nmspinning == 0) { // else somebody looks, or will when it has napped
            wake();
        }
    }

    /**
     * Makes {@code g} runnable that JDK code has woken. What a socket poller finds ready goes to
     * the tail, so that one after the other gets its turn.
     */
    static void readyByJdk(G g) {
        M m = M.current();
        G by = m == null ? null : m.curg;
        if (m == null || by == null || by == g || !by.poller) {
            ready(g);
            return;
        }
        putTail(m.p, g);
        VarHandle.fullFence(); // the put, then the look at who is idle
        if (nmspinning == 0) {
            wake();
        }
    }

    /** Queues {@code g}, which {@code m}, the caller, has just run and which yielded. */
    static void yielded(M m, G g) {
        Hooks.yielded(m);
        if (g.poller) {
            POLLERS.add(g); // this M comes back to it
            return;
        }
        P p = m.p;
        boolean more = p.yieldq.size() > 0 || !p.runq.isEmpty();
        if (!p.yieldq.put(g)) {
            GLOBAL.add(g);
        }
        if (more && nmspinning == 0) {
            wake(); // else none is due: this M has just come free for one more goroutine
        }
    }

    /** Appends to {@code p}'s ring, or moves half of it to the global queue. Owner only. */
    static void putTail(P p, G g) {
        while (!p.runq.put(g)) {
            int n = p.runq.pollHalf(p.batch);
            if (n > 0) {
                p.batch[n] = g;
                GLOBAL.addAll(p.batch, n + 1);
                Arrays.fill(p.batch, null);
                return;
            }
        }
    }

    /** True if any queue has something to take, or timers run that no idle M watches. */
    static boolean hasWork() {
        if (Timers.next() != Long.MAX_VALUE && keeper == null) {
            return true;
        }
        if (hasQueued()) {
            return true;
        }
        for (P p : Procs.all()) {
            if ((!p.runq.isEmpty() || p.yieldq.size() > 0) && heldUp(p)) {
                return true;
            }
        }
        return false;
    }

    /** True if the global queue or any ring has something to take, or a poller is to run. */
    private static boolean hasQueued() {
        if (!GLOBAL.isEmpty() || !POLLERS.isEmpty()) {
            return true;
        }
        for (P p : Procs.all()) {
            if (p.runq.size() > 0 || p.yieldq.size() > 1) {
                return true;
            }
        }
        return false;
    }

    /**
     * True if {@code p} does not come to its next goroutine of its own within a few microseconds.
     * Most often the goroutine that readied it is about to park, and the M runs it at once, with a
     * warm cache. When the P moves on meanwhile, what it then has in its queues was submitted
     * later, and its submitter has seen who is idle; unless it has taken something else first, from
     * what is shared or of the queue beside, and what was there is there still.
     */
    static boolean heldUp(P p) {
        if (p.status == P.STALLED) {
            return true;
        }
        G next = p.runq.peekNext();
        int yields = p.yieldq.taken();
        int switches = p.readSwitches();
        long end = Clock.now() + NEXT_GRACE_NANOS;
        do {
            Thread.onSpinWait();
            int now = p.readSwitches();
            if (now != switches) {
                boolean same =
                        next == null
                                ? p.yieldq.size() > 0 && p.yieldq.taken() == yields
                                : p.runq.peekNext() == next;
                if (!same) {
                    return false;
                }
                switches = now;
            }
        } while (Clock.now() < end);
        return true;
    }

    // ---- idle Ms ----

    /** Wakes one idle M to look for work, unless one is looking already. Never blocks. */
    static void wake() {
        P p;
        do {
            if (nmspinning != 0) {
                P n = napping;
                if (n != null && NAPPING.compareAndSet(n, null)) {
                    LockSupport.unpark(n.m);
                }
                return;
            }
            if (idleCount() == 0 || !NMSPINNING.compareAndSet(0, 1)) {
                return;
            }
            p = popIdle();
            if (p == null) {
                NMSPINNING.getAndAdd(-1);
                // Another waker may have left its work to us, and the one that we could not wake
                // may have gone idle again: look once more.
            }
        } while (p == null);
        p.spinning = true;
        p.idle = false;
        LockSupport.unpark(p.m);
        Counters.woke();
        Sysmon.nudge();
    }

    /**
     * Whether {@code p}'s M may start to look into other Ps' queues; if so it counts as spinning.
     */
    static boolean maySpin(P p) {
        int busy = gomaxprocs() - idleCount();
        if (2 * nmspinning >= Math.max(busy, 1)) {
            return false;
        }
        NMSPINNING.getAndAdd(1);
        p.spinning = true;
        return true;
    }

    /** The spinning M of {@code p} has found work: let another look for the rest. */
    static void foundWork(P p) {
        p.spinning = false;
        NMSPINNING.getAndAdd(-1);
        wake();
    }

    /** A number that changes when a P other than {@code p} comes to its next goroutine. */
    static int switchesBeside(P p) {
        int sum = 0;
        for (P other : Procs.all()) {
            if (other != p && !other.idle) {
                sum += other.readSwitches();
            }
        }
        return sum;
    }

    /**
     * True if Ps other than {@code p}, though there is nothing to steal from them, go from
     * goroutine to goroutine, as they have since {@code switches} was taken, or do within a
     * microsecond.
     */
    static boolean handsOff(P p, int switches) {
        if (idleCount() + 1 >= gomaxprocs()) {
            return false;
        }
        long end = 0;
        while (switchesBeside(p) == switches) {
            Thread.onSpinWait();
            long now = Clock.now();
            if (end == 0) {
                end = now + HAND_OFF_NANOS;
            } else if (now >= end) {
                return false;
            }
        }
        return true;
    }

    /**
     * The spinning M of {@code p} has found nothing but a P whose goroutines hand off to each other
     * through its next slot: lets it sleep for a moment without giving up its being a spinner. Were
     * it to go idle, each hand-off would find it idle and wake it again. Work from outside and
     * timers end the nap; what Ps queue for themselves waits for its end.
     *
     * @return false if another M naps already
     */
    static boolean nap(P p) {
        if (!NAPPING.compareAndSet(null, p)) {
            return false;
        }
        if (!hasQueued()) { // after the CAS: see wake
            LockSupport.parkNanos(p.m, NAP_NANOS);
        }
        if (napping == p) {
            NAPPING.compareAndSet(p, null);
        }
        return true;
    }

    static void stopSpinning() {
        NMSPINNING.getAndAdd(-1);
    }

    /** Puts {@code p} among the idle; true if as the keeper. A full fence. */
    static boolean enterIdle(P p) {
        if (Timers.next() != Long.MAX_VALUE && keeper == null && KEEPER.compareAndSet(null, p)) {
            return true;
        }
        for (; ; ) {
            long s = idle;
            p.nextIdle = (int) (s & FIELD_MASK) - 1;
            if (IDLE.compareAndSet(s, idleWord(s, 1, p.id))) {
                return false;
            }
        }
    }

    private static @Nullable P popIdle() {
        for (; ; ) {
            long s = idle;
            int top = (int) (s & FIELD_MASK) - 1;
            if (top < 0) {
                break;
            }
            P p = Procs.all()[top];
            if (IDLE.compareAndSet(s, idleWord(s, -1, p.nextIdle))) {
                return p;
            }
        }
        P k = keeper;
        return k != null && KEEPER.compareAndSet(k, null) ? k : null;
    }

    private static long idleWord(long old, int delta, int top) {
        long version = (old >>> (2 * FIELD)) + 1;
        long count = ((old >>> FIELD) & FIELD_MASK) + delta;
        return version << (2 * FIELD) | count << FIELD | (top + 1);
    }

    /** How long {@code p}, the keeper, may sleep; 0 or less if a timer is due. */
    static long keeperWait(P p) {
        for (; ; ) {
            long next = Timers.next();
            p.sleepsUntil = next;
            if (Timers.next() >= next) { // after the volatile write: see timerAdded
                return next == Long.MAX_VALUE ? next : next - Clock.tick();
            }
        }
    }

    /** The keeper takes itself back to fire timers; false if a waker was faster. */
    static boolean leaveKeeper(P p) {
        if (!KEEPER.compareAndSet(p, null)) {
            return false;
        }
        p.idle = false;
        Sysmon.nudge();
        return true;
    }

    /** A timer due at {@code when} has become the earliest: see that somebody wakes for it. */
    static void timerAdded(long when) {
        if (!Loom.CUSTOM) {
            TimerThread.timerAdded(when);
            return;
        }
        P k = keeper;
        if (k == null) {
            wake(); // whoever goes idle next, finding nothing to do, becomes the keeper
        } else if (k.sleepsUntil > when) {
            M m = k.m;
            if (m != null) {
                LockSupport.unpark(m);
            }
        }
    }

    /** How many goroutines are in the global queue, all shares of it counted. */
    static int globalSize() {
        int n = GLOBAL.size();
        for (P p : Procs.all()) {
            n += p.yieldq.size();
        }
        return n;
    }

    static int idleCount() {
        return (int) ((idle >>> FIELD) & FIELD_MASK) + (keeper == null ? 0 : 1);
    }

    static int spinningCount() {
        return nmspinning;
    }

    static int gomaxprocs() {
        return Procs.target();
    }

    static P[] allp() {
        return Procs.all();
    }

    static ThreadGroup threadGroup() {
        return Boot.threadGroup();
    }
}
