package dev.jenny.internal.sched;

import dev.jenny.internal.loom.Coroutine;
import dev.jenny.internal.loom.Loom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The monitor: a platform thread without a P that looks after what Ms cannot see themselves.
 *
 * <p>It sleeps 20 µs at first, and once 50 looks in a row found nothing to do doubles the sleep
 * each time up to 10 ms. When every P has been idle for a second it sleeps until an M is woken.
 *
 * <p>At each look:
 *
 * <ul>
 *   <li>A P that has run one goroutine for 10 ms while work was waiting, or for 100 ms, is held up:
 *       its place in GOMAXPROCS goes to another P ({@link Procs#stall}). Counted is the time that
 *       the M was on a CPU (the goroutine burns) or was blocked; time in which the machine gave the
 *       M no CPU says nothing about the goroutine.
 *   <li>A P that has spent 10 ms in one chain of hand-offs through its next slot is told to break
 *       it off. What is in the slot then goes to the tail of the global queue.
 *   <li>Timers that are overdue are fired, for when every M is busy.
 *   <li>GOMAXPROCS follows the CPU count, unless the user has set it.
 *   <li>Under {@code jenny run}, a program that has stopped for good is reported ({@link
 *       Deadlock}).
 * </ul>
 */
final class Sysmon {
    private static final long MIN_SLEEP = TimeUnit.MICROSECONDS.toNanos(20);
    private static final long MAX_SLEEP = TimeUnit.MILLISECONDS.toNanos(10);
    private static final int QUICK_LOOKS = 50;
    private static final long SLICE = TimeUnit.MILLISECONDS.toNanos(10);
    private static final long LONG_SLICE = TimeUnit.MILLISECONDS.toNanos(100);
    private static final long SAMPLE_AFTER = TimeUnit.MILLISECONDS.toNanos(2);
    private static final long TIMER_GRACE = 2 * SLICE;
    private static final long DEEP_SLEEP_AFTER = TimeUnit.SECONDS.toNanos(1);
    private static final long PAUSE = TimeUnit.MILLISECONDS.toNanos(5);
    private static final long CPU_CHECK = TimeUnit.SECONDS.toNanos(1);

    private static volatile @Nullable Thread thread;
    private static volatile boolean deep;

    // how often a P was found held up, by cause
    private static final AtomicLong BURNING = new AtomicLong();
    private static final AtomicLong BLOCKED = new AtomicLong();

    private static long idleSince = -1;
    private static long nextCpuCheck;
    private static long nextLook = Long.MAX_VALUE;
    private static long pollersSince;
    private static boolean limitReported;
    private static boolean shortageReported;

    private Sysmon() {}

    static void start() {
        Thread t =
                Thread.ofPlatform()
                        .group(Boot.threadGroup())
                        .name("jenny-sysmon")
                        .daemon()
                        .inheritInheritableThreadLocals(false)
                        .unstarted(Sysmon::main);
        thread = t;
        t.start();
        if (Debug.INSTANCE.hogs) {
            HeldUp.watch(HeldUp::print);
        }
    }

    private static void main() {
        BooleanSupplier loop = Sysmon::loop; // before there can be no memory for it
        try {
            prepare();
        } catch (Throwable t) {
            Panics.internal(t); // it can do without
        }
        Panics.keepGoing(loop);
    }

    /**
     * Does what would fail if it were first done in a full heap, and some of it for good: a class
     * whose initialization has failed is never usable again.
     */
    private static void prepare() {
        Coroutine.settle();
        Loom.osYield();
        HeldUp.initialize();
        ThreadCpu cpu = ThreadCpu.ofCurrentThread();
        if (cpu != null) {
            cpu.read();
            cpu.runnable();
            cpu.close();
        }
    }

    /** Wakes the monitor from its deep sleep; called when an M leaves the idle. */
    static void nudge() {
        if (deep) {
            deep = false;
            LockSupport.unpark(thread);
        }
    }

    /** How often a goroutine was found to burn CPU for a whole slice and more. */
    static long burningCount() {
        return BURNING.get();
    }

    /** How often a goroutine was found to block its M for a whole slice and more. */
    static long blockedCount() {
        return BLOCKED.get();
    }

    private static boolean loop() {
        long sleep = MIN_SLEEP;
        long pause = sleep;
        int quiet = 0;
        for (; ; ) {
            long before = Clock.now();
            LockSupport.parkNanos(Sysmon.class, pause);
            long now = Clock.tick();
            if (now - before > pause + PAUSE) {
                forgive(now - before - pause); // the whole JVM stood still, at a safepoint, say
            }
            boolean did = retake(now);
            pollSockets(now);
            // Ms fire timers at their next scheduling step, and what is readied there comes next;
            // what is readied here goes to the end of the global queue. So only if no M comes to
            // it.
            if (Timers.next() < now - TIMER_GRACE) {
                Timers.runDue(now);
            }
            SchedTrace.poll(now);
            followCpus(now);
            boolean idle = watchIdle(now);
            if (did) {
                quiet = 0;
                sleep = MIN_SLEEP;
            } else if (++quiet > QUICK_LOOKS) {
                sleep = Math.min(sleep * 2, MAX_SLEEP);
            }
            pause = Math.min(SchedTrace.limit(sleep, now), Math.max(MIN_SLEEP, nextLook - now));
            if (idle && !SchedTrace.enabled()) {
                sleepDeeply();
                pause = MIN_SLEEP;
                quiet = 0;
                sleep = MIN_SLEEP;
            }
        }
    }

    /**
     * Finds Ps that one goroutine, or one chain of hand-offs, holds up. True if a P's place in
     * GOMAXPROCS was given to another.
     */
    private static boolean retake(long now) {
        boolean did = false;
        nextLook = Long.MAX_VALUE;
        for (P p : Procs.all()) {
            if (p.status == P.STALLED || p.status == P.RETIRING) {
                lookAgain(p.unattended.look(now));
                lookAgain(p.unattendedYields.look(now));
            } else {
                p.unattended.attended(now);
                p.unattendedYields.attended(now);
            }
            if (p.status != P.ACTIVE || p.idle) {
                p.seen(now);
                continue;
            }
            int tick = p.readSchedtick();
            int switches = p.readSwitches();
            M m = p.m;
            if (m == null || m.curg == null || tick != p.seenTick) {
                p.seenTick = tick;
                p.seenSwitches = switches;
                p.seen(now);
                continue;
            }
            if (switches != p.seenSwitches) {
                if (now - p.seenSince >= SLICE) {
                    p.preempt = true; // no reason to look more often: as in Go, for slices
                    p.seenSince = now;
                }
                p.seenSwitches = switches;
                p.seenWaiting = false;
                p.sampled = false;
                continue;
            }
            did |= checkHeldUp(p, m, switches, now);
        }
        return did;
    }

    /** If pollers have to wait for 10 ms, they come first; Go's monitor polls then. */
    private static void pollSockets(long now) {
        int waiting = Sched.POLLERS.size();
        if (waiting == 0) {
            pollersSince = now;
        } else if (now - pollersSince >= SLICE) {
            pollersSince = now;
            Sched.pollsDue = waiting;
        }
    }

    private static boolean checkHeldUp(P p, M m, int switches, long now) {
        boolean waiting =
                !p.runq.isEmpty()
                        || Sched.globalSize() > 0
                        || !Sched.POLLERS.isEmpty()
                        || Timers.next() <= now;
        if (waiting && !p.seenWaiting) { // from the first that waits: they may come and go
            p.seen(now);
            p.seenWaiting = true;
        }
        long slice = waiting ? SLICE : LONG_SLICE;
        long held = now - p.seenSince;
        ThreadCpu cpu = m.cpu;
        if (cpu == null) {
            if (held >= slice && stall(p, switches)) {
                BURNING.getAndIncrement();
                Hooks.stalled(p, true, p.seenSince, now);
                HeldUp.noticed(p, m, switches, true, p.seenSince);
                return true;
            }
            return false;
        }
        if (!p.sampled) {
            if (held >= SAMPLE_AFTER && cpu.read()) {
                p.sampled = true;
                p.seenSince = now;
                p.seenCpu = cpu.cpu;
                p.seenDelay = cpu.delay;
            }
            lookAgain(p.seenSince + (p.sampled ? slice - SAMPLE_AFTER : SAMPLE_AFTER));
            return false;
        }
        if (held < slice - SAMPLE_AFTER) {
            lookAgain(p.seenSince + slice - SAMPLE_AFTER);
            return false;
        }
        if (!cpu.read()) {
            return false;
        }
        long onCpu = cpu.cpu - p.seenCpu;
        long waitedForCpu = cpu.delay - p.seenDelay;
        long stopped = held - onCpu - waitedForCpu;
        // On an overloaded machine a slice of CPU time may take many of wall time: do not wait for
        // it.
        boolean burns =
                onCpu >= slice - SAMPLE_AFTER || (held >= 2 * slice && onCpu >= SAMPLE_AFTER);
        if (!burns && (stopped < slice - SAMPLE_AFTER || waitsForCpu(p, cpu, now))) {
            return false;
        }
        if (!stall(p, switches)) {
            reportLimit();
            return false;
        }
        Hooks.stalled(p, burns, p.seenSince, now);
        HeldUp.noticed(p, m, switches, burns, p.seenSince);
        if (burns) {
            BURNING.getAndIncrement();
        } else {
            BLOCKED.getAndIncrement();
        }
        return true;
    }

    /**
     * Whether what looks like a block so far is a wait for a CPU, which the kernel counts only when
     * it is over. Asks the kernel rarely: it opens a file.
     */
    private static boolean waitsForCpu(P p, ThreadCpu cpu, long now) {
        if (now - p.seenRunnable < SAMPLE_AFTER) {
            lookAgain(p.seenRunnable + SAMPLE_AFTER);
            return true;
        }
        boolean runnable = cpu.runnable();
        if (runnable) {
            p.seenRunnable = now;
            lookAgain(now + SAMPLE_AFTER);
        }
        return runnable;
    }

    private static boolean stall(P p, int switches) {
        try {
            return Procs.stall(p, switches);
        } catch (OutOfMemoryError e) {
            if (!shortageReported) {
                shortageReported = true;
                Panics.internal(e);
            }
            return false; // until there is memory, or a thread, for another M
        }
    }

    /** Shortens the next sleep, so that a slice's end is seen when it comes. */
    private static void lookAgain(long when) {
        nextLook = Math.min(nextLook, when);
    }

    private static void reportLimit() {
        if (Procs.atStallLimit() && !limitReported) {
            limitReported = true;
            System.err.println(
                    "jenny: "
                            + Procs.stalledCount()
                            + " goroutines hold up their Ms (native calls, pinned blocking or endless"
                            + " loops); further ones make others wait. Raise the bound with"
                            + " -Djenny.maxStalled=N");
        }
    }

    /** Time that passed while the JVM stood still is nobody's slice. */
    private static void forgive(long nanos) {
        for (P p : Procs.all()) {
            p.seenSince += nanos;
        }
    }

    private static void followCpus(long now) {
        if (now < nextCpuCheck || Config.isFixed()) {
            return;
        }
        nextCpuCheck = now + CPU_CHECK;
        int cpus = Config.cpus();
        if (cpus != Procs.target()) {
            Procs.follow(cpus);
        }
    }

    /** True once everything has been idle for so long that the monitor may sleep too. */
    private static boolean watchIdle(long now) {
        if (!allIdle()) {
            idleSince = -1;
            return false;
        }
        if (idleSince < 0) {
            idleSince = now;
        }
        Deadlock.poll(now - idleSince);
        return now - idleSince > DEEP_SLEEP_AFTER && !Deadlock.watching();
    }

    /** True if no M runs a goroutine or looks for one. */
    static boolean allIdle() {
        for (P p : Procs.all()) {
            int s = p.status;
            if (s != P.SPARE && !p.idle) {
                return false;
            }
        }
        return Sched.spinningCount() == 0 && Sched.globalSize() == 0 && Sched.POLLERS.isEmpty();
    }

    private static void sleepDeeply() {
        deep = true;
        if (allIdle()) { // after the volatile write: see nudge
            while (deep) {
                LockSupport.park(Sysmon.class);
            }
        }
        deep = false;
        idleSince = -1;
    }
}
