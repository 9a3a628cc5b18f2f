package dev.jenny.sync;

import dev.jenny.internal.sched.WaitReason;
import dev.jenny.internal.sched.Waiter;

/** A gate that is opened once. What happens before {@link #open} happens before waits return. */
final class Latch extends WaitList {
    private boolean open; // guarded by this lock

    /** Lets everybody pass. */
    void open() {
        lock();
        open = true;
        Waiter chain = takeAll();
        unlock();
        readyAll(chain);
    }

    /** Waits until the latch is open. */
    void await(WaitReason reason, Object on) throws InterruptedException {
        checkInterrupt();
        Waiter w = Waiter.acquire();
        lock();
        if (open) {
            unlock();
            w.release();
            return;
        }
        queue.add(w);
        unlock();
        if (w.await(reason, on)) {
            w.release();
            return;
        }
        lock();
        boolean left = queue.remove(w);
        unlock();
        if (!left) {
            w.awaitUninterruptibly(reason, on);
        }
        w.release();
        if (left) {
            throw new InterruptedException();
        }
        Thread.currentThread().interrupt(); // opened first: the next wait sees the interrupt
    }
}
