package dev.jenny.inspect.internal.model;

import dev.jenny.Goroutine;
import dev.jenny.inspect.internal.model.Holders.Wait;
import dev.jenny.inspect.internal.model.WaitGraph.Cycle;
import dev.jenny.internal.sched.Probe;
import dev.jenny.internal.sched.Probe.GView;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.AbstractOwnableSynchronizer;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Finds goroutines and threads that wait for each other in a circle: partial deadlocks, while the
 * rest of the program goes on.
 *
 * <p>Each thing waited for has at most one holder, and a holder waits for at most one thing, so
 * following them from each thing is a walk along a line that ends or closes. Goroutines change
 * while we look. So a circle counts only if it is found again, link by link, a moment later: then
 * each member was in the same wait all the time, for a mutex that the next one in the circle held.
 */
final class Cycles {
    private static final long CONFIRM_AFTER = 20_000_000;
    private static final int MAX_OBJECTS = 100_000;
    private static final int MAX_LENGTH = 1000;

    /** How many waiting threads are asked whether they hold a monitor, which takes 20 µs each. */
    private static final int MAX_ASKED = 2_000;

    /** A member: who holds the thing before, and what it waits for itself. */
    private record Link(Thread thread, @Nullable GView g, Wait wants, long since) {}

    private Cycles() {}

    /** All circles at this moment; takes 20 ms longer if there seems to be one. */
    static List<Cycle> find() {
        List<List<Link>> first = look();
        if (first.isEmpty()) {
            return List.of();
        }
        LockSupport.parkNanos(Cycles.class, CONFIRM_AFTER);
        List<Cycle> found = new ArrayList<>();
        for (List<Link> cycle : first) {
            if (stands(cycle)) {
                found.add(describe(cycle));
            }
        }
        return found;
    }

    private static List<List<Link>> look() {
        IdentityHashMap<Object, Wait> things = new IdentityHashMap<>();
        List<Thread> waiters = new ArrayList<>();
        Probe.waiting(
                Holders.HELD,
                true,
                g -> {
                    if (!mayBeHeld(g)) {
                        return;
                    }
                    if (waiters.size() < MAX_ASKED) {
                        waiters.add(g.thread());
                    }
                    if (things.size() < MAX_OBJECTS && !things.containsKey(g.on())) {
                        add(things, Holders.waitOf(g));
                    }
                });
        if (things.isEmpty()) {
            return List.of(); // a circle of platform threads alone is the JDK's to report
        }
        for (Thread t : Probe.platformThreads()) {
            Thread.State s = t.getState();
            if (s == Thread.State.WAITING || s == Thread.State.BLOCKED) {
                waiters.add(t);
                add(things, Holders.waitOf(t));
            }
        }
        Map<Long, Thread> holders = Holders.resolve(things.values());
        Set<Object> done = Collections.newSetFromMap(new IdentityHashMap<>());
        List<List<Link>> cycles = new ArrayList<>();
        for (Wait start : things.values()) {
            List<Link> cycle = follow(start, waiters, holders, done);
            if (cycle != null) {
                cycles.add(cycle);
            }
        }
        return cycles;
    }

    /** Cheap: most goroutines that wait in JDK code wait for I/O, or in a queue. */
    private static boolean mayBeHeld(GView g) {
        return g.reason() != null || g.on() instanceof AbstractOwnableSynchronizer;
    }

    private static void add(IdentityHashMap<Object, Wait> things, @Nullable Wait w) {
        if (w != null) {
            things.putIfAbsent(w.on(), w);
        }
    }

