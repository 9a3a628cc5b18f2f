package dev.jenny.inspect.internal.http;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Interrupts threads that wait too long for a client. A blocking read or write of a socket channel
 * that is interrupted closes the channel, so the thread comes back and the client is gone.
 *
 * <p>A {@link Watch} is armed and disarmed by its thread; the watchdog interrupts under the same
 * monitor, and only while it is armed: an interrupt never hits what the thread does afterwards.
 */
final class Watchdog implements Runnable {
    private final Set<Watch> watches = ConcurrentHashMap.newKeySet();

    /** One thread's current wait. */
    static final class Watch {
        private @Nullable Thread thread; // guarded by this; null while not armed
        private long deadline;

        /** The calling thread is going to wait for its client, for {@code limit} at most. */
        synchronized void begin(Duration limit) {
            thread = Thread.currentThread();
            deadline = System.nanoTime() + limit.toNanos();
        }

        synchronized void end() {
            thread = null;
        }

        private synchronized void check(long now) {
            Thread t = thread;
            if (t != null && now - deadline > 0) {
                t.interrupt();
                thread = null;
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

    /** Looks at all waits once a second, until it is interrupted. */
    @Override
    public void run() {
        try {
            while (true) {
                Thread.sleep(1000);
                check(System.nanoTime());
            }
        } catch (InterruptedException e) {
            // the server has been closed
        }
    }

    void check(long now) {
        watches.forEach(w -> w.check(now));
    }
}
