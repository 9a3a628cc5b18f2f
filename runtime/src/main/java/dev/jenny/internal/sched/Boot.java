package dev.jenny.internal.sched;

import dev.jenny.internal.loom.Loom;

/**
 * Starts the runtime, once, at its first use: CPU count, Ps and their Ms, timers, the monitor. With
 * {@code JENNYDEBUG=boottrace=1} each step is logged with the time it took.
 */
final class Boot {
    private static final Debug DEBUG = Debug.INSTANCE;

    private Boot() {}

    /** Holder idiom: class initialisation runs the boot once, and everybody else waits for it. */
    private static final class Booted {
        static final ThreadGroup GROUP = rootGroup();
        static final long STARTED = System.nanoTime();
        static final boolean DONE = boot();

        private static boolean boot() {
            long start = STARTED;
            long last = step("boot: java " + Runtime.version() + ", pid " + pid(), start, start);
            int procs = Config.initialProcs();
            last = step("cpus: " + Config.describeProcs(), start, last);
            if (Loom.CUSTOM) {
                Procs.resize(procs);
                last = step("scheduler: " + procs + " Ps, their Ms started", start, last);
                Sysmon.start();
                last = step("sysmon: started", start, last);
            } else {
                Procs.resizeFallback(procs);
                TimerThread.start();
                last = step("scheduler: the JDK's default (fallback)", start, last);
                Config.announceFallback();
            }
            step("timers: ready", start, last);
            return true;
        }

        private static ThreadGroup rootGroup() {
            ThreadGroup g = Thread.currentThread().getThreadGroup();
            while (g.getParent() != null) {
                g = g.getParent();
            }
            // Ms must not belong to, and be interrupted with, the group of whoever came first
            return new ThreadGroup(g, "jenny");
        }

        private static String pid() {
            return Long.toString(ProcessHandle.current().pid());
        }
    }

    /** Starts the runtime if it is not running. */
    static void ensure() {
        if (!Booted.DONE) {
            throw new AssertionError();
        }
    }

    static ThreadGroup threadGroup() {
        return Booted.GROUP;
    }

    /** Logs a boot step; returns the time. */
    static long step(String what, long start, long last) {
        long now = System.nanoTime();
        if (DEBUG.bootTrace) {
            System.err.printf(
                    "BOOT %8.3fms +%.3fms %s%n", (now - start) / 1e6, (now - last) / 1e6, what);
        }
        return now;
    }

    /** For the line that starts main. */
    static void log(String what) {
        step(what, Booted.STARTED, System.nanoTime());
    }
}
