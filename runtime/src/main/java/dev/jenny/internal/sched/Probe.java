package dev.jenny.internal.sched;

import dev.jenny.internal.loom.Loom;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
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
     * @param reason why it waits; null if it does not, or if it waits in JDK code, where only its
     *     stack tells why ({@link #reasonOf})
     * @param on what it waits on: a channel, a mutex, a {@link Selection}, the blocker of a JDK
     *     lock; null if there is none
     * @param waited nanoseconds since the wait began, to about 10 ms; 0 if unknown
     * @param parent the goroutine that created it; 0 if none did
     * @param site the place of its {@code go} statement; null for {@code main} and for threads that
     *     a library started
     * @param labels its labels, empty if there are none
     * @param thread the virtual thread that it is
     * @param p the P that it runs on; -1 if it does not run, or in fallback mode
     * @param adopted whether a library started it, as a virtual thread
     */
    public record GView(
            long id,
            State state,
            @Nullable WaitReason reason,
            @Nullable Object on,
            long waited,
            long parent,
            @Nullable SpawnSite site,
            Map<String, String> labels,
            Thread thread,
            int p,
            boolean adopted) {}

    /**
     * One look at a P.
     *
     * @param id its number
     * @param status {@code active}, {@code stalled}, {@code retiring} or {@code spare}
     * @param current the goroutine that it runs; 0 for none
     * @param queued how many goroutines are in its ring
     * @param next the goroutine in its next slot; 0 for none
     * @param switches how many times it has begun to run a goroutine, modulo 2^32
     * @param slices how many time slices it has begun, modulo 2^32
     * @param spinning whether its M looks for work in other queues
     * @param idle whether its M sleeps
     * @param created how many goroutines were created on it
     */
    public record PView(
            int id,
            String status,
            long current,
            int queued,
            long next,
            int switches,
            int slices,
            boolean spinning,
            boolean idle,
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
        long now = Clock.now();
        Sched.REGISTRY.forEach(g -> {
            GView v = view(g, now);
            if (v != null) {
                action.accept(v);
            }
        });
    }

    /** The goroutine with the number {@code id}; null if it has ended or never was. */
    public static @Nullable GView goroutine(long id) {
        G[] found = new G[1];
        Sched.REGISTRY.forEach(g -> {
            if (g.id == id) {
                found[0] = g;
            }
        });
        G g = found[0];
        return g == null ? null : view(g, Clock.now());
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

    private static @Nullable GView view(G g, long now) {
        GStatus s = GStatus.of(g);
        State state =
                switch (s.state()) {
                    case RUNNABLE -> State.RUNNABLE;
                    case RUNNING -> State.RUNNING;
                    case WAITING -> State.WAITING;
                    case DEAD -> null;
                };
        if (state == null) {
            return null;
        }
        Object on = null;
        long waited = 0;
        if (state == State.WAITING) {
            on = LockSupport.getBlocker(g.thread);
            if (on != null && s.reason() != null) {
                waited = Math.max(0, now - g.waitSince);
            }
        }
        M m = s.carrier();
        return new GView(
                g.id,
                state,
                s.reason(),
                on,
                waited,
                g.parentId,
                g.site,
                g.labels,
                g.thread,
                m == null ? -1 : m.p.id,
                g.adopted);
    }

    /** Why a goroutine with this stack waits in JDK code. */
    public static WaitReason reasonOf(StackTraceElement[] stack) {
        return GStatus.fromStack(stack);
    }

    /** A stack without the frames of parking and scheduling. */
    public static List<StackTraceElement> trim(StackTraceElement[] stack) {
        return Dump.trim(stack);
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
                            next == null ? 0 : next.id,
                            p.readSwitches(),
                            p.readSchedtick(),
                            p.spinning,
                            p.idle,
                            p.createdCount()));
        }
        return views;
    }

    /** What the Ps share. */
    public static SchedView scheduler() {
        return new SchedView(
                Runtimes.mode(),
                Procs.target(),
                Sched.live(),
                Sched.created(),
                Sched.GLOBAL.size(),
                Timers.count(),
                Sched.idleCount(),
                Sched.spinningCount(),
                Procs.stalledCount(),
                Sysmon.burningCount(),
                Sysmon.blockedCount());
    }

    /** {@code goroutine 7 [chan receive, 2 minutes] {svc: users}:} with a line end. */
    public static String header(GView g, String status) {
        StringBuilder b = new StringBuilder(64);
        Dump.header(b, g.id, status, TimeUnit.NANOSECONDS.toMinutes(g.waited), g.labels);
        return b.toString();
    }
}
