package dev.jenny.sync;

import dev.jenny.internal.sched.Clock;
import dev.jenny.internal.sched.WaitReason;
import dev.jenny.internal.sched.Waiter;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.locks.Lock;

/**
 * A place where goroutines wait until something may have become true, Go's {@code sync.Cond}.
 *
 * <p>Each Cond goes with a lock, which is held when the condition is tested or changed and when
 * {@link #await} is called. Any {@link Lock} will do: a {@link Mutex}, the {@link
 * RWMutex#writeLock}, the {@link RWMutex#readLock}, a JDK lock. Often a channel is simpler: closing
 * one is a broadcast, sending on one is a signal.
 *
 * {@snippet :
 * import dev.jenny.sync.Cond;
 * import dev.jenny.sync.Mutex;
 * import java.util.ArrayDeque;
 *
 * class Mailbox {
 *     private final Mutex mu = new Mutex();
 *     private final Cond notEmpty = new Cond(mu);
 *     private final ArrayDeque<String> letters = new ArrayDeque<>();
 *
 *     void put(String letter) {
 *         mu.lock();
 *         letters.add(letter);
 *         mu.unlock();
 *         notEmpty.signal();
 *     }
 *
 *     String take() throws InterruptedException {
 *         mu.lock();
 *         try {
 *             while (letters.isEmpty()) {
 *                 notEmpty.await();
 *             }
 *             return letters.remove();
 *         } finally {
 *             mu.unlock();
 *         }
 *     }
 * }
 * }
 *
 * <p><b>Order.</b> {@link #signal} wakes the goroutine that has waited longest. There are no
 * spurious wake-ups: a wait ends because of a signal, an interrupt or its timeout. Still, test the
 * condition in a loop, since another goroutine may take the lock before the woken one.
 *
 * <p><b>Memory.</b> A signal happens before the return of the wait that it ends.
 *
 * <p>The algorithm is Go's {@code notifyList}: a wait enters the queue before it unlocks the lock,
 * so no signal given with the lock held, after the wait began, can miss it.
 */
public final class Cond {
    private final Lock lock;
    private final WaitList waiting = new WaitList();

    /**
     * A condition that goes with {@code lock}.
     *
     * @param lock the lock that waits release
     * @throws NullPointerException if {@code lock} is null
     */
    public Cond(Lock lock) {
        this.lock = Objects.requireNonNull(lock, "lock");
    }

    /** {@return the lock that this condition goes with} */
    public Lock lock() {
        return lock;
    }

    /**
     * Unlocks the lock, waits for a signal, and locks the lock again.
     *
     * @throws InterruptedException if the thread was interrupted before a signal came to it; it has
     *     consumed none. The lock is held again.
     * @throws IllegalMonitorStateException from the lock, if it is not held
     */
    public void await() throws InterruptedException {
        WaitList.resultOf(await(true, Long.MAX_VALUE));
    }

    /**
     * Like {@link #await()}, for up to {@code timeout}.
     *
     * @param timeout how long to wait; zero or negative: the lock is just unlocked and locked again
     * @return true if a signal came; false if the time ran out first, and no signal was consumed
     * @throws InterruptedException if the thread was interrupted before a signal came to it; it has
     *     consumed none. The lock is held again.
     * @throws IllegalMonitorStateException from the lock, if it is not held
     */
    public boolean await(Duration timeout) throws InterruptedException {
        return awaitNanos(Clock.nanos(timeout));
    }

    /**
     * Like {@link #await()}, but an interrupt does not end the wait; it is left pending.
     *
     * @throws IllegalMonitorStateException from the lock, if it is not held
     */
    public void awaitUninterruptibly() {
        await(false, Long.MAX_VALUE);
    }

    /** Wakes the goroutine that has waited longest, if any waits. The lock need not be held. */
    public void signal() {
        waiting.lock();
        Waiter w = waiting.queue.poll();
        waiting.unlock();
        if (w != null) {
            w.ready();
        }
    }

    /** Wakes all goroutines that wait. The lock need not be held. */
    public void broadcast() {
        waiting.lock();
        Waiter chain = waiting.takeAll();
        waiting.unlock();
        WaitList.readyAll(chain);
    }

    boolean awaitNanos(long nanos) throws InterruptedException {
        return WaitList.resultOf(await(true, nanos <= 0 ? Long.MIN_VALUE : Clock.after(nanos)));
    }

    /** The wait; a deadline of {@code Long.MIN_VALUE} has passed already. READY means signalled. */
    private Waiter.Outcome await(boolean interruptible, long deadline) {
        if (interruptible && Thread.interrupted()) {
            return Waiter.Outcome.INTERRUPTED;
        }
        Waiter w = WaitList.waiter(deadline);
        waiting.lock();
        waiting.queue.add(w);
        waiting.unlock();
        try {
            lock.unlock();
        } catch (Throwable notHeld) {
            if (!leave(w)) {
                signal(); // a signal came to this wait, which never began
            }
            w.release();
            throw notHeld;
        }
        Waiter.Outcome o =
                deadline == Long.MIN_VALUE
                        ? Waiter.Outcome.TIMED_OUT
                        : WaitList.await(w, interruptible, deadline, WaitReason.COND_WAIT, this);
        if (o != Waiter.Outcome.READY && !leave(w)) {
            WaitList.restoreInterrupt(o); // the signal came first
            o = Waiter.Outcome.READY;
        }
        w.release();
        lock.lock();
        return o;
    }

    /** Takes {@code w} out of the queue; false if a signal has it, and then it has been readied. */
    private boolean leave(Waiter w) {
        waiting.lock();
        boolean left = waiting.queue.remove(w);
        waiting.unlock();
        if (!left) {
            w.awaitUninterruptibly(WaitReason.COND_WAIT, this);
        }
        return left;
    }
}
