package dev.jenny.inspect.internal.issue;

import dev.jenny.inspect.internal.Failures;
import dev.jenny.inspect.internal.Threads;
import dev.jenny.inspect.internal.issue.Observation.Held;
import dev.jenny.inspect.internal.issue.Observation.LocalQueue;
import dev.jenny.inspect.internal.issue.Observation.Yielding;
import dev.jenny.inspect.internal.model.Frame;
import dev.jenny.inspect.internal.model.Groups;
import dev.jenny.inspect.internal.model.Issue;
import dev.jenny.inspect.internal.model.Leak;
import dev.jenny.inspect.internal.model.LeakReport;
import dev.jenny.inspect.internal.model.LeakWatch;
import dev.jenny.inspect.internal.model.Model;
import dev.jenny.inspect.internal.model.Query;
import dev.jenny.inspect.internal.model.WaitGraph;
import dev.jenny.internal.sched.HeldUp;
import dev.jenny.internal.sched.Probe;
import dev.jenny.internal.sched.Probe.GView;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Watches the program while somebody wants it to be watched, and keeps its findings. A thread looks
 * every second, or more rarely, so that it takes no more than 2 % of one CPU however many
 * goroutines there are. A partial deadlock is printed on standard error, once.
 */
public final class Issues {
    private static final long LOOK_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final int SHARE = 50;
    private static final int MAX_GROUPS = 2_000;
    private static final int MAX_OBJECTS = 2_000;
    private static final int MAX_YIELDING = 32;
    private static final int MAX_HELD = 1_000;

    private static final Object LOCK = new Object();
    private static final IssueBook BOOK = new IssueBook();
    private static final Rules.LeakRule LEAK_RULE = new Rules.LeakRule();
    private static final List<Rule> RULES = Rules.all(LEAK_RULE);
    private static final LinkedBlockingQueue<Held> HELD = new LinkedBlockingQueue<>(MAX_HELD);
    private static final ConcurrentLinkedQueue<Leak> LEAKS = new ConcurrentLinkedQueue<>();
    private static final Set<Set<Long>> PRINTED = new HashSet<>();
    private static final List<Consumer<Groups>> WATCHERS = new CopyOnWriteArrayList<>();
    private static final AtomicLong DEADLOCKS = new AtomicLong();
    private static final AtomicLong LEAKED = new AtomicLong();

    private static @Nullable Thread thread; // guarded by LOCK

    /** How many want the program to be watched. Written under {@link #LOCK}. */
    private static volatile int watching;

    private Issues() {}

    /**
     * Begins to watch, until {@link #end} is called as often. Also begins the reclaim mode of
     * leaks, if it is asked for.
     */
    public static void begin() {
        synchronized (LOCK) {
            if (thread == null) {
                Thread t = Threads.daemon("jenny-issues", Issues::loop);
                t.start();
                thread = t;
                HeldUp.watch(Issues::heldUp);
                startLeakWatch();
            }
            watching++;
            LockSupport.unpark(thread);
        }
    }

    /** What one {@link #begin} began is no longer wanted. The findings stay. */
    public static void end() {
        synchronized (LOCK) {
            watching--;
        }
    }

    /** Begins the reclaim mode of leaks if {@code jenny.leaks=reclaim} asks for it. */
    public static void startLeakWatch() {
        if (LeakWatch.isAskedFor()) {
            try {
                LeakWatch.start(Issues::printLeaks);
            } catch (IllegalStateException e) {
                System.err.println("jenny: jenny.leaks=reclaim ignored: " + e.getMessage());
            }
        }
    }

    /** Hands the groups of each look to {@code watcher}, on the thread that looks. */
    public static void addWatcher(Consumer<Groups> watcher) {
        WATCHERS.add(watcher);
    }

    /** Ends what {@link #addWatcher} began. */
    public static void removeWatcher(Consumer<Groups> watcher) {
        WATCHERS.remove(watcher);
    }

    /** All findings so far, the worst first. */
    public static List<Issue> list() {
        return BOOK.list();
    }

    /**
     * Searches for leaks now, and keeps what is found among the findings. See {@link Model#leaks}.
     */
    public static LeakReport findLeaks() {
        LeakReport r = Model.leaks();
        keep(r.leaks());
        return r;
    }

    /** How many partial deadlocks have been found, each counted once. */
    public static long deadlocks() {
        return DEADLOCKS.get();
    }

    /** How many leaked goroutines have been found, by whomever they were searched. */
    public static long leaked() {
        return LEAKED.get();
    }

    private static void keep(List<Leak> leaks) {
        leaks.forEach(leak -> LEAKED.getAndAdd(leak.count()));
        if (watching > 0) {
            LEAKS.addAll(leaks);
        } else {
            long now = Probe.now();
            BOOK.enter(LEAK_RULE.look(leaksOnly(now, leaks)), now);
        }
    }

    private static Observation leaksOnly(long now, List<Leak> leaks) {
        return new Observation(
                now,
                Model.groups(Query.ALL, 0),
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                leaks,
                List.of());
    }

