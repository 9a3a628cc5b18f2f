package dev.jenny.internal.sched;

import dev.jenny.internal.event.BlockProfile;
import dev.jenny.internal.event.Counters;
import dev.jenny.internal.event.Event;
import dev.jenny.internal.event.Events;
import dev.jenny.internal.event.LabelSet;
import dev.jenny.internal.event.Ring;
import dev.jenny.internal.event.SchedProfile;
import dev.jenny.internal.event.SiteStats;
import dev.jenny.internal.event.SiteStats.Place;
import dev.jenny.internal.event.Stacks;
import dev.jenny.internal.loom.Coroutine;
import dev.jenny.internal.loom.Loom;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * What the scheduler tells {@code internal.event}: the other end of the one-line hooks.
 *
 * <p>An event is written by the thread to which it happens, into the ring of the P that it holds.
 * In a scheduling step the clock is read once, when a goroutine stops; the next start shares that
 * time, unless the M had to search or to sleep.
 *
 * <p>Why a goroutine stops is noted on its M ({@code stop…}) by whoever knows: {@link #beginWait},
 * {@link #yielded}, {@link #ended}. It is written when the goroutine has left the M, so a wait that
 * was over before the goroutine could park leaves no event. If nobody has noted anything, JDK code
 * has parked it, and {@link #parked} looks why.
 */
final class Hooks {
    private static final int RUNS = 0;
    static final int SAMPLE_MASK = Counters.SAMPLE - 1;
    static final SiteStats UNKNOWN_SITE = new SiteStats();

    /** Ready times are kept in 16 ns, so that an int is good for more than a minute. */
    private static final int READY_SHIFT = 4;

    /** By how much a ready time may be later than the start, in 16 ns; being odd, by 1 at least. */
    private static final int READY_EARLY = 1 << 20;

    /** In place of a ready time, which is odd: only a wait in JDK code is to be noted. */
    private static final int WAITED_IN_JDK = 2;

    private Hooks() {}

    // ---- goroutines ----

    /**
     * {@code g} is about to become runnable, having parked or yielded. Before anyone can run it.
     */
    static void ready(G g) {
        long now = System.nanoTime();
        measure(g, now);
        if (!Events.tracing) {
            return;
        }
        Thread t = Thread.currentThread();
        M m = M.of(t);
        if (m == null) {
            Events.outside(now, Event.READY, 0, g.id, g.slices + 1);
            return;
        }
        if (t == m && m.curg == g) {
            if (Loom.hasYielded(g.thread)) {
                return;
            }
            // It was readied while it parked: its M comes to it from inside the parking.
            stop(m, g, now);
        }
        ring(m).at(now, Event.READY, 0, g.id, g.slices + 1);
    }

    /** {@code g} is about to be made runnable for the first time. */
    static void created(G g) {
        long now = System.nanoTime();
        measure(g, now);
        if (isSampled(g)) {
            stats(g).created();
        }
        if (!Events.tracing) {
            return;
        }
        SpawnSite site = g.site;
        int stack = site == null ? 0 : site.stack();
        M m = M.current();
        if (m == null) {
            Events.outside(now, Event.CREATE, 0, g.id, stack);
        } else {
            ring(m).at(now, Event.CREATE, 0, g.id, stack);
        }
    }

    /** Whether it is one of the times that are always measured. */
    private static boolean isSampled(G g) {
        return (g.readies & SAMPLE_MASK) == 0;
    }

    /** Whether {@code g}, runnable, has not run before. */
    static boolean isFirst(G g) {
        return g.readies == (int) g.id + 1;
    }

    private static void measure(G g, long now) {
        if (!g.poller && (isSampled(g) || SchedProfile.rate() > 0)) { // pollers wait on purpose
            g.readySince = (int) (now >> READY_SHIFT) | 1;
        }
    }

    /**
     * {@code g} has stopped in JDK code, and a profile of waits or a recording is on: what is to be
     * remembered of the wait, if it is to be in a profile. Called by its M, before anyone can wake
     * it.
     */
    static @Nullable JdkWait jdkWait(G g, Object continuation) {
        long rate = BlockProfile.rate();
        boolean wakes = SchedProfile.rate() > 0 && !g.poller;
        if (rate == 0 && !wakes) {
            return null;
        }
        try {
            int weight = rate <= 1 ? (int) rate : stats(g).jdkWait();
            return weight == 0 && !wakes ? null : new JdkWait(g, continuation, weight);
        } catch (OutOfMemoryError e) {
            return null; // it has parked, and must become wakeable
        }
    }

    /** JDK code has ended the wait {@code w} of {@code g}. Before anyone can run it. */
    static void readyAfterJdk(G g, JdkWait w) {
        w.over = true;
        if (g.readySince == 0) {
            g.readySince = WAITED_IN_JDK;
        }
    }

    static SiteStats stats(G g) {
        SpawnSite site = g.site;
        return site == null ? UNKNOWN_SITE : site.stats;
    }

    /** {@code g}, which is measured or has waited in JDK code, is about to run on {@code p}. */
    static void measuredStart(P p, G g, boolean yielded) {
        JdkWait wait = g.note instanceof JdkWait w && w.over ? w : null;
        if (wait != null) {
            g.note = null;
            try {
                wait.ended(g.site, g.labels);
            } catch (OutOfMemoryError e) {
                // it has been taken from its queue, so it has to run
            }
        }
        int since = g.readySince;
        g.readySince = 0;
        if (since == WAITED_IN_JDK) {
            return;
        }
        // Unsigned, or half of the range is lost; less than 0 is a clock that was read out of turn.
        int waited = (int) (System.nanoTime() >> READY_SHIFT) - since;
        long nanos =
                waited < 0 && waited > -READY_EARLY ? 0 : (waited & 0xffff_ffffL) << READY_SHIFT;
        if (isSampled(g)) {
            WaitReason r = g.waitReason();
            int reason = r == null ? -1 : r.number();
            p.counters.started(reason, nanos);
            stats(g).started(reason, nanos);
        }
        if (SchedProfile.rate() > 0) {
            try {
                WakeUp.record(g, wait, yielded, nanos);
            } catch (OutOfMemoryError e) {
                // as above
            }
        }
    }

    /** {@code m} is about to run {@code g}. */
    static void start(M m, G g) {
        Ring r = ring(m);
        m.stopType = RUNS;
        int labels = labels(g);
        int extra = Event.start(isFirst(g), labels);
        if (m.searched) {
            m.searched = false;
            r.now(Event.START, extra, g.id, ++g.slices);
        } else {
            r.same(Event.START, extra, g.id, ++g.slices);
        }
        if (labels >= Event.LABELS_FOLLOW) {
            r.same(Event.LABELS, 0, g.id, labels);
        }
        m.traced = g;
        m.stopped = 0;
    }

    private static int labels(G g) {
        try {
            return LabelSet.number(g.labels);
        } catch (OutOfMemoryError e) {
            return 0; // it has been taken from its queue, so it has to run
        }
    }

    /** {@code g} has left {@code m}. */
    static void stop(M m, G g) {
        stop(m, g, System.nanoTime());
    }

    /**
     * {@code g} has left {@code m} to wait, and nobody can wake it before this returns. If it waits
     * in JDK code, nobody has noted why and where: its M looks. What names an object, such as a
     * lock, is treated like our own waits. The others, for a socket, a time or a monitor, only
     * their frames tell apart, which takes some microseconds.
     */
    static void parked(M m, G g, Object continuation) {
        long now = System.nanoTime();
        if (m.stopType == RUNS && m.traced == g && !g.poller) {
            WaitReason own = g.waitReason();
            m.stopReason = (own == null ? WaitReason.PARK : own).number() + 1;
            m.stopStack = 0;
            try {
                look(m, g, own, continuation);
            } catch (OutOfMemoryError e) {
                // it has parked: it must become wakeable, though nothing is known of it
            }
            m.searched = true; // looking took time, which is not that of the next to run
            m.stopType = Event.BLOCK;
        }
        stop(m, g, now);
    }

    /**
     * @param own why it waits in one of our primitives, again, having been woken for nothing; null
     *     in JDK code
     */
    private static void look(M m, G g, @Nullable WaitReason own, Object continuation) {
        Object blocker = LockSupport.getBlocker(g.thread);
        if (blocker != null) {
            int reason = (own == null ? WaitReason.PARK : own).number();
            m.stopStack =
                    stats(g).stack(reason, blocker, () -> Stacks.of(Coroutine.stack(continuation)));
        } else if (own == null) {
            Place place = JdkWait.place(g, continuation);
            m.stopReason = place.reason() + 1;
            m.stopStack = place.stack();
        }
    }

    private static void stop(M m, G g, long now) {
        if (m.traced != g && m.stopped == g.id) {
            return; // written before
        }
        // Else it has been told that it runs, or it has run since before the recording; then why it
        // stops may have been noted of another, at the end of an earlier recording.
        m.traced = null;
        m.stopped = g.id;
        int type = m.stopType;
        if (type == RUNS || (type == Event.END && g.thread.isAlive())) {
            type = Event.BLOCK;
            m.stopReason = 0;
            m.stopStack = 0;
        }
        boolean block = type == Event.BLOCK;
        ring(m).at(now, type, block ? m.stopReason : 0, g.id, block ? m.stopStack : 0);
    }

    /** {@code g}, the caller, is about to wait, but may still find that it need not. */
    static void beginWait(G g, WaitReason reason, Object on) {
        if (BlockProfile.rate() > 0) {
            g.waitSince = Clock.now();
            g.waitExact = true;
        } else {
            g.waitExact = false;
        }
        if (Events.tracing) {
            int stack = stack(g, reason, on);
            M m = M.of(g.thread); // not before the stack walk, which may park
            if (m != null) {
                m.stopReason = reason.number() + 1;
                m.stopStack = stack;
                m.stopType = Event.BLOCK;
            }
        }
    }

    private static int stack(G g, WaitReason reason, Object on) {
        try {
            return stats(g).stack(reason.number(), on);
        } catch (OutOfMemoryError e) {
            return 0; // it may be in a queue already, so it has to wait
        }
    }

    /** {@code g}, the caller, need not wait for {@code on} any longer. */
    static void endWait(G g, Object on) {
        if (Events.tracing) {
            M m = M.of(g.thread);
            if (m != null) {
                m.stopType = RUNS; // if it has not parked at all, the note is still there
            }
        }
        WaitReason reason = g.waitReason();
        if (g.waitExact && reason != null) {
            g.waitExact = false;
            long nanos = Clock.now() - g.waitSince;
            try {
                BlockProfile.waited(g.site, g.labels, reason.text(), on, nanos);
            } catch (OutOfMemoryError e) {
                // what it has waited for has happened, and it has to act on that
            }
        }
    }

    /** The goroutine that {@code m} has just run yields. */
    static void yielded(M m) {
        m.p.counters.yielded();
        m.stopType = Event.YIELD;
    }

    /**
     * {@code g} has ended, and {@code m} has run it. If it has said why it stops, it has parked,
     * and ended on another M since.
     */
    static void ended(M m, G g) {
        if (m.traced != g || m.stopType == RUNS) {
            m.stopType = Event.END;
        }
    }

    // ---- Ps ----

    /** {@code m} has nothing to do and is about to sleep. */
    static void idle(M m) {
        m.p.counters.wentIdle();
        if (Events.tracing) {
            ring(m).now(Event.IDLE, 0, 0, 0);
        }
    }

    /** {@code m} has work to look for again. */
    static void busy(M m) {
        if (Events.tracing) {
            ring(m).now(Event.BUSY, 0, 0, 0);
        }
    }

    /** {@code m} has taken goroutines from {@code victim}, one of which is not in its queue. */
    static void stole(M m, P victim) {
        int n = m.p.runq.size() + 1;
        m.p.counters.stole(victim.id, n);
        if (Events.tracing) {
            ring(m).now(Event.STEAL, 0, victim.id, n);
        }
    }

    /**
     * One goroutine holds {@code p} up since {@code since}. Its M may be back by now: {@code seen}
     * is the time at which it certainly was not. Both are of {@link Clock}.
     */
    static void stalled(P p, boolean burns, long since, long seen) {
        if (Events.tracing) {
            long time = Clock.nanoTime(seen);
            Events.outside(time, Event.STALL, 0, p.id, Event.stall(burns, seen - since));
        }
    }

    /** The goroutine that holds up {@code p} without burning CPU has this stack. */
    static void stalledAt(P p, List<StackTraceElement> stack) {
        if (Events.tracing) {
            Events.outside(Event.STALL_AT, 0, p.id, Stacks.intern(stack));
        }
    }

    /** The goroutine that held up {@code m}'s P has come back. */
    static void rejoined(M m, boolean active) {
        if (Events.tracing) {
            ring(m).now(Event.REJOIN, 0, m.p.id, active ? 1 : 0);
        }
    }

    /** A timer has fired, on any thread. */
    static void timerFired() {
        if (Events.tracing) {
            M m = M.current();
            if (m == null) {
                Events.outside(Event.TIMER, 0, 0, 0);
            } else {
                ring(m).same(Event.TIMER, 0, 0, 0);
                m.searched = true;
            }
        }
    }

    /** GOMAXPROCS is now {@code n}. */
    static void procs(int n) {
        if (Events.tracing) {
            Events.outside(Event.PROCS, 0, n, 0);
        }
    }

    // ---- user annotations ----

    /** {@code g}, the caller, has other labels now. */
    static void labelled(G g, Map<String, String> labels) {
        int number = LabelSet.number(labels);
        Ring r = userRing();
        if (r != null) {
            r.now(Event.LABELS, 0, g.id, number);
        }
    }

    /**
     * The ring for events of the calling goroutine; null if they are not recorded. The caller
     * writes at once: it does nothing in between at which it might be unmounted.
     */
    static @Nullable Ring userRing() {
        if (!Events.tracing) {
            return null;
        }
        M m = M.current();
        return m == null || m.curg == null ? null : ring(m);
    }

    private static Ring ring(M m) {
        Ring r = m.p.ring;
        if (r == null || !r.isCurrent()) {
            m.p.ring = r = Events.newRing(m.p.id);
            m.searched = true;
        }
        return r;
    }
}
