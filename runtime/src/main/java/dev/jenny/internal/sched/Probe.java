package dev.jenny.internal.sched;

import dev.jenny.internal.event.SiteStats;
import dev.jenny.internal.loom.Loom;
import java.lang.ref.ReferenceQueue;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What the tools may see of the scheduler: goroutines, Ps and counters, read only.
 *
 * <p>All methods may be called from any thread, and none stops or delays a goroutine: they read
 * fields as they are. What they return is therefore no picture of one instant, and two things in it
 * may contradict each other for a moment.
 *
 * <p>A {@link GView} holds its goroutine's thread and the object that it waits on, which keeps both
 * from being collected. Whoever wants to keep something for longer than a request copies the
 * numbers and texts out of it; else no leak is ever found.
 */
public final class Probe {
    /** What a goroutine is doing. */
    public enum State {
        /** In a run queue, waiting for its turn. */
        RUNNABLE("runnable"),
        /** On an M; in fallback mode, runnable or running. */
        RUNNING("running"),
        /** Parked or blocked. */
        WAITING("waiting");

        private final String text;

        State(String text) {
            this.text = text;
        }

        /** The state in the words of Go's dumps. */
        public String text() {
            return text;
        }
    }

    /**
     * One look at a goroutine.
     *
     * @param id its number
     * @param state what it does
     * @param reason why it waits; null if it does not, or if it waits in JDK code, where only what
     *     it is parked on or its stack tells why ({@link #parkedOn}, {@link #reasonOf})
     * @param on what it waits on: a channel, a mutex, a {@link Selection}, the blocker of a JDK
     *     lock; null if there is none
     * @param since when the wait began, on {@link Clock}, to about 10 ms; 0 if unknown
     * @param waited nanoseconds from then to the look; 0 if unknown
     * @param parent the goroutine that created it; 0 if none did
     * @param site the place of its {@code go} statement; null for {@code main} and for threads that
     *     a library started
     * @param labels its labels, empty if there are none
     * @param thread the virtual thread that it is
     * @param p the P that it runs on; -1 if it does not run, or in fallback mode
     * @param adopted whether a library started it, as a virtual thread
     * @param group the WaitGroup that it was started through, if it has not ended; null for none
     */
    public record GView(
            long id,
            State state,
            @Nullable WaitReason reason,
            @Nullable Object on,
            long since,
            long waited,
            long parent,
            @Nullable SpawnSite site,
            Map<String, String> labels,
            Thread thread,
            int p,
            boolean adopted,
            @Nullable Object group) {}

    /**
     * One look at a P.
     *
     * @param id its number
     * @param status {@code active}, {@code stalled}, {@code retiring} or {@code spare}
     * @param current the goroutine that it runs; 0 for none
     * @param queued how many goroutines are in its ring
     * @param taken how many have been taken from its ring, by it and by others, modulo 2^32
     * @param next the goroutine in its next slot; 0 for none
     * @param switches how many times it has begun to run a goroutine, modulo 2^32
     * @param slices how many time slices it has begun, modulo 2^32
     * @param spinning whether its M looks for work in other queues
     * @param idle whether its M sleeps
     * @param held {@code hog} or {@code pinned} while its goroutine is reported to hold it up
     * @param created how many goroutines were created on it
     */
    public record PView(
            int id,
            String status,
            long current,
            int queued,
            int taken,
            long next,
            int switches,
            int slices,
            boolean spinning,
            boolean idle,
            String held,
            long created) {}

    /**
     * One look at what the Ps share.
     *
     * @param mode {@code custom} or {@code fallback}
     * @param gomaxprocs how many Ps may run
     * @param goroutines how many goroutines live
     * @param created how many have been created
     * @param globalQueue how many goroutines are in the global queue
     * @param timers how many timers run
     * @param idlePs how many Ms sleep
     * @param spinningPs how many Ms look for work
     * @param stalledPs how many Ps are held up by their goroutine at this moment
     * @param burnt how often a goroutine was found to burn CPU for a whole slice
     * @param blocked how often a goroutine was found to block its M for a whole slice
     */
    public record SchedView(
            String mode,
            int gomaxprocs,
            long goroutines,
            long created,
            int globalQueue,
            int timers,
            int idlePs,
            int spinningPs,
            int stalledPs,
            long burnt,
            long blocked) {}

