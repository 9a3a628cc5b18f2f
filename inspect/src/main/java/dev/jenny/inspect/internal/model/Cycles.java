package dev.jenny.inspect.internal.model;

import dev.jenny.inspect.internal.model.Wait.Kind;
import dev.jenny.inspect.internal.model.Wait.Thing;
import dev.jenny.inspect.internal.model.WaitGraph.Cycle;
import dev.jenny.internal.sched.JdkLocks;
import dev.jenny.internal.sched.Probe;
import dev.jenny.internal.sched.Probe.GView;
import dev.jenny.internal.sched.SideWaiter;
import dev.jenny.sync.ErrGroup;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.lang.management.ThreadMXBean;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.FutureTask;
import java.util.concurrent.locks.AbstractOwnableSynchronizer;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Finds goroutines and threads that wait for each other in a circle: partial deadlocks, while the
 * rest of the program goes on.
 *
 * <p>A holder waits for at most one thing. A thing waited for has one holder or, if it is the read
 * lock of an {@code RWMutex} or a WaitGroup, several, for all of which its waiter waits. So
 * whatever circle there is, none of its members can go on. A search in depth, from things to
 * holders to things, finds at least one in each knot of them.
 *
 * <p>Goroutines change while we look. So a circle counts only if it is found again, link by link, a
 * moment later: then each member was in the same wait all the time, for a thing that the next one
 * in the circle held.
 */
final class Cycles {
    private static final long CONFIRM_AFTER = 20_000_000;
    private static final int MAX_OBJECTS = 100_000;
    private static final int MAX_LENGTH = 1000;
    private static final int MAX_CYCLES = 1000;

    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    /** How many waiting threads are asked about monitors, which takes 20 µs each. */
    private static final int MAX_ASKED = 2_000;

    /** How often all goroutines are walked through for a holder that was not known before. */
    private static final int MAX_WALKS = 100;

    /** A member: who holds the thing before, what it waits for itself, and which wait that is. */
    private record Link(Thread thread, @Nullable GView g, Wait wants, long which) {}

    private final Holders holders = new Holders();
    private final Map<Thing, Wait> things = new LinkedHashMap<>();
    private final List<Thread> waiters = new ArrayList<>();
    private final List<Link> path = new ArrayList<>();

    /** Where the path came to a thing; -1 once all that is behind it has been seen. */
    private final Map<Thing, Integer> places = new HashMap<>();

    private final List<List<Link>> found = new ArrayList<>();
    private final Holders.Found known = new Holders.Found();
    private final Set<Long> asked = new HashSet<>(); // whether known or ended
    private int walks;
    private int members;
    private int atMonitors;
    private @Nullable IdentityHashMap<Object, Thread> inside;

    private Cycles() {}

    /** All circles at this moment; takes 20 ms longer if there seems to be one. */
    static List<Cycle> find() {
        List<List<Link>> first = new Cycles().look();
        if (first.isEmpty()) {
            return List.of();
        }
        LockSupport.parkNanos(Cycles.class, CONFIRM_AFTER);
        List<Cycle> cycles = new ArrayList<>();
        Set<Thing> told = new HashSet<>();
        for (List<Link> cycle : first) {
            // Fifty readers that block one writer, who blocks them, are one mistake.
            Set<Thing> of = new LinkedHashSet<>();
            cycle.forEach(l -> of.add(l.wants().thing()));
            if (!told.containsAll(of) && stands(cycle)) {
                told.addAll(of);
                cycles.add(describe(cycle));
            }
        }
        return cycles;
    }

    private List<List<Link>> look() {
        Probe.waiting(
                Holders.HELD,
                true,
                g -> {
                    if (mayBeHeld(g)) {
                        if (waiters.size() < MAX_ASKED) {
                            waiters.add(g.thread());
                        }
                        boolean atMonitor = g.thread().getState() == Thread.State.BLOCKED;
                        if (things.size() < MAX_OBJECTS
                                && (!atMonitor || atMonitors++ < MAX_ASKED)) {
                            add(holders.waitOf(g));
                        }
                        if (g.group() != null && members++ < MAX_OBJECTS) {
                            known.member(g.group(), g.thread());
                        }
                        holders.remember(g);
                    }
                });
        if (things.isEmpty()) {
            return List.of(); // a circle of platform threads alone is the JDK's to report
        }
        for (Thread t : Probe.platformThreads()) {
            Thread.State s = t.getState();
            if (s == Thread.State.WAITING || s == Thread.State.BLOCKED) {
                waiters.add(t);
                add(holders.waitOf(t));
            }
        }
        for (Wait w : things.values()) {
            if (w.kind() != Kind.MONITOR) {
                asked.addAll(Holders.ids(w));
            }
        }
        known.byId().putAll(Probe.threads(asked));
        for (Wait start : List.copyOf(things.values())) {
            if (!places.containsKey(start.thing())) {
                follow(start);
            }
        }
        return found;
    }

    /** Cheap: most goroutines that wait in JDK code wait for I/O, or in a queue. */
    private static boolean mayBeHeld(GView g) {
        return g.reason() != null
                || g.on() instanceof AbstractOwnableSynchronizer
                || g.on() instanceof FutureTask;
    }

