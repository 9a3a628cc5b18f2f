package dev.jenny.internal.sched;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/**
 * Keeps Ms out of each other's cache lines inside the JVM.
 *
 * <p>HotSpot has four words for each platform thread in a table that all threads share: the thread
 * that it is, the virtual thread that it carries, and two more. A thread gets the next free words
 * when it is started, so those of Ms that are started one after the other stand side by side, and
 * each mount and unmount writes one. On different CPUs the Ms would pass the cache line to and fro
 * at each switch (measured in docs/perf-notes.md). So before each M but the first some threads are
 * started that do nothing, and end when all Ms have been started. What takes their words later
 * hardly ever writes them.
 *
 * <p>It is a matter of speed alone: if there are no more threads to be had, the Ms get what there
 * is. Ms that replace held-up ones do without, since the monitor must not take long. One use each,
 * by one thread.
 */
final class Spacers {
    /** For two lines of 64 bytes: CPUs fetch lines in pairs. */
    private static final int FOR_EACH = 3;

    /** In all: with more Ps than this keeps apart, the start would take long. */
    private static final int MAX = 96;

    private static final long STACK_BYTES = 64 << 10;

    private final List<Thread> started = new ArrayList<>();
    private volatile boolean over;

    /** Called before an M is started. */
    void before(M m) {
        for (int i = 0; m.p.id > 0 && !over && i < FOR_EACH && started.size() < MAX; i++) {
            Thread t =
                    new Thread(Sched.threadGroup(), this::stay, "jenny-spacer", STACK_BYTES, false);
            t.setDaemon(true);
            try {
                t.start();
            } catch (OutOfMemoryError e) {
                giveBack();
                return;
            }
            started.add(t);
        }
    }

    /** There are no more threads to be had, and the M needs one. */
    private void giveBack() {
        end();
        boolean interrupted = false;
        for (Thread t : started) {
            try {
                t.join(1_000);
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void stay() {
        while (!over) {
            LockSupport.park(this);
        }
    }

    /** Ends the threads. */
    void end() {
        over = true;
        started.forEach(LockSupport::unpark);
    }
}
