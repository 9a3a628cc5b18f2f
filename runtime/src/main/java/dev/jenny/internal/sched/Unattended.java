package dev.jenny.internal.sched;

import java.util.concurrent.TimeUnit;

/**
 * The monitor's view of a queue whose P is held up, so that its M does not come to it.
 *
 * <p>What lies in it is for Ms that have nothing else to do. If none of them has taken anything for
 * a time slice, all of it goes to the global queue, where busy Ms look, too. The monitor is a thief
 * like any other: the owner may come back at any moment.
 */
final class Unattended {
    private static final long PATIENCE = TimeUnit.MILLISECONDS.toNanos(10);

    /** What is on its way; empty between two calls. The monitor is its owner. */
    private static final RunQueue<G> MOVED = new RunQueue<>();

    private final RunQueue<G> queue;
    private int taken;
    private long since;

    Unattended(RunQueue<G> queue) {
        this.queue = queue;
    }

    /** Its M is there to look after it. */
    void attended(long now) {
        since = now;
    }

    /**
     * Its M is not there: looks after it.
     *
     * @return when to look again; {@code Long.MAX_VALUE} if nothing is in it
     */
    long look(long now) {
        if (queue.isEmpty()) {
            since = now;
            return Long.MAX_VALUE;
        }
        if (queue.taken() != taken) {
            since = now;
        } else if (now - since >= PATIENCE) {
            move();
            since = now;
        }
        taken = queue.taken();
        return since + PATIENCE;
    }

    private void move() {
        for (G last; (last = MOVED.stealFrom(queue)) != null; ) {
            for (G g; (g = MOVED.poll()) != null; ) {
                Sched.GLOBAL.add(g);
            }
            Sched.GLOBAL.add(last);
        }
        G next = queue.takeNext();
        if (next != null) {
            Sched.GLOBAL.add(next);
        }
        MOVED.forget();
        Sched.wake();
    }
}
