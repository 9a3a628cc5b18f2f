package dev.jenny.inspect.internal.model;

import dev.jenny.Goroutine;
import dev.jenny.internal.sched.Probe;
import dev.jenny.internal.sched.Probe.GView;
import dev.jenny.internal.sched.Probe.Primitive;
import dev.jenny.internal.sched.WaitReason;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.AbstractOwnableSynchronizer;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Who holds what somebody waits for, where that is known: for {@code Mutex}, {@code RWMutex},
 * joins, the JDK's locks, and monitors. What a channel, WaitGroup, Cond or Semaphore waits for has
 * no holder: anybody might send, call done, signal or release.
 */
final class Holders {
    private static final long MONITOR_BUDGET = 200_000_000;

    /** The reasons to wait for which there may be a holder, besides those of JDK code. */
    static final Set<WaitReason> HELD =
            Set.of(WaitReason.MUTEX_LOCK, WaitReason.RWMUTEX_RLOCK, WaitReason.JOIN);

    /**
     * A wait for something that has a holder.
     *
     * @param thread who waits
     * @param g the same as a goroutine, null if it is none
     * @param reason why
     * @param on what for
     */
    record Wait(Thread thread, @Nullable GView g, @Nullable WaitReason reason, Object on) {}

    private Holders() {}

    /** What {@code t} waits for, if that may have a holder and the wait has no time limit. */
    static @Nullable Wait waitOf(Thread t) {
        GView g = t.isVirtual() ? Probe.goroutine(t) : null;
        return g != null ? waitOf(g) : waitOf(t, null, null, LockSupport.getBlocker(t));
    }

    /** What {@code g} waits for, if that may have a holder and the wait has no time limit. */
    static @Nullable Wait waitOf(GView g) {
        if (g.state() != Probe.State.WAITING) {
            return null;
        }
        return waitOf(g.thread(), g, g.reason(), g.on());
    }

    private static @Nullable Wait waitOf(
            Thread t, @Nullable GView g, @Nullable WaitReason reason, @Nullable Object on) {
        Thread.State state = t.getState();
        if (state == Thread.State.BLOCKED) {
            Object monitor = Probe.monitorOf(t);
            return monitor == null ? null : new Wait(t, g, WaitReason.MONITOR_ENTER, monitor);
        }
        if (on == null || state != Thread.State.WAITING) {
            return null;
        }
        boolean held;
        if (reason == null) {
            held = on instanceof AbstractOwnableSynchronizer || isLocked(on);
        } else {
            held = HELD.contains(reason);
        }
        return held ? new Wait(t, g, reason, on) : null;
    }

    /** For threads that are no goroutines: whether what they park on is a locked Mutex, say. */
    private static boolean isLocked(Object on) {
        Primitive p = Probe.peek(on);
        return p != null && p.owner() != 0;
    }

    /** The id of the thread that holds what {@code w} waits for; 0 if unknown. */
    static long holderId(Wait w) {
        Object on = w.on();
        if (on instanceof Goroutine g) {
            return g.thread().threadId();
        }
        if (on instanceof AbstractOwnableSynchronizer) {
            Thread t = Probe.jdkOwner(on);
            return t == null ? 0 : t.threadId();
        }
        if (w.reason() == WaitReason.MONITOR_ENTER || w.reason() == WaitReason.RWMUTEX_LOCK) {
            return 0; // see monitorHolder; a writer that waits for readers is the owner itself
        }
        Primitive p = Probe.peek(on);
        return p == null ? 0 : p.owner();
    }

    /** The thread that holds what {@code w} waits for; null if unknown. Walks all goroutines. */
    static @Nullable Thread holder(Wait w) {
        if (w.on() instanceof Goroutine g) {
            return g.isAlive() ? g.thread() : null;
        }
        if (w.on() instanceof AbstractOwnableSynchronizer) {
            return Probe.jdkOwner(w.on());
        }
        if (w.reason() == WaitReason.MONITOR_ENTER) {
            return monitorHolder(w.on(), w.thread());
        }
        long id = holderId(w);
        return id == 0 ? null : Probe.threads(Set.of(id)).get(id);
    }

    /** The holders with these ids, in one walk. */
    static Map<Long, Thread> resolve(Iterable<Wait> waits) {
        Set<Long> ids = new HashSet<>();
        for (Wait w : waits) {
            long id = holderId(w);
            if (id != 0) {
                ids.add(id);
            }
        }
        return Probe.threads(ids);
    }

    /** Looks through threads for the one that is inside {@code monitor}, for a limited time. */
    private static @Nullable Thread monitorHolder(Object monitor, Thread waiter) {
        long end = System.nanoTime() + MONITOR_BUDGET;
        for (Thread t : Probe.platformThreads()) {
            if (t != waiter && holds(t, monitor)) {
                return t;
            }
        }
        Thread[] found = new Thread[1];
        Probe.goroutines(g -> {
            if (found[0] == null
                    && g.thread() != waiter
                    && System.nanoTime() < end
                    && holds(g.thread(), monitor)) {
                found[0] = g.thread();
            }
        });
        return found[0];
    }

    /** Whether {@code t} is inside {@code monitor}. */
    static boolean holds(Thread t, Object monitor) {
        List<Object> held = Probe.monitorsHeldBy(t);
        for (Object o : held) {
            if (o == monitor) {
                return true;
            }
        }
        return false;
    }

    /** Whether only the holder can end the wait: not so for a Mutex, which anybody may unlock. */
    static boolean certain(Wait w) {
        return w.on() instanceof Goroutine
                || w.on() instanceof AbstractOwnableSynchronizer
                || w.reason() == WaitReason.MONITOR_ENTER;
    }

    /** {@code goroutine 7}, or {@code thread "main"}. */
    static String name(Thread t) {
        GView g = t.isVirtual() ? Probe.goroutine(t) : null;
        return g != null ? "goroutine " + g.id() : "thread \"" + t.getName() + "\"";
    }

    /** The object in words: a monitor, a join and a lock differ. */
    static String objectName(Wait w) {
        if (w.reason() == WaitReason.MONITOR_ENTER) {
            return "the monitor of " + w.on().getClass().getName() + "#" + ObjectIds.of(w.on());
        }
        ObjectInfo o = Objects.of(w.on());
        return o == null ? "an unknown object" : o.name();
    }

    /** The verb for the waiter: {@code waits to lock}. */
    static String verb(Wait w) {
        WaitReason r = w.reason();
        if (r == WaitReason.JOIN) {
            return "waits for the end of";
        }
        if (r == WaitReason.MONITOR_ENTER) {
            return "waits to enter";
        }
        return r == WaitReason.RWMUTEX_RLOCK ? "waits to read-lock" : "waits to lock";
    }
}