    private void add(@Nullable Wait w) {
        if (w != null) {
            things.putIfAbsent(w.thing(), w);
        }
    }

    /** Walks from the thing that {@code w} is for to its holders, and on to what they wait for. */
    private void follow(Wait w) {
        places.put(w.thing(), path.size());
        if (path.size() < MAX_LENGTH) {
            for (Thread holder : holdersOf(w)) {
                Wait next = holders.waitOf(holder);
                if (next == null) {
                    continue;
                }
                GView g = next.g();
                path.add(new Link(holder, g, next, whichWait(holder, g)));
                Integer place = places.get(next.thing());
                if (place == null) {
                    follow(next);
                } else if (place >= 0 && found.size() < MAX_CYCLES) {
                    found.add(List.copyOf(path.subList(place, path.size())));
                }
                path.removeLast();
            }
        }
        places.put(w.thing(), -1);
    }

    private List<Thread> holdersOf(Wait w) {
        if (w.kind() == Kind.MONITOR) {
            Thread t = inside().get(w.on());
            return t == null ? List.of() : List.of(t);
        }
        Set<Long> others = new HashSet<>(w.on() instanceof Thread ? List.of() : Holders.ids(w));
        others.removeAll(asked);
        if (!others.isEmpty() && walks++ < MAX_WALKS) {
            asked.addAll(others);
            known.byId().putAll(Probe.threads(others));
        }
        return known.of(w);
    }

    /** Who is inside which monitor; only threads that wait themselves can be part of a circle. */
    private IdentityHashMap<Object, Thread> inside() {
        IdentityHashMap<Object, Thread> map = inside;
        if (map == null) {
            map = new IdentityHashMap<>();
            for (Thread t : waiters) {
                for (Object o : JdkLocks.monitors(t).held()) {
                    map.put(o, t);
                }
            }
            inside = map;
        }
        return map;
    }

    /**
     * What tells a wait of {@code t} from its next: since when it is, or how many there have been.
     * 0 if nothing does.
     */
    private static long whichWait(Thread t, @Nullable GView g) {
        if (g != null) {
            return g.since();
        }
        ThreadInfo info = t.isVirtual() ? null : THREADS.getThreadInfo(t.threadId());
        return info == null ? 0 : info.getBlockedCount() + info.getWaitedCount();
    }

    /** Whether each member still waits for the same thing, which the next member still holds. */
    private static boolean stands(List<Link> cycle) {
        Holders holders = new Holders();
        for (int i = 0; i < cycle.size(); i++) {
            Link l = cycle.get(i);
            Wait now = holders.waitOf(l.thread());
            if (now == null || !now.thing().equals(l.wants().thing()) || isTimed(now)) {
                return false;
            }
            if (whichWait(l.thread(), now.g()) != l.which()) {
                return false; // another wait for the same thing
            }
            if (!Holders.holds(cycle.get((i + 1) % cycle.size()).thread(), now)) {
                return false;
            }
        }
        return true;
    }

    /** A wait with a time limit ends by itself; in Jenny's primitives only the stack tells. */
    private static boolean isTimed(Wait w) {
        for (StackTraceElement f : w.thread().getStackTrace()) {
            String c = f.getClassName();
            String m = f.getMethodName();
            if ((m.equals("tryLock") && c.startsWith("dev.jenny.sync."))
                    || (m.equals("await") && c.equals(SideWaiter.class.getName()))) {
                return true;
            }
        }
        return false;
    }

    /** What else can end {@code w}. Nobody but its tasks can call done() of an ErrGroup. */
    private static String unless(Wait w) {
        if (w.kind() == Kind.GROUP) {
            for (StackTraceElement f : w.thread().getStackTrace()) {
                if (f.getClassName().equals(ErrGroup.class.getName())) {
                    return "";
                }
            }
        }
        return w.kind().unless;
    }

    private static Cycle describe(List<Link> cycle) {
        List<String> keys = new ArrayList<>();
        List<Long> goroutines = new ArrayList<>();
        Set<String> unless = new LinkedHashSet<>();
        boolean locks = false;
        boolean ends = false;
        StringBuilder b = new StringBuilder();
        for (int i = 0; i < cycle.size(); i++) {
            Link l = cycle.get(i);
            Wait w = l.wants();
            keys.add(Graph.key(l.thread(), l.g()));
            if (w.kind() != Kind.JOIN) {
                keys.add(Graph.key(w.on())); // of a join it is the next member
            }
            if (l.g() != null) {
                goroutines.add(l.g().id());
            }
            locks |= !w.isForEnd() && w.kind() != Kind.FUTURE;
            ends |= w.isForEnd();
            String other = unless(w);
            if (!other.isEmpty()) {
                unless.add(other);
            }
            String held = w.heldBy(Holders.name(cycle.get((i + 1) % cycle.size()).thread()));
            b.append(Holders.name(l.thread())).append(' ').append(w.text());
            b.append(held.isEmpty() ? "" : ", " + held);
            Frame at = UserCode.at(l.thread());
            b.append(at == null ? "" : ", at " + at).append('\n');
        }
        return new Cycle(keys, goroutines, b.toString(), String.join(", or ", unless), locks, ends);
    }
}