    /** Walks from thing to holder to thing; the circle if it closes, without what led there. */
    private static @Nullable List<Link> follow(
            Wait start, List<Thread> waiters, Map<Long, Thread> holders, Set<Object> done) {
        List<Link> path = new ArrayList<>();
        IdentityHashMap<Object, Integer> places = new IdentityHashMap<>();
        Wait w = start;
        while (w != null && path.size() < MAX_LENGTH) {
            Integer place = places.get(w.on());
            if (place != null) {
                return path.subList(place, path.size());
            }
            if (!done.add(w.on())) {
                return null;
            }
            places.put(w.on(), path.size());
            Thread holder = holderOf(w, waiters, holders);
            if (holder == null) {
                return null;
            }
            Wait next = Holders.waitOf(holder);
            if (next == null) {
                return null;
            }
            GView g = next.g();
            path.add(new Link(holder, g, next, g == null ? 0 : g.since()));
            w = next;
        }
        return null;
    }

    private static @Nullable Thread holderOf(
            Wait w, List<Thread> waiters, Map<Long, Thread> holders) {
        long id = Holders.holderId(w);
        if (id != 0) {
            Thread t = holders.get(id);
            return t != null ? t : Holders.holder(w);
        }
        if (w.on() instanceof AbstractOwnableSynchronizer || w.reason() == null) {
            return null;
        }
        // A monitor: only holders that wait themselves can be part of a circle.
        for (Thread t : waiters) {
            if (Holders.holds(t, w.on())) {
                return t;
            }
        }
        return null;
    }

    /** Whether each member still waits for the same thing, which the next member still holds. */
    private static boolean stands(List<Link> cycle) {
        for (int i = 0; i < cycle.size(); i++) {
            Link l = cycle.get(i);
            Wait now = Holders.waitOf(l.thread());
            if (now == null || now.on() != l.wants().on() || now.reason() != l.wants().reason()) {
                return false;
            }
            GView g = now.g();
            if (g != null && g.since() != l.since()) {
                return false; // another wait for the same thing
            }
            Link next = cycle.get((i + 1) % cycle.size());
            long holder = Holders.holderId(now);
            boolean held =
                    holder != 0
                            ? holder == next.thread().threadId()
                            : Holders.holds(next.thread(), now.on());
            if (!held || isTimed(now)) {
                return false;
            }
        }
        return true;
    }

    /** A lock taken with a time limit ends by itself; in Jenny's locks only the stack tells. */
    private static boolean isTimed(Wait w) {
        for (StackTraceElement f : w.thread().getStackTrace()) {
            String m = f.getMethodName();
            if (m.equals("tryLock") && f.getClassName().startsWith("dev.jenny.sync.")) {
                return true;
            }
        }
        return false;
    }

    private static Cycle describe(List<Link> cycle) {
        List<String> keys = new ArrayList<>();
        List<Long> goroutines = new ArrayList<>();
        StringBuilder b = new StringBuilder();
        boolean certain = true;
        for (int i = 0; i < cycle.size(); i++) {
            Link l = cycle.get(i);
            Link next = cycle.get((i + 1) % cycle.size());
            Wait w = l.wants();
            keys.add(Graph.key(l.thread(), l.g()));
            keys.add(Graph.key(w.on()));
            if (l.g() != null) {
                goroutines.add(l.g().id());
            }
            certain &= Holders.certain(w);
            b.append(Holders.name(l.thread())).append(' ').append(Holders.verb(w)).append(' ');
            b.append(Holders.objectName(w));
            if (!(w.on() instanceof Goroutine)) {
                b.append(", held by ").append(Holders.name(next.thread()));
            }
            b.append(at(l.thread())).append('\n');
        }
        return new Cycle(keys, goroutines, b.toString(), certain);
    }

    /** The line of the program that waits. */
    private static String at(Thread t) {
        List<StackTraceElement> frames = Probe.trim(t.getStackTrace());
        for (StackTraceElement f : frames) {
            String c = f.getClassName();
            if (!c.startsWith("java.")
                    && !c.startsWith("jdk.")
                    && !c.startsWith("dev.jenny.sync.")) {
                return ", at " + Frame.of(f);
            }
        }
        return "";
    }
}
