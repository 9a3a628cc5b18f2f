package dev.jenny.sync;

import dev.jenny.internal.event.LockWaits;
import dev.jenny.internal.event.MutexProfile;
import dev.jenny.internal.sched.Clock;
import dev.jenny.internal.sched.Labels;
import dev.jenny.internal.sched.Local;
import dev.jenny.internal.sched.WaitReason;
import dev.jenny.internal.sched.Waiter;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;

/**
 * A mutual exclusion lock, Go's {@code sync.Mutex}.
 *
 * <p>It is not reentrant, and it has no owner: one goroutine may lock it and another unlock it. A
 * goroutine that locks it twice waits for ever, or until somebody else unlocks it.
 *
 * {@snippet :
 * import dev.jenny.sync.Mutex;
 *
 * class Counter {
 *     private final Mutex mu = new Mutex();
 *     private long n;
 *
 *     void increment() {
 *         mu.lock();
 *         try {
 *             n++;
 *         } finally {
 *             mu.unlock();
 *         }
 *     }
 * }
 * }
 *
 * <p><b>Order.</b> Waiters queue first come, first served. Normally a woken waiter competes with
 * goroutines that arrive just then, and goes back to the front of the queue if it loses: whoever
 * runs already gets the lock soonest. Once a waiter has lost in this way after waiting for more
 * than 1 ms, the mutex is handed from owner to waiter in strict order, until a waiter has waited
 * for less than 1 ms or none is left. So nobody starves, even beside a goroutine that does nothing
 * but lock and unlock.
 *
 * <p><b>Memory.</b> What a thread does before {@link #unlock} happens before the return of the next
 * successful {@code lock}. A {@code tryLock} that fails orders nothing.
 *
 * <p><b>Cost.</b> One compare-and-set to lock and one to unlock while nobody waits; no memory is
 * allocated then.
 */
// Algorithm: Go's internal/sync/mutex.go, with two changes. Waiters sit in a queue of our own, so
// they can leave it; and a hand-over keeps LOCKED set, so that no starving bit is needed to keep
// arrivals out.
//
// Invariants:
//  I1  WAITERS is set if and only if the queue is not empty, whenever queue's lock is free. It
//      changes only under that lock.
//  I2  WOKEN is a token: set by the waker that takes a waiter out of the queue to compete, under
//      queue's lock and only while it is clear; cleared by that waiter when it acquires the mutex,
//      when it goes back to the queue, or when it gives up. While it is set, an unlock wakes
//      nobody: the token's holder looks at the mutex after that unlock.
//  I3  Nothing is lost: a waiter goes into the queue by the CAS that sets WAITERS while LOCKED is
//      set, so the unlock that clears LOCKED comes later and finds it, or finds WOKEN (I2). The
//      token's holder drops WOKEN only in a CAS that has LOCKED set, with the same consequence, or
//      after taking the mutex, or when the queue is empty.
//  I4  starving is guarded by queue's lock. While it is set, WOKEN is clear and an unlock with
//      waiters never clears LOCKED: ownership goes to the head of the queue.
public final class Mutex implements Lock {
    private static final int LOCKED = 1;
    private static final int WAITERS = 1 << 1;
    private static final int WOKEN = 1 << 2;

    private static final long STARVING_NANOS = 1_000_000;
    private static final int SPIN_ROUNDS = 4;
    private static final int SPINS_PER_ROUND = 30;

    private static final VarHandle STATE;

