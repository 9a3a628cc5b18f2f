package dev.jenny.inspect.internal.model;

import dev.jenny.Goroutine;
import dev.jenny.inspect.internal.model.Wait.Kind;
import dev.jenny.inspect.internal.model.Wait.Thing;
import dev.jenny.internal.sched.JdkLocks;
import dev.jenny.internal.sched.Probe;
import dev.jenny.internal.sched.Probe.GView;
import dev.jenny.internal.sched.Probe.Primitive;
import dev.jenny.internal.sched.WaitReason;
import dev.jenny.sync.WaitGroup;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.FutureTask;
import java.util.concurrent.locks.AbstractOwnableSynchronizer;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Who holds what somebody waits for, where that is known: for {@code Mutex}, {@code RWMutex},
 * joins, the JDK's locks, running tasks, and monitors. A WaitGroup is held by the goroutines that
 * were started through it; of other calls of {@code add} nobody knows who is to call done. What a
 * channel, Cond or Semaphore waits for has no holder: anybody might send, signal or release.
 *
 * <p>An object of this class is for one look, for it remembers who is joined.
 */
final class Holders {
    /** For how long a look at one wait asks threads which monitors they are inside. */
    static final long MONITOR_BUDGET = 200_000_000;

    private static final int MAX_VIEWS = 100_000;

    /** The reasons to wait for which there may be a holder, besides those of JDK code. */
    static final Set<WaitReason> HELD =
            Set.of(
                    WaitReason.MUTEX_LOCK,
                    WaitReason.RWMUTEX_RLOCK,
                    WaitReason.RWMUTEX_LOCK,
                    WaitReason.WAITGROUP_WAIT,
                    WaitReason.JOIN);

    private @Nullable IdentityHashMap<Object, Thread> joined;

    /** In fallback mode, where a thread does not lead to its goroutine, those that are known. */
    private final IdentityHashMap<Thread, GView> views = new IdentityHashMap<>();

    /** Saves {@link #waitOf(Thread)} a walk through all goroutines, if it is for {@code g}. */
    void remember(GView g) {
        if (!Probe.custom() && views.size() < MAX_VIEWS) {
            views.put(g.thread(), g);
        }
    }

    /** What {@code t} waits for, if that may have a holder and the wait has no time limit. */
    @Nullable Wait waitOf(Thread t) {
        GView g = views.get(t);
        if (g == null && views.isEmpty() && t.isVirtual()) {
            g = Probe.goroutine(t);
        }
        return g != null ? waitOf(g) : waitOf(t, null, null, LockSupport.getBlocker(t));
    }

    /** What {@code g} waits for, if that may have a holder and the wait has no time limit. */
    @Nullable Wait waitOf(GView g) {
        if (g.state() != Probe.State.WAITING) {
            return null;
        }
        return waitOf(g.thread(), g, g.reason(), g.on());
    }

    /**
     * Like {@link #waitOf(GView)}, and also for the join of a platform thread, which takes a look
     * at the stack.
     */
    @Nullable Wait deepWaitOf(GView g) {
        Wait w = waitOf(g);
        Thread t = g.thread();
        if (w != null || g.reason() != null || t.getState() != Thread.State.WAITING) {
            return w;
        }
        for (StackTraceElement f : t.getStackTrace()) {
            if (f.getClassName().equals("java.lang.Thread") && f.getMethodName().equals("join")) {
                Object on = JdkLocks.monitors(t).waitingOn();
                return on instanceof Thread ? new Wait(t, g, Kind.JOIN, on) : null;
            }
        }
        return null;
    }

    private @Nullable Wait waitOf(
            Thread t, @Nullable GView g, @Nullable WaitReason reason, @Nullable Object on) {
        Thread.State state = t.getState();
        if (state == Thread.State.BLOCKED) {
            Object monitor = JdkLocks.monitors(t).entering();
            return monitor == null ? null : new Wait(t, g, Kind.MONITOR, monitor);
        }
        if (on == null || state != Thread.State.WAITING) {
            return null;
        }
        if (on instanceof Goroutine joinee) {
            return new Wait(t, g, Kind.JOIN, joinee.thread());
        }
        if (reason != null) {
            Kind k = kind(reason);
            return k == null ? null : new Wait(t, g, k, on);
        }
        if (on instanceof AbstractOwnableSynchronizer) {
            return synchronizer(t, g, on);
        }
        if (on instanceof FutureTask) {
            return new Wait(t, g, Kind.FUTURE, on);
        }
        return primitive(t, g, on);
    }

