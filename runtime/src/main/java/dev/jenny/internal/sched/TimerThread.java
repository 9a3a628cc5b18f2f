package dev.jenny.internal.sched;

import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** Fires timers in fallback mode, where there are no Ms to do it between goroutines. */
final class TimerThread {
    private static volatile @Nullable Thread thread;
    private static volatile long until;

    private TimerThread() {}

    static void start() {
        Thread t =
                Thread.ofPlatform()
                        .group(Boot.threadGroup())
                        .name("jenny-timer")
                        .daemon()
                        .inheritInheritableThreadLocals(false)
                        .unstarted(() -> Panics.keepGoing(TimerThread::loop));
        thread = t;
        t.start();
    }

    private static boolean loop() {
        for (; ; ) {
            long next = Timers.next();
            until = next;
            if (Timers.next() < next) { // after the volatile write: see timerAdded
                continue;
            }
            long wait = next - Clock.tick();
            if (next == Long.MAX_VALUE) {
                LockSupport.park(TimerThread.class);
            } else if (wait > 0) {
                LockSupport.parkNanos(TimerThread.class, wait);
            } else {
                Timers.runDue(Clock.now());
                Deadlock.goroutineEnded(); // it may have waited for the timer only
            }
        }
    }

    /** Called after the timer has been published; wakes the thread if it sleeps too long. */
    static void timerAdded(long when) {
        if (until > when) {
            LockSupport.unpark(thread);
        }
    }
}
