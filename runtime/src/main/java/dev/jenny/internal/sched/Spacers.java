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
 * <p>It is a matter of speed alone: if a thread cannot be started, there is none. One use each, by
 * one thread.
 */
final class Spacers {
    /** For two lines of 64 bytes: CPUs fetch lines in pairs. */
    private static final int FOR_EACH = 3;

    private static final long STACK_BYTES = 64 << 10;

    private final List<Thread> started = new ArrayList<>();
    private volatile boolean over;

    /** Called before an M is started. */
    void before(M m) {
        if (m.p.id == 0) {
            return;
        }
        for (int i = 0; i < FOR_EACH; i++) {
            Thread t =
                    new Thread(Sched.threadGroup(), this::stay, "jenny-spacer", STACK_BYTES, false);
            t.setDaemon(true);
            try {
                t.start();
            } catch (OutOfMemoryError e) {
                return; // there are no more threads to be had
            }
            started.add(t);
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
