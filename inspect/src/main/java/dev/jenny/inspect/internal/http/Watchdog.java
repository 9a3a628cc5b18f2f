package dev.jenny.inspect.internal.http;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Interrupts threads that wait too long for a client. A blocking read or write of a socket channel
 * that is interrupted closes the channel, so the thread comes back and the client is gone.
 *
 * <p>A {@link Watch} is armed and disarmed by its thread; the watchdog interrupts under the same
 * monitor, and only while it is armed: an interrupt never hits what the thread does afterwards.
 *
 * <p>While others wait for a thread, who makes one wait for his request is cut off at the {@value
 * #HASTY_LOOKS}rd look, long before his time is up; else a handful of clients that send nothing
 * would keep all others out for as long as they like. Looks are counted, not time, so that a pause
 * of the whole JVM costs no honest client its connection.
 */
final class Watchdog implements Runnable {
    /** Between two looks, in milliseconds. */
    private static final long PERIOD = 100;

    private static final long IDLE_PERIOD = 1000;
    private static final int HASTY_LOOKS = 3;
    private static final long KEEP_PERIOD = TimeUnit.HOURS.toNanos(1);

    private final Set<Watch> watches = ConcurrentHashMap.newKeySet();
    private final BooleanSupplier othersWait;
    private final Runnable keep;

    /**
     * Makes one that {@link #run} starts.
     *
     * @param othersWait whether there are clients for which there is no thread
     * @param keep what is to be done at each look
     */
    Watchdog(BooleanSupplier othersWait, Runnable keep) {
        this.othersWait = othersWait;
        this.keep = keep;
    }

    /** One thread's current wait. */
    static final class Watch {
        private @Nullable Thread thread; // guarded by this; null while not armed
        private long deadline;
        private boolean hasty;
        private int looks;
        private boolean cutOff;

        /** The calling thread is going to wait for its client, for {@code limit} at most. */
        void begin(Duration limit) {
            begin(limit, false);
        }

        /** As {@link #begin(Duration)}, for less time while others wait for a thread. */
        void beginHasty(Duration limit) {
            begin(limit, true);
        }

        private synchronized void begin(Duration limit, boolean hasty) {
            thread = Thread.currentThread();
            deadline = System.nanoTime() + limit.toNanos();
            this.hasty = hasty;
            looks = 0;
            cutOff = false;
        }

        synchronized void end() {
            thread = null;
        }

        /** Whether the last wait took too long. */
        synchronized boolean cutOff() {
            return cutOff;
        }

        private synchronized void check(long now, boolean othersWait) {
            Thread t = thread;
            boolean late = ++looks >= HASTY_LOOKS && hasty && othersWait;
            if (t != null && (late || now - deadline > 0)) {
                t.interrupt();
                thread = null;
                cutOff = true;
            }
        }
    }

    Watch open() {
        Watch watch = new Watch();
        watches.add(watch);
        return watch;
    }

    void close(Watch watch) {
        watches.remove(watch);
    }

    /**
     * Looks at all waits, once a second if there are none, until it is interrupted; once an hour
     * also whether the program can still be found.
     */
    @Override
    public void run() {
        try {
            for (long kept = System.nanoTime(); ; ) {
                Thread.sleep(watches.isEmpty() ? IDLE_PERIOD : PERIOD);
                try {
                    long now = System.nanoTime();
                    check(now);
                    keep.run();
                    if (now - kept > KEEP_PERIOD) {
                        kept = now;
                        Discovery.keep();
                    }
                } catch (OutOfMemoryError e) {
                    // the program's heap is full, or there are no threads: a later look will do
                }
            }
        } catch (InterruptedException e) {
            // the server has been closed
        }
    }

    void check(long now) {
        boolean waiting = othersWait.getAsBoolean();
        watches.forEach(w -> w.check(now, waiting));
    }
}
