package dev.jenny.internal.sched;

import dev.jenny.Goroutine;
import dev.jenny.Task;
import dev.jenny.internal.event.Ring;
import dev.jenny.internal.loom.Coroutine;
import dev.jenny.internal.loom.Loom;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.function.BiConsumer;
import java.util.function.BiPredicate;
import org.jspecify.annotations.Nullable;

/** What the public packages and the launcher call: the scheduler's front door. */
public final class Runtimes {
    /** No more Ps than so many can be asked for. */
    public static final int MAX_GOMAXPROCS = Procs.MAX_TARGET;

    private static final long SETTLE_NANOS = 2_000_000;

    private Runtimes() {}

    /** The {@code go} statement. */
    public static Goroutine go(Task task) {
        return Sched.go(task, task);
    }

    /** The {@code go} statement for a wrapper of {@code site}, the task that user code gave. */
    public static Goroutine go(Task task, Object site) {
        return Sched.go(task, site);
    }

    /**
     * Like {@link #go(Task, Object)}, for a task that tells {@code group}, a WaitGroup, when it is
     * done.
     */
    public static Goroutine goIn(Object group, Task task, Object site) {
        return Sched.goIn(group, task, site);
    }

    /** An unstarted thread that is a goroutine once it is started. */
    public static Thread newThread(Runnable task) {
        return Sched.newThread(task);
    }

    /** The calling goroutine, or null. */
    public static @Nullable Goroutine current() {
        return G.current();
    }

    /**
     * A thread that runs none of the program's code: the report of a deadlock does not take it for
     * one that might wake a goroutine.
     */
    public static Thread helper(Runnable body, String name) {
        Thread t = new Thread(Boot.threadGroup(), body, name, 0, false);
        t.setDaemon(true);
        return t;
    }

    /** Yields the processor: a goroutine goes to the tail of the global queue. */
    public static void gosched() {
        Thread.yield();
    }

    /** Parks for ever, until interrupted. */
    public static void block(WaitReason reason) throws InterruptedException {
        new SideWaiter().await(reason, reason);
        throw new InterruptedException();
    }

    /** Sleeps. */
    public static void sleep(long nanos) throws InterruptedException {
        Boot.ensure();
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
        if (nanos <= 0) {
            return;
        }
        SideWaiter w = new SideWaiter();
        if (w.await(WaitReason.SLEEP, w, Clock.deadline(nanos)) == Waiter.Outcome.INTERRUPTED) {
            throw new InterruptedException();
        }
    }

    /** GOMAXPROCS. */
    public static int gomaxprocs() {
        Boot.ensure();
        return Procs.target();
    }

    /** Sets GOMAXPROCS if {@code n > 0}; returns what it was. */
    public static int gomaxprocs(int n) {
        Boot.ensure();
        if (n <= 0) {
            return Procs.target();
        }
        if (n > MAX_GOMAXPROCS) {
            throw new IllegalArgumentException(
                    "GOMAXPROCS " + n + " is more than " + MAX_GOMAXPROCS);
        }
        Config.fix();
        if (!Loom.CUSTOM) {
            int old = Procs.target();
            Procs.resizeFallback(n);
            return old;
        }
        int old = Procs.resize(n);
        // Like Go's, the call returns when no more than n goroutines run; one that holds its P up
        // is counted out by the monitor meanwhile. Not by yielding: that would put the caller
        // behind everything in the global queue.
        long patience = Clock.after(SETTLE_NANOS);
        while (Procs.settling() && Clock.now() < patience) {
            Thread.onSpinWait();
        }
        return old;
    }

    /** How many goroutines live. */
    public static int numGoroutine() {
        return (int) Math.min(Integer.MAX_VALUE, Sched.live());
    }

    /** "custom" or "fallback". */
    public static String mode() {
        return Loom.CUSTOM ? "custom" : "fallback";
    }

    /** One line about the mode. */
    public static String describeMode() {
        return Loom.CUSTOM
                ? "custom: goroutines run on Jenny's scheduler"
                        + (Coroutine.AVAILABLE
                                ? ""
                                : ", switched by the JDK's park since " + Coroutine.WHY_NOT)
                : "fallback: " + Loom.WHY_NOT + "; goroutines run on the JDK's default scheduler";
    }

    /** The flag that turns the custom scheduler on. */
    public static String openFlag() {
        return Config.openFlag();
    }

    /** All goroutines in Go's dump format. */
    public static String stack() {
        return Dump.all();
    }

    /** Sets what gets the exceptions that leave goroutines. */
    public static void onPanic(@Nullable BiConsumer<Goroutine, Throwable> handler) {
        Panics.setHandler(handler);
    }

    /**
     * Sets who sees each exception that leaves a goroutine, on that goroutine, before {@link
     * #onPanic}'s handler. Without a handler, one for which it returns true has no further effect.
     */
    public static void watchPanics(@Nullable BiPredicate<Goroutine, Throwable> watcher) {
        Panics.setWatcher(watcher);
    }

    /** Go's report of the panic {@code e} of the calling goroutine. */
    public static String panicReport(Throwable e) {
        return Panics.report(Objects.requireNonNull(G.current()), e);
    }

    /**
     * Where to record an event of the calling goroutine, at once, before it does anything else;
     * null if events are not recorded, or the caller is no goroutine.
     */
    public static @Nullable Ring traceRing() {
        return Hooks.userRing();
    }

    /**
     * How often a P was stalled by a goroutine that burnt its slice, and by one that blocked its M.
     */
    public static long[] stalls() {
        return new long[] {Sysmon.burningCount(), Sysmon.blockedCount()};
    }

    /** How many timers run. */
    public static int timers() {
        return Timers.count();
    }

    /** Runs {@code main} as goroutine 1; ends the JVM, in a full heap as well. */
    public static void runMain(Task main) {
        Deadlock.MainThread.launcher = Thread.currentThread();
        Panics.exitOnPanic();
        Boot.ensure();
        CountDownLatch ended = new CountDownLatch(1);
        int[] exitCode = {0};
        Task wrapped =
                () -> {
                    try {
                        main.run();
                    } catch (GoexitSignal s) {
                        Deadlock.mainGoexit(); // the program goes on without main
                        throw s;
                    } catch (Throwable t) {
                        G self = (G) Objects.requireNonNull(current());
                        exitCode[0] =
                                Panics.EXIT_CODE; // also if a handler of the program's took it
                        try {
                            Panics.uncaught(self, t);
                        } catch (GoexitSignal s) {
                            // the handler has ended this goroutine, which ends anyway
                        } catch (Throwable inHandler) {
                            Panics.die(self, inHandler); // nobody else would take it
                        }
                    }
                    Deadlock.disable(); // before this goroutine counts as gone
                    ended.countDown();
                };
        Boot.log("main: goroutine " + G.MAIN_ID);
        if (Loom.CUSTOM) {
            Deadlock.enable();
        }
        Sched.start(wrapped, main, G.MAIN_ID);
        try {
            ended.await();
        } catch (InterruptedException e) {
            System.exit(1); // nobody interrupts the launcher but a program that wants it to end
        }
        if (Panics.dying()) {
            Panics.fatal(""); // the report is being printed: its exit code counts
        }
        System.out.flush();
        System.exit(exitCode[0]);
    }
}