    private static final List<String> P_STATUS = List.of("active", "stalled", "retiring", "spare");

    private static final long FORGET_LIMIT = 2_000_000_000;

    private Probe() {}

    /** True if goroutines run on Jenny's scheduler. */
    public static boolean custom() {
        return Loom.CUSTOM;
    }

    /** The time on the clock of all waits, in nanoseconds. */
    public static long now() {
        return Clock.now();
    }

    /**
     * Calls {@code action} for each live goroutine, in no order. One that lives throughout is seen
     * exactly once.
     */
    public static void goroutines(Consumer<GView> action) {
        scan(c -> action.accept(c.view()));
    }

    /** Like {@link #goroutines(Consumer)}, with one {@link Cursor} for all. */
    public static void scan(Consumer<Cursor> action) {
        long now = Clock.now();
        Cursor c = new Cursor();
        Sched.REGISTRY.forEach(g -> {
            if (c.read(g, now)) {
                action.accept(c);
            }
        });
    }

    /**
     * Like {@link #goroutines(Consumer)}, for those that wait for a reason that {@code reasons}
     * has; and for those that wait in JDK code, if {@code jdk}. The others cost one look at one
     * field.
     */
    public static void waiting(Set<WaitReason> reasons, boolean jdk, Consumer<GView> action) {
        long now = Clock.now();
        Sched.REGISTRY.forEach(g -> {
            WaitReason r = g.waitReason();
            if (r == null ? jdk : reasons.contains(r)) {
                GView v = view(g, now);
                if (v != null && v.state() == State.WAITING) {
                    action.accept(v);
                }
            }
        });
    }

    /** The goroutine with the number {@code id}; null if it has ended or never was. */
    public static @Nullable GView goroutine(long id) {
        return goroutines(Set.of(id)).get(id);
    }

    /** The goroutines with these numbers, those that have not ended. One walk for all. */
    public static Map<Long, GView> goroutines(Set<Long> ids) {
        Map<Long, GView> found = new HashMap<>();
        long[] sorted = ids.stream().mapToLong(Long::longValue).sorted().toArray();
        Sched.REGISTRY.forEach(g -> {
            GView v = Arrays.binarySearch(sorted, g.id) < 0 ? null : view(g, Clock.now());
            if (v != null) {
                found.put(g.id, v);
            }
        });
        return found;
    }

    /** The goroutine that {@code t} is; null if it is none. */
    public static @Nullable GView goroutine(Thread t) {
        if (Loom.CUSTOM) {
            return t.isVirtual() && Loom.scheduler(t) instanceof G g && g.thread == t
                    ? view(g, Clock.now())
                    : null;
        }
        G[] found = new G[1];
        Sched.REGISTRY.forEach(g -> {
            if (g.thread == t) {
                found[0] = g;
            }
        });
        G g = found[0];
        return g == null ? null : view(g, Clock.now());
    }

    /**
     * The live threads with these {@link Thread#threadId()}s: goroutines and platform threads. One
     * walk for all.
     */
    public static Map<Long, Thread> threads(Set<Long> ids) {
        Map<Long, Thread> found = new HashMap<>();
        if (ids.isEmpty()) {
            return found;
        }
        long[] sorted = ids.stream().mapToLong(Long::longValue).sorted().toArray();
        Sched.REGISTRY.forEach(g -> add(found, sorted, g.thread));
        for (Thread t : platformThreads()) {
            add(found, sorted, t);
        }
        return found;
    }

