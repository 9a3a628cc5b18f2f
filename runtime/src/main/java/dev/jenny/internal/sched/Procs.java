package dev.jenny.internal.sched;

import java.util.Arrays;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The set of Ps, and how many of them may run: GOMAXPROCS.
 *
 * <p>Invariant, under this class's lock: the number of {@link P#ACTIVE} Ps is the target. The
 * monitor's {@link #stall} and an M's {@link #rejoin} keep it, each by one move under the lock, so
 * a held-up goroutine never leaves the program with fewer Ps than GOMAXPROCS, and its return never
 * leaves it with more.
 */
final class Procs {
    /** More Ps than this cannot be asked for. */
    static final int MAX_TARGET = 1 << 16;

    private static final SpinLock LOCK = new SpinLock();
    private static volatile P[] all = new P[0];
    private static volatile int target = 1;
    private static int active;
    private static int stalled;
    private static final int MAX_STALLED = Integer.getInteger("jenny.maxStalled", 256);

    private Procs() {}

    static P[] all() {
        return all;
    }

    static int target() {
        return target;
    }

    /** Sets GOMAXPROCS. Returns the old value. */
    static int resize(int n) {
        return resize(n, false);
    }

    /** Sets GOMAXPROCS to the CPU count, unless the user has set it. */
    static void follow(int cpus) {
        resize(cpus, true);
    }

    private static int resize(int n, boolean unlessFixed) {
        P mine = M.currentP();
        Spacers spacers = new Spacers();
        int old;
        LOCK.lockPinned();
        try {
            old = target;
            if (unlessFixed && Config.isFixed()) {
                return old; // under the lock: what the user sets comes after
            }
            target = n;
            try {
                adjust(mine, spacers, false);
            } catch (OutOfMemoryError e) { // there is no memory, or no thread, for so many Ms
                target = old;
                adjust(mine, spacers, false);
                throw e;
            }
        } finally {
            LOCK.unlock();
            spacers.end();
        }
        Hooks.procs(n);
        return old;
    }

    /** In fallback mode GOMAXPROCS is a number that nobody enforces. */
    static void resizeFallback(int n) {
        target = n;
    }

    /** True while a P that resize has counted out still runs a goroutine. */
    static boolean settling() {
        for (P p : all) {
            if (p.status == P.RETIRING && !p.idle) {
                return true;
            }
        }
        return false;
    }

    /**
     * The monitor found that one goroutine has held {@code p} for too long: takes the P out of the
     * count and another in.
     *
     * @return false if the P has moved on, or too many are held up already
     * @throws OutOfMemoryError if there is no memory, or no thread, for another M: nothing has
     *     changed then
     */
    static boolean stall(P p, int seenSwitches) {
        LOCK.lockPinned();
        try {
            M m = p.m;
            if (p.status != P.ACTIVE
                    || p.idle
                    || m == null
                    || m.curg == null
                    || p.readSwitches() != seenSwitches
                    || stalled >= MAX_STALLED) {
                return false;
            }
            p.status = P.STALLED;
            active--;
            stalled++;
            boolean replaced = false;
            try {
                adjust(null, null, true);
                replaced = true;
            } finally {
                if (!replaced) {
                    p.status = P.ACTIVE;
                    active++;
                    stalled--;
                }
            }
            return true;
        } finally {
            LOCK.unlock();
        }
    }

    /** How many more goroutines may be held up before others must wait. */
    static boolean atStallLimit() {
        return stalled >= MAX_STALLED;
    }

    static int stalledCount() {
        return stalled;
    }

    /**
     * The M of a P that is not active is back at its scheduling loop: counts the P again if there
     * is room.
     *
     * @return false if the P is now {@link P#SPARE}
     */
    static boolean rejoin(P p) {
        LOCK.lockPinned();
        if (p.status == P.STALLED) {
            stalled--;
            if (active < target) {
                active++;
                p.status = P.ACTIVE;
            } else {
                p.status = P.SPARE;
            }
        } else if (p.status == P.RETIRING) {
            p.status = P.SPARE;
        }
        boolean joined = p.status == P.ACTIVE;
        LOCK.unlock();
        return joined;
    }

    /** A spare M wants to end; false if its P has just been activated. */
    static boolean endSpare(P p) {
        LOCK.lockPinned();
        boolean end = p.status == P.SPARE;
        M m = p.m;
        if (end) {
            p.m = null;
        }
        LOCK.unlock();
        if (end && m != null) {
            ThreadCpu cpu = m.cpu;
            if (cpu != null) {
                cpu.close();
            }
        }
        return end;
    }

    /**
     * Brings the number of active Ps to the target; {@code keep} is not retired.
     *
     * @param now whether one is needed that can run something at once: a retiring P whose M runs a
     *     goroutine may be held up by it
     */
    private static void adjust(@Nullable P keep, @Nullable Spacers spacers, boolean now) {
        for (P p : all) {
            if (active < target && p.status == P.RETIRING && !(now && isBusy(p))) {
                p.status = P.ACTIVE;
                active++;
            }
        }
        for (P p : all) {
            if (active < target && p.status == P.SPARE) {
                activate(p, spacers);
            }
        }
        while (active < target) {
            P p = new P(all.length);
            P[] grown = Arrays.copyOf(all, all.length + 1);
            grown[p.id] = p;
            all = grown;
            activate(p, spacers);
        }
        for (int i = all.length - 1; i >= 0 && active > target; i--) {
            P p = all[i];
            if (p.status == P.ACTIVE && p != keep) {
                p.status = P.RETIRING;
                active--;
            }
        }
    }

    private static boolean isBusy(P p) {
        M m = p.m;
        return m != null && m.curg != null;
    }

    private static void activate(P p, @Nullable Spacers spacers) {
        M m = p.m;
        if (m != null) {
            active++;
            p.status = P.ACTIVE;
            LockSupport.unpark(m);
            return;
        }
        m = new M(p);
        if (spacers != null) {
            spacers.before(m);
        }
        active++;
        p.status = P.ACTIVE;
        p.m = m;
        boolean started = false;
        try {
            m.start();
            started = true;
        } finally {
            if (!started) {
                p.m = null;
                p.status = P.SPARE;
                active--;
            }
        }
    }
}