    /** For threads that are no goroutines, and give no reason: what they may park on of Jenny's. */
    private static @Nullable Wait primitive(Thread t, @Nullable GView g, Object on) {
        if (on instanceof WaitGroup) {
            return new Wait(t, g, Kind.GROUP, on);
        }
        Primitive p = Probe.peek(on);
        if (p == null || p.owner() == 0) {
            return null;
        }
        boolean writer = p.owner() == t.threadId() && p.held() > 0;
        if (p.owner() == t.threadId() && p.held() == 0) {
            return null; // a writer to whom the last reader has left the lock: it is about to go on
        }
        return new Wait(t, g, writer ? Kind.READERS : Kind.MUTEX, on);
    }

    /** Latches and semaphores are made of the same stuff as locks, but have no holder. */
    private @Nullable Wait synchronizer(Thread t, @Nullable GView g, Object on) {
        return switch (Objects.kind(on)) {
            case "CountDownLatch" -> {
                Thread end = joined().get(on);
                yield end == null ? null : new Wait(t, g, Kind.JOIN, end);
            }
            case "ReentrantLock", "ReentrantReadWriteLock" -> new Wait(t, g, Kind.JDK_LOCK, on);
            default -> JdkLocks.owner(on) == null ? null : new Wait(t, g, Kind.JDK_LOCK, on);
        };
    }

    private static @Nullable Kind kind(WaitReason r) {
        return switch (r) {
            case MUTEX_LOCK -> Kind.MUTEX;
            case RWMUTEX_RLOCK -> Kind.READ_LOCK;
            case RWMUTEX_LOCK -> Kind.READERS;
            case WAITGROUP_WAIT -> Kind.GROUP;
            default -> null;
        };
    }

    private IdentityHashMap<Object, Thread> joined() {
        IdentityHashMap<Object, Thread> j = joined;
        if (j == null) {
            j = JdkLocks.joined();
            joined = j;
        }
        return j;
    }

    /**
     * The ids of the threads known to hold what {@code w} waits for. Of a monitor or a WaitGroup
     * they are not known this way; see {@link #find}.
     */
    static List<Long> ids(Wait w) {
        Object on = w.on();
        return switch (w.kind()) {
            case MONITOR, GROUP -> List.of();
            case JOIN -> List.of(((Thread) on).threadId());
            case JDK_LOCK -> id(JdkLocks.owner(on));
            case FUTURE -> id(JdkLocks.runner((FutureTask<?>) on));
            case READERS -> {
                Primitive p = Probe.peek(on);
                yield p == null ? List.of() : p.readers();
            }
            case MUTEX, READ_LOCK -> {
                Primitive p = Probe.peek(on);
                yield p == null || p.owner() == 0 ? List.of() : List.of(p.owner());
            }
        };
    }

    private static List<Long> id(@Nullable Thread t) {
        return t == null ? List.of() : List.of(t.threadId());
    }

    /** The threads known to hold what {@code w} waits for. Walks all goroutines. */
    static List<Thread> of(Wait w) {
        return find(List.of(w), MONITOR_BUDGET).of(w);
    }

    /**
     * Holders found in one walk.
     *
     * @param byId by the threads' ids
     * @param inside who is inside which monitor
     * @param members the goroutines that were started through which WaitGroup
     */
    record Found(
            Map<Long, Thread> byId,
            IdentityHashMap<Object, Thread> inside,
            IdentityHashMap<Object, List<Thread>> members) {
        /** Nobody. */
        Found() {
            this(new HashMap<>(), new IdentityHashMap<>(), new IdentityHashMap<>());
        }

        /** Notes that {@code t} was started through {@code group}. */
        void member(Object group, Thread t) {
            members.computeIfAbsent(group, k -> new ArrayList<>()).add(t);
        }

        /** Those that hold what {@code w}, one of the waits they were found for, waits for. */
        List<Thread> of(Wait w) {
            if (w.kind() == Kind.GROUP) {
                return members.getOrDefault(w.on(), List.of());
            }
            if (w.kind() == Kind.MONITOR) {
                Thread t = inside.get(w.on());
                return t == null ? List.of() : List.of(t);
            }
            if (w.on() instanceof Thread t) {
                return t.isAlive() ? List.of(t) : List.of();
            }
            List<Thread> threads = new ArrayList<>();
            for (long id : ids(w)) {
                Thread t = byId.get(id);
                if (t != null) {
                    threads.add(t);
                }
            }
            return threads;
        }
    }