    private static void add(Map<Long, Thread> found, long[] sorted, Thread t) {
        if (Arrays.binarySearch(sorted, t.threadId()) >= 0) {
            found.put(t.threadId(), t);
        }
    }

    /** All live platform threads but the Ms, which hold nothing that a goroutine could wait for. */
    public static List<Thread> platformThreads() {
        ThreadGroup root = Boot.threadGroup();
        while (root.getParent() != null) {
            root = root.getParent();
        }
        Thread[] threads = new Thread[root.activeCount() * 2 + 32];
        int n = root.enumerate(threads, true);
        List<Thread> list = new ArrayList<>(n);
        for (int i = 0; i < n; i++) {
            if (!(threads[i] instanceof M)) {
                list.add(threads[i]);
            }
        }
        return list;
    }

    private static @Nullable GView view(G g, long now) {
        Cursor c = new Cursor();
        return c.read(g, now) ? c.view() : null;
    }

    /**
     * One goroutine after the other, for walks over very many: it allocates nothing. Its values are
     * those of a {@link GView}. Not to be kept, nor used by another thread.
     */
    public static final class Cursor {
        private @Nullable G g;
        private State state = State.RUNNABLE;
        private @Nullable WaitReason reason;
        private @Nullable Object on;
        private long since;
        private long waited;
        private int p;

        private Cursor() {}

        /** Looks at {@code g}; false if it has ended. */
        private boolean read(G g, long now) {
            Thread t = g.thread;
            M m = Loom.CUSTOM && Loom.carrier(t) instanceof M c ? c : null;
            Thread.State s = t.getState();
            GStatus.State found = GStatus.state(t, s, m != null);
            if (found == GStatus.State.DEAD) {
                return false;
            }
            this.g = g;
            p = m == null ? -1 : m.p.id;
            reason = null;
            on = null;
            since = 0;
            waited = 0;
            if (found != GStatus.State.WAITING) {
                state = found == GStatus.State.RUNNING ? State.RUNNING : State.RUNNABLE;
                return true;
            }
            state = State.WAITING;
            WaitReason r = g.waitReason();
            on = r == WaitReason.JOIN ? g.note : LockSupport.getBlocker(t);
            if (r != null) {
                since = on == null ? 0 : g.waitSince;
                waited = on == null ? 0 : Math.max(0, now - since);
            } else {
                if (s == Thread.State.BLOCKED) {
                    r = WaitReason.MONITOR_ENTER;
                }
                if (GStatus.knowsJdkWait(m)) {
                    since = g.waitSince;
                    waited = Math.max(0, now - since);
                }
            }
            reason = r;
            return true;
        }

        private G g() {
            return Objects.requireNonNull(g);
        }

        /** The goroutine's number. */
        public long id() {
            return g().id;
        }

        /** What it does. */
        public State state() {
            return state;
        }

        /** Why it waits. */
        public @Nullable WaitReason reason() {
            return reason;
        }

        /** What it waits on. */
        public @Nullable Object on() {
            return on;
        }

        /** How long it has waited. */
        public long waited() {
            return waited;
        }

        /** The goroutine that created it. */
        public long parent() {
            return g().parentId;
        }

        /** The P that it runs on. */
        public int p() {
            return p;
        }

        /** The place of its {@code go} statement. */
        public @Nullable SpawnSite site() {
            return g().site;
        }

        /** The WaitGroup that it was started through. */
        public @Nullable Object group() {
            return g().group;
        }

        /** Its labels. */
        public Map<String, String> labels() {
            return g().labels;
        }

        /** What is here, to keep. */
        public GView view() {
            G g = g();
            return new GView(
                    g.id,
                    state,
                    reason,
                    on,
                    since,
                    waited,
                    g.parentId,
                    g.site,
                    g.labels,
                    g.thread,
                    p,
                    g.adopted,
                    g.group);
        }
    }

