package dev.jenny.internal.sched;

import dev.jenny.internal.loom.Coroutine;
import dev.jenny.internal.loom.Loom;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Go's "all goroutines are asleep": under {@code jenny run}, a program that nothing can ever wake
 * is reported and ended.
 *
 * <p>The report must never be wrong, so it is made only if all of this holds, after everything has
 * been idle for a while: every goroutine is parked in a primitive of Jenny's; no timer runs; and
 * there is no thread of the program's besides goroutines, because such a thread may wake one.
 * Platform threads are looked through one by one. Virtual threads on the JDK's own scheduler can
 * only be counted: there must be as many virtual threads as goroutines, besides those that were
 * there at the start. And the program must not have set a handler for a signal. A goroutine in I/O,
 * in native code, at a monitor or parked by JDK code counts as one that something may wake.
 */
final class Deadlock {
    private static final long FIRST_LOOK = TimeUnit.MILLISECONDS.toNanos(20);
    private static final long MAX_INTERVAL = TimeUnit.SECONDS.toNanos(1);

    /** Thread groups of the JVM's own threads, none of which runs the program's code. */
    private static final Set<String> SYSTEM_GROUPS = Set.of("system", "CarrierThreads", "jenny");

    /**
     * The JDK's group for its helpers. Some of them run the program's code: what is to happen when
     * a process has ended or a channel has been read, and a {@code Cleaner}'s actions. These do
     * not.
     */
    private static final String HELPERS = "InnocuousThreadGroup";

    private static final Set<String> HARMLESS_HELPERS = Set.of("Common-Cleaner", "process reaper");

    private static final String NO_GOROUTINES =
            "fatal error: no goroutines (main called Go.goexit) - deadlock!\n";

    private static volatile boolean enabled;
    private static volatile boolean mainExited;

    /** Virtual threads that were there before any goroutine; -1 if unknown. */
    private static volatile long foreign = -1;

    /** The handlers of signals that were there before; null if unknown. */
    private static volatile @Nullable Map<Object, Object> signals;

    /** The JDK's socket pollers that a goroutine has started since. */
    private static final AtomicInteger POLLERS = new AtomicInteger();

    private static long nextLook = FIRST_LOOK;

    private Deadlock() {}

    /** Called before the first goroutine starts. */
    static void enable() {
        foreign = Loom.virtualThreadCount();
        signals = Loom.signalHandlers();
        enabled = true;
        Sysmon.nudge();
    }

    /** The program is ending: goroutines that are left over are no longer anybody's concern. */
    static void disable() {
        enabled = false;
    }

    static void pollerStarted() {
        POLLERS.getAndIncrement();
    }

    /** Main has called goexit: the program lives on as long as other goroutines do. */
    static void mainGoexit() {
        mainExited = true;
    }

    /**
     * In fallback mode nobody watches for idleness, but the end of the last goroutine is seen where
     * it happens. Called by a goroutine that has ended.
     */
    static void goroutineEnded() {
        // With a timer that runs there may be one again; TimerThread asks when it has fired.
        if (mainExited && !Loom.CUSTOM && Sched.live() == 0 && Timers.count() == 0) {
            Panics.fatal(NO_GOROUTINES);
        }
    }

    static boolean watching() {
        return enabled;
    }

    /**
     * Called by the monitor at each look while everything is idle, with how long it has been so.
     */
    static void poll(long idleNanos) {
        if (!enabled) {
            return;
        }
        if (idleNanos < FIRST_LOOK) {
            nextLook = FIRST_LOOK;
            return;
        }
        if (idleNanos < nextLook) {
            return;
        }
        nextLook = idleNanos + Math.min(idleNanos, MAX_INTERVAL);
        check();
    }

    private static void check() {
        long steps = steps();
        if (!Sysmon.allIdle() || Timers.count() > 0 || otherThreads()) {
            return;
        }
        List<G> gs = Dump.sorted();
        if (mayGoOn(gs)) {
            return;
        }
        long ours =
                POLLERS.get() + gs.size() + Sched.reaped(); // the JDK counts no collected threads
        if (foreign < 0 || Loom.virtualThreadCount() != foreign + ours) {
            return;
        }
        if (!Objects.equals(signals, Loom.signalHandlers())) {
            return; // the program has set a handler, which gets a thread when the signal comes
        }
        // Whatever ran while we looked has left the idle state or changed a count of steps.
        if (!Sysmon.allIdle() || steps() != steps || Timers.count() > 0 || !enabled) {
            return;
        }
        // One that was woken while it was suspended, for a look at its stack, is in no queue yet.
        if (mayGoOn(gs)) {
            return;
        }
        if (gs.isEmpty()) {
            if (mainExited) {
                Panics.fatal(NO_GOROUTINES);
            }
            return;
        }
        Panics.fatal("fatal error: all goroutines are asleep - deadlock!\n\n" + Dump.all());
    }

    /** Whether one of {@code gs} does not wait in a primitive of ours, or has been woken. */
    private static boolean mayGoOn(List<G> gs) {
        for (G g : gs) {
            if (g.waitReason() == null
                    || g.thread.getState() != Thread.State.WAITING
                    || Loom.isSuspended(g.thread)
                    || Coroutine.isUnparked(g.thread)) {
                return true;
            }
        }
        return false;
    }

    /** How many goroutines have been switched to so far. */
    private static long steps() {
        long sum = 0;
        for (P p : Sched.allp()) {
            sum += p.readSwitches();
        }
        return sum;
    }

    /** True if a platform thread of the program lives; it may wake a goroutine at any time. */
    private static boolean otherThreads() {
        ThreadGroup root = Boot.threadGroup();
        while (root.getParent() != null) {
            root = root.getParent();
        }
        Thread[] threads = new Thread[root.activeCount() + 32];
        int n = root.enumerate(threads, true);
        if (n == threads.length) {
            return true;
        }
        for (int i = 0; i < n; i++) {
            Thread t = threads[i];
            ThreadGroup group = t.getThreadGroup();
            if (group != null
                    && !SYSTEM_GROUPS.contains(group.getName())
                    && !isLauncher(t)
                    && !(group.getName().equals(HELPERS) && isHarmless(t.getName()))) {
                return true;
            }
        }
        return false;
    }

    /** A reaper that waits for a process has its number in its name. */
    private static boolean isHarmless(String helper) {
        return HARMLESS_HELPERS.contains(helper)
                || helper.startsWith("VirtualThread-")
                || helper.contains("-Poller");
    }

    private static boolean isLauncher(Thread t) {
        return t == MainThread.launcher || t.getName().equals("DestroyJavaVM");
    }

    /** The thread that called {@code MainRunner}, which only waits for main to end. */
    static final class MainThread {
        static volatile Thread launcher = Thread.currentThread();

        private MainThread() {}
    }
}