    private static void printLeaks(LeakReport r) {
        keep(r.leaks());
        StringBuilder b = new StringBuilder("jenny: ");
        b.append(r.total()).append(" leaked goroutines were collected\n");
        for (Leak l : r.leaks()) {
            b.append("  [x").append(l.count()).append("] [").append(l.reason());
            b.append(" (leaked)], created at ").append(l.site()).append('\n');
            l.stack().stream().limit(5).forEach(f -> b.append("    ").append(f).append('\n'));
        }
        System.err.print(b);
    }

    /** More than there is room for until the next look are like those that there is room for. */
    private static void heldUp(HeldUp.Report r) {
        if (watching == 0 || HELD.remainingCapacity() == 0) {
            return;
        }
        HELD.offer(
                new Held(
                        r.id(),
                        Model.siteOf(r.site()),
                        r.p(),
                        r.burns(),
                        r.nanos(),
                        r.over(),
                        r.behind(),
                        r.stack().stream().map(Frame::of).toList()));
    }

    private static void loop() {
        ThreadMXBean cpu = ManagementFactory.getThreadMXBean();
        long wait = LOOK_NANOS;
        for (boolean warm = false; ; warm = true) {
            LockSupport.parkNanos(Issues.class, wait);
            while (watching == 0) {
                LockSupport.park(Issues.class);
            }
            long before = cpu.getCurrentThreadCpuTime();
            try {
                look();
            } catch (RuntimeException | Error e) {
                Failures.tell("looking for issues failed", e);
            }
            wait = pause(cpu.getCurrentThreadCpuTime() - before, warm);
        }
    }

    /**
     * How long to wait after a look that took {@code nanos} of CPU time. The wall clock would count
     * what the rest of the machine does, and the first look is for the most part the loading of
     * classes: a deadlock would then be found late where it is needed most.
     */
    static long pause(long nanos, boolean warm) {
        return warm ? Math.max(LOOK_NANOS, nanos * SHARE) : LOOK_NANOS;
    }

    private static void look() {
        List<Leak> leaks = drain(LEAKS);
        List<WaitGraph.Cycle> cycles;
        boolean entered = false;
        try {
            cycles = look(leaks);
            entered = true;
        } finally {
            if (!entered) {
                LEAKS.addAll(leaks); // they are gone: nobody can find them again
            }
        }
        cycles.forEach(Issues::print);
    }

    private static List<WaitGraph.Cycle> look(List<Leak> leaks) {
        List<WaitGraph.Cycle> cycles = Model.cycles();
        Observation o =
                new Observation(
                        Probe.now(),
                        Model.groups(Query.ALL, MAX_GROUPS),
                        Model.objectsWithoutHolders(MAX_OBJECTS),
                        cycles,
                        drain(HELD),
                        yielding(),
                        leaks,
                        queues());
        WATCHERS.forEach(w -> w.accept(o.groups()));
        List<Issue> found = new ArrayList<>();
        for (Rule r : RULES) {
            found.addAll(r.look(o));
        }
        BOOK.enter(found, o.at());
        return cycles;
    }

    private static <T> List<T> drain(Queue<T> queue) {
        List<T> all = new ArrayList<>();
        for (T t; (t = queue.poll()) != null; ) {
            all.add(t);
        }
        return all;
    }

    private static void print(WaitGraph.Cycle c) {
        if (PRINTED.add(Set.copyOf(c.goroutines()))) {
            DEADLOCKS.getAndIncrement();
            System.err.print(
                    "jenny: partial deadlock"
                            + (c.certain() ? "" : ", unless " + c.unless())
                            + ":\n"
                            + c.text().indent(2));
        }
    }

    private static List<LocalQueue> queues() {
        List<LocalQueue> queues = new ArrayList<>();
        for (Probe.PView p : Probe.ps()) {
            boolean active = p.status().equals("active");
            if (active || p.queued() > 0) {
                Probe.Running g = Probe.running(p.id());
                queues.add(
                        new LocalQueue(
                                p.id(),
                                active,
                                p.queued(),
                                p.taken(),
                                g == null ? 0 : g.id(),
                                g == null ? null : Model.siteOf(g.site())));
            }
        }
        return queues;
    }

    /** Runnable goroutines whose stack says that they have yielded. */
    private static List<Yielding> yielding() {
        List<GView> runnable = new ArrayList<>();
        Probe.scan(g -> {
            if (g.state() == Probe.State.RUNNABLE && runnable.size() < MAX_YIELDING) {
                runnable.add(g.view());
            }
        });
        List<Yielding> found = new ArrayList<>();
        for (GView g : runnable) {
            Frame at = yieldsAt(g.thread().getStackTrace());
            if (at != null) {
                found.add(new Yielding(g.id(), Model.siteOf(g.site()), at));
            }
        }
        return found;
    }

    private static @Nullable Frame yieldsAt(StackTraceElement[] stack) {
        boolean yields = false;
        for (StackTraceElement f : stack) {
            String c = f.getClassName();
            if (c.equals("java.lang.Thread") && f.getMethodName().equals("yield")) {
                yields = true;
            } else if (yields
                    && !c.equals("dev.jenny.Go")
                    && !c.startsWith("dev.jenny.internal.")
                    && !c.startsWith("java.lang.")) {
                return Frame.of(f);
            }
        }
        return null;
    }
}
