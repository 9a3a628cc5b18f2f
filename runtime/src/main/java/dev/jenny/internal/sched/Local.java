package dev.jenny.internal.sched;

import dev.jenny.internal.loom.Loom;

/** What the primitives outside this package need of the P and the goroutine that they run on. */
public final class Local {
    private static final boolean MULTICORE = Runtime.getRuntime().availableProcessors() > 1;

    private Local() {}

    /**
     * A number for per-P data: the P's id, or for a thread without a P, a number that its thread
     * keeps. Never negative; not below any bound, so callers reduce it to their table's size. It is
     * a hint: two threads may get the same, at the same time.
     */
    public static int index() {
        Thread t = Thread.currentThread();
        M m = M.of(t);
        // consecutive thread ids fall into different places of a table of any size
        return m != null ? m.p.id : (int) t.threadId() & Integer.MAX_VALUE;
    }

    /**
     * True if a short active wait for another goroutine makes sense: there is a CPU on which it can
     * be running now, and nothing else waits for this P.
     */
    public static boolean maySpin() {
        if (!MULTICORE) {
            return false;
        }
        if (!Loom.CUSTOM) {
            return true;
        }
        P p = M.currentP();
        if (p == null) {
            return true;
        }
        int procs = Sched.gomaxprocs();
        return procs > 1 && Sched.idleCount() + 1 < procs && p.runq.isEmpty();
    }

    /**
     * Reports {@code e} as a panic of the calling goroutine and comes back, for wrappers that have
     * something to do after the report. Under {@code jenny run} it does not come back.
     */
    public static void reportPanic(Throwable e) {
        G g = G.current();
        Thread t = Thread.currentThread();
        try {
            if (g == null) {
                throw e;
            }
            Panics.uncaught(g, e);
        } catch (Throwable unhandled) {
            try {
                t.getUncaughtExceptionHandler().uncaughtException(t, unhandled);
            } catch (Throwable inHandler) {
                // ignored, as the JDK does when it calls the handler itself
            }
        }
    }
}
