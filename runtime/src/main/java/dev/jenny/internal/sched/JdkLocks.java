package dev.jenny.internal.sched;

import dev.jenny.internal.loom.Locks;
import dev.jenny.internal.loom.Locks.Locked;
import dev.jenny.internal.loom.Locks.Snapshot;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.concurrent.FutureTask;
import org.jspecify.annotations.Nullable;

/**
 * What the tools may see of the JDK's locks, monitors and futures: what threads wait for in JDK
 * code, and who could end that. As with {@link Probe}, all methods may be called from any thread,
 * and what they say may be over by the time they return. "Unknown" is an answer to each question;
 * in fallback mode it is the only one.
 */
public final class JdkLocks {
    private JdkLocks() {}

    /**
     * The monitors that a thread has to do with.
     *
     * @param entering the object whose monitor it waits to enter; null if none or unknown
     * @param waitingOn the object in whose {@code wait} it is; null if none or unknown
     * @param maybe if it is in {@code wait}, or about to come out of it, and unknown of which
     *     object: the objects that it can be; else empty
     * @param held the objects whose monitors it is known to hold, without those that it has let go
     *     of in {@code wait}
     */
    public record Monitors(
            @Nullable Object entering,
            @Nullable Object waitingOn,
            List<Object> maybe,
            List<Object> held) {
        private static final Monitors NONE = new Monitors(null, null, List.of(), List.of());

        /** Whether it is known to hold the monitor of {@code o}. */
        public boolean holds(Object o) {
            for (Object h : held) {
                if (h == o) {
                    return true;
                }
            }
            return false;
        }
    }

    /**
     * The monitors that {@code t} has to do with. Takes some 20 µs. Of another goroutine that runs
     * at the moment nothing is known.
     */
    public static Monitors monitors(Thread t) {
        Snapshot s = Locks.snapshot(t);
        if (s == null) {
            return Monitors.NONE;
        }
        List<Object> locked = distinct(s.locked());
        boolean blocked = s.state() == Thread.State.BLOCKED;
        if (!isIn(s, 0, "java.lang.Object", "wait")) {
            return new Monitors(s.blockedOn(), null, List.of(), without(locked, s.blockedOn()));
        }
        // The frames of wait are the innermost also while it enters the monitor again.
        Object on = waitedFor(s, locked);
        if (on == null) {
            return new Monitors(null, null, locked, List.of());
        }
        return new Monitors(
                blocked ? on : null, blocked ? null : on, List.of(), without(locked, on));
    }

    /**
     * The object in whose {@code wait} a thread is. Once {@code wait} is compiled the JVM no longer
     * knows. But the caller must have entered its monitor, so if that was only one, it is that.
     */
    private static @Nullable Object waitedFor(Snapshot s, List<Object> locked) {
        Object known = s.waitingOn() != null ? s.waitingOn() : s.blockedOn();
        if (known != null || locked.size() == 1) {
            return known != null ? known : locked.getFirst();
        }
        for (Locked l : s.locked()) {
            if (isIn(s, l.depth(), "java.lang.Thread", "join")) {
                return l.object(); // it waits for the thread that it is called on
            }
        }
        return null;
    }

    private static boolean isIn(Snapshot s, int depth, String type, String method) {
        StackTraceElement f = depth < s.stack().size() ? s.stack().get(depth) : null;
        return f != null && f.getClassName().equals(type) && f.getMethodName().startsWith(method);
    }

    private static List<Object> distinct(List<Locked> locked) {
        Set<Object> seen = Collections.newSetFromMap(new IdentityHashMap<>());
        List<Object> objects = new ArrayList<>();
        for (Locked l : locked) {
            if (seen.add(l.object())) {
                objects.add(l.object());
            }
        }
        return objects;
    }

    private static List<Object> without(List<Object> objects, @Nullable Object one) {
        return one == null ? objects : objects.stream().filter(o -> o != one).toList();
    }

    /**
     * The thread that holds a lock such as a {@code ReentrantLock}'s inner one; null if unknown.
     */
    public static @Nullable Thread owner(Object lock) {
        return Locks.owner(lock);
    }

    /** The inner object of the lock that {@code condition} belongs to; null if unknown. */
    public static @Nullable Object lockOf(Object condition) {
        return Locks.lockOf(condition);
    }

    /**
     * The number that the inner object of a JDK latch, semaphore or lock stands at, in the meaning
     * of its class; -1 if unknown.
     */
    public static int count(Object synchronizer) {
        return Locks.count(synchronizer);
    }

    /**
     * How many read locks are held of a JDK read-write lock, by its inner object; -1 if unknown.
     */
    public static int readers(Object lock) {
        return Locks.readers(lock);
    }

    /** The thread that runs {@code task} at this moment; null if none does, or unknown. */
    public static @Nullable Thread runner(FutureTask<?> task) {
        return Locks.runner(task);
    }

    /**
     * The goroutines for whose end somebody waits, or has waited, by {@code Thread.join}; by what
     * those park on. Walks all goroutines.
     */
    public static IdentityHashMap<Object, Thread> joined() {
        IdentityHashMap<Object, Thread> joined = new IdentityHashMap<>();
        Sched.REGISTRY.forEach(g -> {
            Object end = Locks.endOf(g.thread);
            if (end != null) {
                joined.put(end, g.thread);
            }
        });
        return joined;
    }
}
