package dev.jenny.inspect.internal.model;

import dev.jenny.internal.sched.CaseWaiter;
import dev.jenny.internal.sched.Selection;
import dev.jenny.internal.sched.WaitQueue;
import dev.jenny.internal.sched.Waiter;

/**
 * Looks into channels' queues without their locks, which a tool's thread must not hold: if it were
 * descheduled, goroutines would wait for it. So a walk sees a queue that changes under it, and ends
 * after a bounded number of steps wherever it is.
 */
final class Channels {
    private static final int MAX_COUNTED = 100_000;
    private static final int MAX_SEARCHED = 1_000;

    private Channels() {}

    /** How many wait in {@code q}; no more than 100,000. */
    static int count(WaitQueue q) {
        int n = 0;
        for (Waiter w = q.peek(); w != null && n < MAX_COUNTED; w = q.after(w)) {
            n++;
        }
        return n;
    }

    /** Whether {@code s} waits in {@code q}, among the first 1000. */
    static boolean has(WaitQueue q, Selection s) {
        int n = 0;
        for (Waiter w = q.peek(); w != null && n < MAX_SEARCHED; w = q.after(w)) {
            if (w instanceof CaseWaiter c && c.selection == s) {
                return true;
            }
            n++;
        }
        return false;
    }

    /** How many wait in {@code q} before {@code t}; -1 if it is not among the first 100,000. */
    static int position(WaitQueue q, Thread t) {
        int n = 0;
        for (Waiter w = q.peek(); w != null && n < MAX_COUNTED; w = q.after(w)) {
            if (w.thread() == t) {
                return n;
            }
            n++;
        }
        return -1;
    }
}