    /** Why a goroutine waits in JDK code that is parked on {@code on}, as a text. */
    public static String parkedOn(Object on) {
        return Blockers.reason(on);
    }

    /** Why a goroutine with this stack waits in JDK code, parked on nothing. */
    public static WaitReason reasonOf(StackTraceElement[] stack) {
        return GStatus.fromStack(stack);
    }

    /** A stack without the frames of parking and scheduling. */
    public static List<StackTraceElement> trim(StackTraceElement[] stack) {
        return Dump.trim(stack);
    }

    /**
     * What a primitive says of itself.
     *
     * @param owner the {@link Thread#threadId()} of the thread that locked it last, if it is
     *     locked; 0 if it is not, or has no owner
     * @param held how many hold it: readers, permits, a WaitGroup's counter; -1 if it has no number
     * @param size how many may; -1 if there is no bound
     * @param companion another primitive that it is built on: a Cond's lock; null for none
     * @param readers the {@link Thread#threadId()}s of threads known to hold it for reading; empty
     *     if it has none, or they are not known
     */
    public record Primitive(
            long owner, long held, long size, @Nullable Object companion, List<Long> readers) {
        /** One without readers. */
        public Primitive(long owner, long held, long size, @Nullable Object companion) {
            this(owner, held, size, companion, List.of());
        }
    }

    /** How a package of primitives lets the tools look at them. */
    @FunctionalInterface
    public interface Peeker {
        /** What {@code o} says of itself; null if it is none of the package's. */
        @Nullable Primitive peek(Object o);
    }

    private static volatile @Nullable Peeker peeker;

    /** Set by the package of primitives when it is first used. */
    public static void peeker(Peeker p) {
        peeker = p;
    }

    /** What {@code o} says of itself; null if it is no primitive with anything to say. */
    public static @Nullable Primitive peek(Object o) {
        Peeker p = peeker;
        return p == null ? null : p.peek(o);
    }

    /** What is counted of goroutines that no {@code go} statement has started. */
    public static SiteStats withoutSite() {
        return Hooks.UNKNOWN_SITE;
    }

    // ---- leaks ----

    /** What a search for leaks does with a goroutine that is parked. */
    @FunctionalInterface
    public interface LeakChooser {
        /**
         * Chooses for a goroutine.
         *
         * @param g the goroutine; must not be kept
         * @param note what was noted about it when it was loosened; null if it is held firmly
         * @return null to hold it firmly, {@code note} to leave it as it is, or something else to
         *     loosen it with that as the new note, which must not lead to the goroutine
         */
        @Nullable Object choose(GView g, @Nullable Object note);
    }

    /**
     * Lets the collector have parked goroutines that nothing but the registry holds. Those that
     * run, or are about to, are left alone; nor can the collector take one that a timer, a poller,
     * a queue or any live object leads to.
     *
     * @param queue gets the {@link Loose} of each goroutine that was collected, and of others that
     *     ended; null for none
     * @return those that have been loosened by this call
     */
    public static List<Loose> loosen(LeakChooser chooser, @Nullable ReferenceQueue<G> queue) {
        List<Loose> loosened = new ArrayList<>();
        long now = Clock.now();
        Sched.REGISTRY.loosen((g, slot, held) -> {
            GView v = view(g, now);
            if (v == null || v.state() != State.WAITING || g.id == G.MAIN_ID) {
                return held; // without main the program would hang, and no deadlock be reported
            }
            Object before = held == null ? null : held.note();
            Object note = chooser.choose(v, before);
            if (note == before) {
                return held;
            }
            if (note == null) {
                return null;
            }
            Loose l = new Loose(g, slot, note, queue);
            loosened.add(l);
            return l;
        });
        return loosened;
    }

    /** Holds a loosened goroutine firmly again; false if it is gone. */
    public static boolean tighten(Loose l) {
        return Sched.REGISTRY.tighten(l);
    }

