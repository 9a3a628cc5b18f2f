package dev.jenny.internal.sched;

import dev.jenny.internal.event.Events;
import dev.jenny.internal.loom.Loom;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Goroutines that hold up their P: that compute without end ("hog"), or block their M in native
 * code, file I/O or a pinned wait ("pinned").
 *
 * <p>The monitor finds them anyway, to bring in another P. Once somebody watches or records, it
 * tells a thread of this class, which waits until the time set for a report is up, reads the
 * goroutine's stack, and reports; and again when the goroutine lets go. Reading the stack of a
 * goroutine that runs takes until that comes to a safepoint, so the monitor must not do it itself.
 * For a recording the stack of one that blocks its M is read at once.
 */
public final class HeldUp {
    /**
     * A goroutine that holds up its P, or did.
     *
     * @param id its number
     * @param site the place of its {@code go} statement
     * @param labels its labels
     * @param p the P
     * @param burns true if it was on a CPU; false if it blocked its M
     * @param start since when, on {@link Clock}
     * @param nanos for how long, so far or in all
     * @param over whether it has let go
     * @param behind how many goroutines stood in run queues, this P's or the global one, when it
     *     was found
     * @param stack its stack when the report was due; the same once it is over
     */
    public record Report(
            long id,
            @Nullable SpawnSite site,
            Map<String, String> labels,
            int p,
            boolean burns,
            long start,
            long nanos,
            boolean over,
            int behind,
            List<StackTraceElement> stack) {}

    private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(2);
    private static final long JUDGE_NANOS = TimeUnit.MILLISECONDS.toNanos(8);
    private static final long WINDOW_NANOS = TimeUnit.MILLISECONDS.toNanos(40);
    private static final long HOG_NANOS = millis("jenny.hogMillis", 100);
    private static final long PINNED_NANOS = millis("jenny.pinnedMillis", 20);

    private static final ConcurrentLinkedQueue<Case> NOTICED = new ConcurrentLinkedQueue<>();
    private static final List<Case> OPEN = new ArrayList<>(); // the thread's own
    private static final List<Consumer<Report>> LISTENERS = new CopyOnWriteArrayList<>();
    private static volatile @Nullable Thread thread;

    private static final class Case {
        final P p;
        final G g;
        final int switches;
        final long since;
        final int behind;
        boolean burns;
        @Nullable ThreadCpu cpu;
        long cpuSince;
        long cpuBefore;
        boolean seenBlocked;
        boolean judged;

        /** Set with the first report; null before. */
        @Nullable List<StackTraceElement> stack;

        /** Whether the trace is to be told where it blocks. */
        final boolean trace;

        Case(P p, G g, int switches, boolean burns, long since, boolean trace) {
            this.trace = trace;
            this.p = p;
            this.g = g;
            this.switches = switches;
            this.burns = burns;
            this.since = since;
            this.behind = Sched.globalSize() + p.runq.size() + (p.runq.peekNext() == null ? 0 : 1);
        }

        /** Whether the goroutine has held the P all the time. */
        boolean holds() {
            M m = p.m;
            return m != null && m.curg == g && p.readSwitches() == switches;
        }
    }

    private HeldUp() {}

    /**
     * Judges anew whether a goroutine burns or blocks, from the time since it was noticed: the
     * monitor has to decide within some milliseconds, in which the kernel may not have brought the
     * figures up to date. They never are for a thread that waits for a CPU, so one that could run
     * does not block. Only if it is seen so twice it does: just after a pause of the whole JVM the
     * kernel may not have woken it yet.
     */
    private static void judge(Case c, M m, long now) {
        ThreadCpu cpu = c.cpu;
        if (cpu == null) {
            ThreadCpu monitors = m.cpu;
            if (monitors == null || c.cpuSince != 0) {
                c.judged = true; // there are no figures: the monitor's word stands
                return;
            }
            c.cpuSince = now;
            cpu = monitors.another();
            c.cpu = cpu;
            if (cpu != null && cpu.read()) {
                c.cpuBefore = cpu.cpu + cpu.delay;
            }
            return;
        }
        long passed = now - c.cpuSince;
        if (passed < JUDGE_NANOS) {
            return;
        }
        boolean runnable = cpu.runnable();
        if (!cpu.read()) {
            c.judged = true;
            return;
        }
        boolean burns = runnable || (cpu.cpu + cpu.delay - c.cpuBefore) * 2 >= passed;
        if (burns || c.seenBlocked) {
            c.burns = burns;
            c.judged = true;
        }
        c.seenBlocked = !burns;
        if (burns && passed >= WINDOW_NANOS) { // what it does now counts, not what it did
            c.cpuSince = now;
            c.cpuBefore = cpu.cpu + cpu.delay;
        }
    }

    private static long millis(String property, int otherwise) {
        return TimeUnit.MILLISECONDS.toNanos(Math.max(1, Integer.getInteger(property, otherwise)));
    }