    /**
     * Finds who holds the things that {@code waits} are for. To find who is inside a monitor all
     * threads are asked, 20 µs each, for {@code monitorNanos} at most.
     */
    static Found find(Collection<Wait> waits, long monitorNanos) {
        Set<Long> ids = new HashSet<>();
        Set<Thing> monitors = new HashSet<>();
        Set<Thing> groups = new HashSet<>();
        for (Wait w : waits) {
            switch (w.kind()) {
                case MONITOR -> monitors.add(w.thing());
                case GROUP -> groups.add(w.thing());
                default -> ids.addAll(ids(w));
            }
        }
        return new Found(
                Probe.threads(ids), inside(monitors, monitorNanos), members(groups, MAX_VIEWS));
    }

    /** The goroutines that were started through one of {@code groups}, at most {@code max}. */
    private static IdentityHashMap<Object, List<Thread>> members(Set<Thing> groups, int max) {
        Found found = new Found();
        int[] n = {0};
        if (!groups.isEmpty()) {
            Probe.scan(g -> {
                Object group = g.group();
                if (group != null && groups.contains(new Thing(group, false)) && n[0]++ < max) {
                    found.member(group, g.view().thread());
                }
            });
        }
        return found.members();
    }

    /** The thread that is inside the monitor of {@code o}; null if that was not found. */
    static @Nullable Thread inside(Object o) {
        return inside(Set.of(new Thing(o, false)), MONITOR_BUDGET).get(o);
    }

    private static IdentityHashMap<Object, Thread> inside(Set<Thing> monitors, long nanos) {
        IdentityHashMap<Object, Thread> found = new IdentityHashMap<>();
        if (!monitors.isEmpty() && nanos > 0) {
            long end = System.nanoTime() + nanos;
            ask(t -> {
                look(t, monitors, found);
                return found.size() < monitors.size() && System.nanoTime() < end;
            });
        }
        return found;
    }

    /**
     * Calls {@code look} for each thread until it returns false. First come those that wait: they
     * answer at once, and whoever is inside a monitor for long is most often one of them. Other
     * platform threads answer when they come to a safepoint, other goroutines if they have not
     * begun to run by then.
     */
    static void ask(Predicate<Thread> look) {
        boolean[] more = {true};
        List<Thread> platform = Probe.platformThreads();
        for (boolean waiting : new boolean[] {true, false}) {
            Probe.scan(g -> {
                if (more[0] && (g.state() == Probe.State.WAITING) == waiting) {
                    more[0] = look.test(g.view().thread());
                }
            });
            for (Thread t : platform) {
                if (more[0] && (t.getState() != Thread.State.RUNNABLE) == waiting) {
                    more[0] = look.test(t);
                }
            }
        }
    }

    private static void look(Thread t, Set<Thing> of, IdentityHashMap<Object, Thread> found) {
        for (Object o : JdkLocks.monitors(t).held()) {
            if (of.contains(new Thing(o, false))) {
                found.put(o, t);
            }
        }
    }

    /** Whether {@code t} is still known to hold what {@code w} waits for. */
    static boolean holds(Thread t, Wait w) {
        if (w.kind() == Kind.MONITOR) {
            return JdkLocks.monitors(t).holds(w.on());
        }
        if (w.kind() == Kind.GROUP) {
            GView g = t.isVirtual() ? Probe.goroutine(t) : null;
            return g != null && g.group() == w.on();
        }
        return ids(w).contains(t.threadId());
    }

    /** {@code goroutine 7}, or {@code thread "main"}. */
    static String name(Thread t) {
        GView g = t.isVirtual() ? Probe.goroutine(t) : null;
        return g != null ? "goroutine " + g.id() : "thread \"" + t.getName() + "\"";
    }
}