    /**
     * Holds all goroutines firmly again that have been loosened, and counts those out that are
     * gone. Takes no memory.
     *
     * @param reapWatched whether to count those out, too, for whom somebody watches a queue
     */
    public static void tightenAll(boolean reapWatched) {
        Sched.tightenAll(reapWatched);
    }

    /**
     * Counts out the goroutine of {@code l} if it was leaked: if the collector has taken it. True
     * once for each.
     */
    public static boolean reap(Loose l) {
        return Sched.reap(l);
    }

    /** How many leaked goroutines have been reaped. */
    public static long reaped() {
        return Sched.reaped();
    }

    /**
     * Makes the Ps forget the goroutines that have passed through their run queues, which would
     * keep them from being collected.
     *
     * @param nanos how long to wait for Ps known to be held up by a goroutine; for others, whose Ms
     *     come to it as soon as their goroutine lets go and the machine gives them a CPU, two
     *     seconds
     * @return how many Ps did not come to it within the time
     */
    public static int forget(long nanos) {
        int request = P.FORGET_REQUESTS.incrementAndGet();
        List<P> asked = new ArrayList<>();
        for (P p : Procs.all()) {
            M m = p.m;
            if (m != null) {
                p.preempt = true;
                LockSupport.unpark(m);
                asked.add(p);
            }
        }
        long start = Clock.now();
        for (; ; ) {
            LockSupport.parkNanos(Probe.class, 200_000);
            long passed = Clock.now() - start;
            asked.removeIf(p -> p.forgotten - request >= 0 || p.m == null);
            if (asked.isEmpty()
                    || passed >= Math.max(nanos, FORGET_LIMIT)
                    || (passed >= nanos && asked.stream().allMatch(Probe::isHeldUp))) {
                return asked.size();
            }
        }
    }

    private static boolean isHeldUp(P p) {
        return p.status == P.STALLED || p.status == P.RETIRING;
    }

    /** All Ps that have ever been used; empty in fallback mode. */
    public static List<PView> ps() {
        List<PView> views = new ArrayList<>();
        for (P p : Procs.all()) {
            M m = p.m;
            G current = m == null ? null : m.curg;
            G next = p.runq.peekNext();
            views.add(
                    new PView(
                            p.id,
                            P_STATUS.get(p.status),
                            current == null ? 0 : current.id,
                            p.runq.size(),
                            p.runq.taken(),
                            next == null ? 0 : next.id,
                            p.readSwitches(),
                            p.readSchedtick(),
                            p.spinning,
                            p.idle,
                            p.held,
                            p.createdCount()));
        }
        return views;
    }

    /**
     * The goroutine that a P runs.
     *
     * @param id its number
     * @param site where it was started; null if that is unknown
     */
    public record Running(long id, @Nullable SpawnSite site) {}

    /** The goroutine that P {@code p} runs; null if it runs none. */
    public static @Nullable Running running(int p) {
        P[] all = Procs.all();
        M m = p < all.length ? all[p].m : null;
        G g = m == null ? null : m.curg;
        return g == null ? null : new Running(g.id, g.site);
    }

    /** Nanoseconds until the next timer is due, 0 if it is overdue; -1 if there is none. */
    public static long untilNextTimer() {
        long next = Timers.next();
        return next == Long.MAX_VALUE ? -1 : Math.max(0, next - Clock.now());
    }

    /** What the Ps share. */
    public static SchedView scheduler() {
        return new SchedView(
                Runtimes.mode(),
                Procs.target(),
                Sched.live(),
                Sched.created(),
                Sched.globalSize(),
                Timers.count(),
                Sched.idleCount(),
                Sched.spinningCount(),
                Procs.stalledCount(),
                Sysmon.burningCount(),
                Sysmon.blockedCount());
    }

    /** Labels as Go's dumps have them, with a space before; {@code ""} if there are none. */
    public static String labelText(Map<String, String> labels) {
        return Dump.labels(labels);
    }
}