    /**
     * How long a goroutine may compute before it is reported, in nanoseconds; set by {@code
     * jenny.hogMillis}, 100 if not set. The monitor itself looks after 10 ms if others wait, else
     * after 100 ms.
     */
    public static long hogNanos() {
        return HOG_NANOS;
    }

    /** Likewise for blocking an M; set by {@code jenny.pinnedMillis}, 20 if not set. */
    public static long pinnedNanos() {
        return PINNED_NANOS;
    }

    /** Nothing but the class's initialization: in a full heap it would fail, and for good. */
    static void initialize() {}

    /** Calls {@code listener} with each report from now on, on a thread that is for this alone. */
    public static void watch(Consumer<Report> listener) {
        LISTENERS.add(listener);
        started();
    }

    /** Ends what {@link #watch} began. */
    public static void unwatch(Consumer<Report> listener) {
        LISTENERS.remove(listener);
    }

    /** The monitor has found that {@code m} has run one goroutine since {@code since}. */
    static void noticed(P p, M m, int switches, boolean burns, long since) {
        G g = m.curg;
        boolean trace = Events.tracing && !burns;
        if (g != null && (trace || !LISTENERS.isEmpty())) {
            NOTICED.add(new Case(p, g, switches, burns, since, trace));
            LockSupport.unpark(started());
        }
    }

    private static synchronized Thread started() {
        Thread t = thread;
        if (t == null) {
            t =
                    Thread.ofPlatform()
                            .group(Boot.threadGroup())
                            .name("jenny-heldup")
                            .daemon()
                            .inheritInheritableThreadLocals(false)
                            .unstarted(() -> Panics.keepGoing(HeldUp::loop));
            t.start();
            thread = t;
        }
        return t;
    }

    private static boolean loop() {
        for (; ; ) {
            if (OPEN.isEmpty() && NOTICED.isEmpty()) {
                LockSupport.park(HeldUp.class);
            } else {
                LockSupport.parkNanos(HeldUp.class, LOOK_NANOS);
            }
            look(OPEN);
        }
    }

    private static void look(List<Case> open) {
        for (Case c; (c = NOTICED.poll()) != null; ) {
            if (c.trace) {
                trace(c);
            }
            if (!LISTENERS.isEmpty()) {
                open.add(c);
            }
        }
        long now = Clock.now();
        for (Iterator<Case> i = open.iterator(); i.hasNext(); ) {
            Case c = i.next();
            if (!c.holds()) {
                i.remove();
                if (c.cpu != null) {
                    c.cpu.close();
                }
                if (c.stack != null) {
                    c.p.held = "";
                    report(c, c.stack, now, true);
                }
                continue;
            }
            M m = c.p.m;
            if (c.stack != null || m == null) {
                continue;
            }
            judge(c, m, now);
            if (c.judged && now - c.since >= (c.burns ? HOG_NANOS : PINNED_NANOS)) {
                List<StackTraceElement> stack = Dump.trim(c.g.thread.getStackTrace());
                // One that has parked or ended has let go, and its M waits for a CPU to see it. One
                // that is pinned leaves its M for a moment as it parks.
                if (c.holds() && Loom.carrier(c.g.thread) == m && !stack.isEmpty()) {
                    c.stack = stack;
                    c.p.held = c.burns ? "hog" : "pinned";
                    report(c, stack, now, false);
                }
            }
        }
    }

    private static void trace(Case c) {
        List<StackTraceElement> stack = Dump.trim(c.g.thread.getStackTrace());
        if (c.holds()) {
            Hooks.stalledAt(c.p, stack);
        }
    }

    private static void report(Case c, List<StackTraceElement> stack, long now, boolean over) {
        G g = c.g;
        Report r =
                new Report(
                        g.id,
                        g.site,
                        g.labels,
                        c.p.id,
                        c.burns,
                        c.since,
                        now - c.since,
                        over,
                        c.behind,
                        stack);
        for (Consumer<Report> l : LISTENERS) {
            l.accept(r);
        }
    }

    /** For {@code JENNYDEBUG=hogs=1}. */
    static void print(Report r) {
        StringBuilder b = new StringBuilder("jenny: goroutine ").append(r.id);
        b.append(r.over ? " held P " : " has held P ").append(r.p).append(" for ");
        b.append(TimeUnit.NANOSECONDS.toMillis(r.nanos)).append(" ms, ");
        b.append(r.burns ? "computing" : "blocking its thread").append("; ");
        b.append(r.behind).append(" waited behind it");
        if (r.site != null) {
            b.append("; created at ").append(r.site.location());
        }
        b.append('\n');
        if (!r.over) {
            for (StackTraceElement f : r.stack) {
                b.append("\tat ").append(f).append('\n');
            }
        }
        System.err.print(b);
    }
}