    static {
        try {
            STATE = MethodHandles.lookup().findVarHandle(Mutex.class, "state", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private static final class Queue extends WaitList {
        boolean starving;
        int length;
    }

    private volatile int state;
    private final Queue queue = new Queue();

    /**
     * The id of the thread that locked it last, for dumps: a plain store after each lock, so it may
     * be behind the state for a moment.
     */
    private long owner;

    /** An unlocked mutex. */
    public Mutex() {}

    /**
     * Locks the mutex, waiting as long as it takes. An interrupt does not end the wait; it is left
     * pending. In dumps the wait shows as {@code sync.Mutex.Lock}.
     */
    @Override
    public void lock() {
        if (!STATE.compareAndSet(this, 0, LOCKED)) {
            lockSlow(false, Long.MAX_VALUE, this);
        }
        owned();
    }

    /**
     * Locks the mutex, waiting until that is possible or the thread is interrupted.
     *
     * @throws InterruptedException if the thread was interrupted before or during the wait; the
     *     mutex has not been locked
     */
    @Override
    public void lockInterruptibly() throws InterruptedException {
        WaitList.resultOf(acquire(true, Long.MAX_VALUE, this));
    }

    /**
     * Locks the mutex if nobody holds it; never waits. It may overtake goroutines that wait, except
     * when the mutex is being handed over in order.
     *
     * @return true if the mutex is now locked by this call
     */
    @Override
    public boolean tryLock() {
        return tryAcquire(0) && owned();
    }

    /**
     * Locks the mutex, waiting for up to the given time.
     *
     * @param time how long to wait; zero or less: not at all
     * @param unit the unit of {@code time}
     * @return true if the mutex is now locked by this call; false if the time ran out
     * @throws InterruptedException if the thread was interrupted before or during the wait; the
     *     mutex has not been locked
     */
    @Override
    public boolean tryLock(long time, TimeUnit unit) throws InterruptedException {
        WaitList.checkInterrupt();
        if (tryAcquire(0)) {
            return owned();
        }
        long nanos = unit.toNanos(time);
        return nanos > 0 && WaitList.resultOf(lockSlow(true, Clock.after(nanos), this)) && owned();
    }

    /**
     * Unlocks the mutex. Any thread may do so, not just the one that locked it.
     *
     * @throws IllegalMonitorStateException {@code sync: unlock of unlocked mutex}
     */
    @Override
    public void unlock() {
        if (!STATE.compareAndSet(this, LOCKED, 0)) {
            unlockSlow();
        }
    }

    /** {@return whether somebody holds the mutex at this moment} For monitoring and tests. */
    public boolean isLocked() {
        return (state & LOCKED) != 0;
    }

    /**
     * A condition bound to this mutex. Its waits release the mutex and lock it again before they
     * return. They are first in, first out, and there are no spurious wake-ups. Signalling does not
     * require the mutex to be held; waiting does.
     *
     * @see Cond
     */
    @Override
    public Condition newCondition() {
        return new LockCondition(this);
    }

    @Override
    public String toString() {
        return "sync.Mutex[" + (isLocked() ? "locked]" : "unlocked]");
    }

    /**
     * Like the public methods: READY means that the mutex has been locked.
     *
     * @param on what the tools are to say that the thread waits for: this mutex, or what it is a
     *     part of
     */
    Waiter.Outcome acquire(boolean interruptible, long deadline, Object on) {
        if (interruptible && Thread.interrupted()) {
            return Waiter.Outcome.INTERRUPTED;
        }
        Waiter.Outcome o =
                STATE.compareAndSet(this, 0, LOCKED)
                        ? Waiter.Outcome.READY
                        : lockSlow(interruptible, deadline, on);
        if (o == Waiter.Outcome.READY) {
            owned();
        }
        return o;
    }

    /** The id of the thread that holds the mutex, or did a moment ago; 0 if it is unlocked. */
    long owner() {
        return isLocked() ? owner : 0;
    }

    /** Notes who has just locked it. Always true. */
    private boolean owned() {
        owner = Thread.currentThread().threadId();
        return true;
    }

    /** Locks if unlocked, giving back {@code token}, which is {@link #WOKEN} or 0. */
    private boolean tryAcquire(int token) {
        for (int s = state; (s & LOCKED) == 0; s = state) {
            if (STATE.compareAndSet(this, s, (s & ~token) | LOCKED)) {
                return true;
            }
        }
        return false;
    }

    private boolean spin(int token) {
        for (int i = 0; i < SPIN_ROUNDS && Local.maySpin(); i++) {
            for (int k = 0; k < SPINS_PER_ROUND; k++) {
                Thread.onSpinWait();
            }
            if (tryAcquire(token)) {
                return true;
            }
        }
        return false;
    }

    private Waiter.Outcome lockSlow(boolean interruptible, long deadline, Object on) {
        int token = 0;
        boolean starved = false;
        long since = 0;
        long waited = 0;
        for (; ; ) {
            if (tryAcquire(token) || (!starved && spin(token))) {
                return lockedAfter(waited);
            }
            if (since == 0) {
                since = Clock.now();
            }
            Waiter w;
            try {
                w = WaitList.waiter(deadline);
            } catch (Throwable t) { // no memory for it
                if (token != 0) {
                    passOn();
                }
                throw t;
            }
            if (!enqueue(w, token, starved)) {
                w.release();
                return lockedAfter(waited);
            }
            Waiter.Outcome o =
                    WaitList.await(w, interruptible, deadline, WaitReason.MUTEX_LOCK, on);
            if (o != Waiter.Outcome.READY) {
                if (leave(w)) {
                    w.release();
                    return o;
                }
                w.awaitUninterruptibly(WaitReason.MUTEX_LOCK, on);
            }
            boolean handedOver = w.ok;
            w.release();
            waited = Clock.now() - since;
            if (handedOver) {
                if (waited < STARVING_NANOS) {
                    queue.lock();
                    queue.starving = false;
                    queue.unlock();
                }
                // what came first has succeeded: an interrupt is for the thread's next wait
                WaitList.restoreInterrupt(o);
                return lockedAfter(waited);
            }
            token = WOKEN;
            if (o != Waiter.Outcome.READY) {
                if (tryAcquire(token)) {
                    WaitList.restoreInterrupt(o);
                    return lockedAfter(waited);
                }
                passOn();
                return o;
            }
            starved = waited > STARVING_NANOS;
        }
    }

    private static Waiter.Outcome lockedAfter(long waited) {
        if (waited > 0) {
            LockWaits.add(waited);
        }
        return Waiter.Outcome.READY;
    }

    /**
     * Queues {@code w}: at the front if its thread has the token, which is given back, else at the
     * end. False if the mutex was found unlocked, and is now locked instead.
     */
    private boolean enqueue(Waiter w, int token, boolean starved) {
        queue.lock();
        for (; ; ) {
            int s = state;
            boolean locked = (s & LOCKED) != 0;
            if (STATE.compareAndSet(this, s, (s & ~token) | (locked ? WAITERS : LOCKED))) {
                if (locked) {
                    WaitList.noteBegin(w);
                    queue.length++;
                    if (token == 0) {
                        queue.queue.add(w);
                    } else {
                        queue.queue.addFirst(w);
                        queue.starving |= starved;
                    }
                }
                queue.unlock();
                return locked;
            }
        }
    }

    /** Takes {@code w} out of the queue; false if a waker has it. */
    private boolean leave(Waiter w) {
        queue.lock();
        boolean left = queue.queue.remove(w);
        if (left && --queue.length == 0) {
            queue.starving = false;
            STATE.getAndBitwiseAnd(this, ~WAITERS);
        }
        queue.unlock();
        return left;
    }

    /** The holder of the token no longer wants the mutex. */
    private void passOn() {
        queue.lock();
        Waiter next;
        for (; ; ) {
            int s = state;
            next = (s & LOCKED) == 0 ? queue.queue.peek() : null;
            // with LOCKED set, the unlock to come wakes the next waiter
            int t = next == null ? s & ~WOKEN : without(next, s);
            if (STATE.compareAndSet(this, s, t)) {
                break;
            }
        }
        if (next != null) {
            queue.queue.poll();
            queue.length--;
        }
        queue.unlock();
        if (next != null) {
            next.ready();
        }
    }

    private void unlockSlow() {
        for (; ; ) {
            int s = state;
            if ((s & LOCKED) == 0) {
                throw new IllegalMonitorStateException("sync: unlock of unlocked mutex");
            }
            if ((s & (WAITERS | WOKEN)) == WAITERS) {
                if (unlockAndWake()) {
                    return;
                }
            } else if (STATE.compareAndSet(this, s, s & ~LOCKED)) {
                return;
            }
        }
    }

    /**
     * Unlocks and wakes the head of the queue; false if the state has changed since it was read.
     */
    private boolean unlockAndWake() {
        queue.lock();
        Waiter head = queue.queue.peek();
        int s = state;
        boolean handOver = queue.starving;
        if (handOver) {
            owner = 0; // not known until the new one, which stays locked out of sight, says so
        }
        if (head == null
                || (s & (LOCKED | WAITERS | WOKEN)) != (LOCKED | WAITERS)
                || !STATE.compareAndSet(
                        this,
                        s,
                        handOver ? without(head, s) : (without(head, s) & ~LOCKED) | WOKEN)) {
            queue.unlock();
            return false;
        }
        long waited = 0;
        long waitedAll = 0;
        if (MutexProfile.isOn()) {
            long now = Clock.now();
            waited = WaitList.waited(head, now);
            waitedAll = queue.waitedAll(queue.length, now);
        }
        queue.queue.poll();
        if (--queue.length == 0) {
            queue.starving = false;
        }
        head.ok = handOver;
        queue.unlock();
        head.ready();
        if (waited > 0) {
            MutexProfile.unlocked(waited, waitedAll, Labels.current());
        }
        return true;
    }

    /** State {@code s} once {@code head} has left the queue. */
    private int without(Waiter head, int s) {
        return queue.queue.after(head) == null ? s & ~WAITERS : s;
    }
}
