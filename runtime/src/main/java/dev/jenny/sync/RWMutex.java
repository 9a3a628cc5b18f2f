package dev.jenny.sync;

import dev.jenny.internal.event.LockWaits;
import dev.jenny.internal.event.MutexProfile;
import dev.jenny.internal.sched.Clock;
import dev.jenny.internal.sched.Labels;
import dev.jenny.internal.sched.WaitReason;
import dev.jenny.internal.sched.Waiter;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReadWriteLock;
import org.jspecify.annotations.Nullable;

/**
 * A lock that many readers or one writer can hold, Go's {@code sync.RWMutex}.
 *
 * <p>Like {@link Mutex} it has no owner and is not reentrant. Writers come first: from the moment
 * that a writer waits for readers to leave, new readers wait behind it. <b>So a goroutine that
 * holds the read lock must not lock it again:</b> if a writer has begun to wait in between, both
 * wait for ever. Nor can a read lock be turned into a write lock, or the other way round.
 *
 * {@snippet :
 * import dev.jenny.sync.RWMutex;
 * import java.util.HashMap;
 * import java.util.Map;
 *
 * class Cache {
 *     private final RWMutex mu = new RWMutex();
 *     private final Map<String, String> map = new HashMap<>();
 *
 *     String get(String key) {
 *         mu.rLock();
 *         try {
 *             return map.get(key);
 *         } finally {
 *             mu.rUnlock();
 *         }
 *     }
 *
 *     void put(String key, String value) {
 *         mu.lock();
 *         try {
 *             map.put(key, value);
 *         } finally {
 *             mu.unlock();
 *         }
 *     }
 * }
 * }
 *
 * <p><b>Order.</b> When a writer unlocks, all readers that queued meanwhile are let in before the
 * next writer. Writers compete among themselves as on a {@link Mutex}. Neither side can starve the
 * other.
 *
 * <p><b>Memory.</b> What happens before a write unlock happens before every later lock, read or
 * write; what happens before a read unlock happens before every later write lock.
 *
 * <p><b>Dumps.</b> A reader waits in {@code sync.RWMutex.RLock}, a writer in {@code
 * sync.RWMutex.Lock} while it waits for readers, and in {@code sync.Mutex.Lock} while it waits for
 * another writer.
 */
// Algorithm: Go's sync/rwmutex.go in its outline: writers exclude each other by a Mutex, and its
// holder announces itself to the readers. Instead of adding to counters it uses compare-and-set on
// one word, so that a writer that gives up can undo its announcement.
//
// state = number of active readers | WRITER | QUEUED
//
// Invariants:
//  I1  WRITER is set only by the holder of the mutex `writers`, and cleared before that is
//      unlocked. The writer has the lock if WRITER is set and the number of readers is 0.
//  I2  While WRITER is set the number of readers only goes down. The reader whose CAS takes it to 0
//      thereby gives the lock to the writer, and is the one that readies it.
//  I3  QUEUED is set if and only if the queue of readers is not empty, whenever its lock is free;
//      it changes only under that lock, and is set only while WRITER is.
//  I4  WRITER and QUEUED are cleared together, in the CAS that counts all queued readers in as
//      active. After that they hold the lock, whether or not they have run again.
public final class RWMutex implements ReadWriteLock {
    private static final long WRITER = 1L << 62;
    private static final long QUEUED = 1L << 61;
    private static final long READERS = QUEUED - 1;

    private static final VarHandle STATE;

    static {
        try {
            STATE = MethodHandles.lookup().findVarHandle(RWMutex.class, "state", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    static final class Readers extends WaitList {
        int count;
        final @Nullable ReadHolders holders = ReadHolders.ON ? new ReadHolders() : null;
    }

    private volatile long state;
    private final Mutex writers = new Mutex();

    /** Seen by tests, which hold it to look at the moment between an interrupt and what follows. */
    final Readers readers = new Readers();

    /** The writer that waits for readers to leave; published by the CAS that sets WRITER. */
    private @Nullable Waiter writer;

    private final Lock readView = new ReadView();
    private final Lock writeView = new WriteView();

    /** An unlocked lock. */
    public RWMutex() {}

    /**
     * The read lock as a {@link Lock}. It has no conditions: {@code newCondition} throws {@link
     * UnsupportedOperationException}.
     */
    @Override
    public Lock readLock() {
        return readView;
    }

    /** The write lock as a {@link Lock}, with interruptible and timed forms and conditions. */
    @Override
    public Lock writeLock() {
        return writeView;
    }

    /**
     * Locks for writing, waiting as long as it takes. An interrupt does not end the wait; it is
     * left pending. For a wait that ends there is {@code lockInterruptibly} of {@link #writeLock}.
     */
    public void lock() {
        lock(false, Long.MAX_VALUE);
    }

    /**
     * Locks for writing if nobody holds the lock; never waits. May also fail while another thread
     * is just unlocking it, or trying for it in vain.
     *
     * @return true if the lock is now held for writing by this call
     */
    public boolean tryLock() {
        if (!writers.tryLock()) {
            return false;
        }
        if (STATE.compareAndSet(this, 0L, WRITER)) {
            return true;
        }
        writers.unlock();
        return false;
    }

    /**
     * Unlocks after writing, and lets in all readers that wait. Any thread may do so.
     *
     * @throws IllegalMonitorStateException {@code sync: Unlock of unlocked RWMutex}
     */
    public void unlock() {
        if (!STATE.compareAndSet(this, WRITER, 0L) && !clearWriter(true)) {
            throw new IllegalMonitorStateException("sync: Unlock of unlocked RWMutex");
        }
        writers.unlock();
    }

    /**
     * Locks for reading, waiting while a writer holds the lock or waits for it. An interrupt does
     * not end the wait; it is left pending. For a wait that ends there is {@code lockInterruptibly}
     * of {@link #readLock}.
     */
    public void rLock() {
        if (!tryRLock()) {
            rLockSlow(false, Long.MAX_VALUE);
        }
    }

    /**
     * Locks for reading unless a writer holds the lock or waits for it; never waits.
     *
     * @return true if the lock is now held for reading by this call
     */
    public boolean tryRLock() {
        // Guessed, not read: a read before the CAS takes time, and a second trip of the cache line.
        for (long guess = 0; ; ) {
            long s = (long) STATE.compareAndExchange(this, guess, guess + 1);
            if (s == guess) {
                if (ReadHolders.ON) {
                    noteReader();
                }
                return true;
            }
            if ((s & WRITER) != 0) {
                return false;
            }
            guess = s;
        }
    }

    private void noteReader() {
        ReadHolders h = readers.holders;
        if (h != null) {
            h.locked();
        }
    }

    /**
     * Undoes one {@link #rLock}. Any thread may do so.
     *
     * @throws IllegalMonitorStateException {@code sync: RUnlock of unlocked RWMutex}
     */
    public void rUnlock() {
        ReadHolders holders = ReadHolders.ON && readerCount() > 0 ? readers.holders : null;
        if (holders != null) {
            holders.unlocks();
        }
        for (long guess = 1; ; ) {
            long s = (long) STATE.compareAndExchange(this, guess, guess - 1);
            if ((s & READERS) == 0) {
                throw new IllegalMonitorStateException("sync: RUnlock of unlocked RWMutex");
            }
            if (s != guess) {
                guess = s;
            } else {
                if ((s & (WRITER | READERS)) == (WRITER | 1)) {
                    Waiter w = writer; // it waits for this, and for nobody else (I2)
                    if (w != null) {
                        long waited = MutexProfile.isOn() ? WaitList.waited(w, Clock.now()) : 0;
                        w.ready();
                        if (waited > 0) {
                            MutexProfile.unlocked(waited, waited, Labels.current());
                        }
                    }
                }
                return;
            }
        }
    }

    /** The id of the thread that writes or waits to; 0 if there is none. */
    long writerId() {
        return (state & WRITER) != 0 ? writers.owner() : 0;
    }

    /** How many read. */
    long readerCount() {
        return state & READERS;
    }

    /** The ids of the threads known to read; see {@link ReadHolders}. */
    List<Long> knownReaders() {
        ReadHolders h = readers.holders;
        return h == null ? List.of() : h.known();
    }

    @Override
    public String toString() {
        long s = state;
        long n = s & READERS;
        String held = n > 0 ? n + " readers" : (s & WRITER) != 0 ? "write-locked" : "unlocked";
        return "sync.RWMutex[" + held + "]";
    }

    private Waiter.Outcome lock(boolean interruptible, long deadline) {
        Waiter.Outcome o = writers.acquire(interruptible, deadline, this);
        if (o != Waiter.Outcome.READY || STATE.compareAndSet(this, 0L, WRITER)) {
            return o;
        }
        Waiter w;
        try {
            w = WaitList.waiter(deadline);
        } catch (Throwable t) { // no memory for it
            writers.unlock();
            throw t;
        }
        o = awaitReaders(w, interruptible, deadline);
        if (o != Waiter.Outcome.READY) {
            writers.unlock();
        }
        return o;
    }

    /** The holder of {@code writers} waits for the readers; READY if it now has the lock. */
    private Waiter.Outcome awaitReaders(Waiter w, boolean interruptible, long deadline) {
        WaitList.noteBegin(w);
        writer = w;
        long s = (long) STATE.getAndBitwiseOr(this, WRITER);
        Waiter.Outcome o = Waiter.Outcome.READY;
        if (s != 0) {
            long begin = LockWaits.begin();
            o = WaitList.await(w, interruptible, deadline, WaitReason.RWMUTEX_LOCK, this);
            if (o != Waiter.Outcome.READY && !clearWriter(false)) {
                // the last reader has just given us the lock: keep it
                w.awaitUninterruptibly(WaitReason.RWMUTEX_LOCK, this);
                WaitList.restoreInterrupt(o);
                o = Waiter.Outcome.READY;
            }
            if (o == Waiter.Outcome.READY) {
                LockWaits.end(begin);
            }
        }
        writer = null;
        w.release();
        return o;
    }

    /**
     * Takes back the writer's announcement, or its lock, and lets the queued readers in.
     *
     * @param holds whether the writer has the lock
     * @return false if that is not so
     */
    private boolean clearWriter(boolean holds) {
        readers.lock();
        Waiter chain = null;
        boolean cleared = false;
        long waited = 0;
        long waitedAll = 0;
        for (; ; ) {
            long s = state;
            if ((s & WRITER) == 0 || ((s & READERS) == 0) != holds) {
                break;
            }
            if (STATE.compareAndSet(this, s, (s & READERS) + readers.count)) {
                cleared = true;
                if (readers.count > 0 && MutexProfile.isOn()) {
                    long now = Clock.now();
                    waited = WaitList.waited(readers.queue.peek(), now);
                    waitedAll = readers.waitedAll(readers.count, now);
                }
                readers.count = 0;
                chain = readers.takeAll();
                break;
            }
        }
        readers.unlock();
        WaitList.readyAll(chain);
        if (waited > 0) {
            MutexProfile.unlocked(waited, waitedAll, Labels.current());
        }
        return cleared;
    }

    private Waiter.Outcome rLock(boolean interruptible, long deadline) {
        if (interruptible && Thread.interrupted()) {
            return Waiter.Outcome.INTERRUPTED;
        }
        return tryRLock() ? Waiter.Outcome.READY : rLockSlow(interruptible, deadline);
    }

    private Waiter.Outcome rLockSlow(boolean interruptible, long deadline) {
        Waiter w = WaitList.waiter(deadline);
        readers.lock();
        for (; ; ) {
            long s = state;
            boolean queue = (s & WRITER) != 0;
            if (STATE.compareAndSet(this, s, queue ? s | QUEUED : s + 1)) {
                if (!queue) {
                    readers.unlock();
                    w.release();
                    noteReader();
                    return Waiter.Outcome.READY;
                }
                WaitList.noteBegin(w);
                readers.queue.add(w);
                readers.count++;
                readers.unlock();
                break;
            }
        }
        long begin = LockWaits.begin();
        Waiter.Outcome o =
                WaitList.await(w, interruptible, deadline, WaitReason.RWMUTEX_RLOCK, this);
        if (o != Waiter.Outcome.READY && !leave(w)) {
            // let in meanwhile: keep the lock
            w.awaitUninterruptibly(WaitReason.RWMUTEX_RLOCK, this);
            WaitList.restoreInterrupt(o);
            o = Waiter.Outcome.READY;
        }
        if (o == Waiter.Outcome.READY) {
            LockWaits.end(begin);
            noteReader();
        }
        w.release();
        return o;
    }

    /** Takes a reader out of the queue; false if it has been let in. */
    private boolean leave(Waiter w) {
        readers.lock();
        boolean left = readers.queue.remove(w);
        if (left && --readers.count == 0) {
            STATE.getAndBitwiseAnd(this, ~QUEUED);
        }
        readers.unlock();
        return left;
    }

    private final class WriteView implements Lock {
        @Override
        public void lock() {
            RWMutex.this.lock();
        }

        @Override
        public void lockInterruptibly() throws InterruptedException {
            WaitList.resultOf(RWMutex.this.lock(true, Long.MAX_VALUE));
        }

        @Override
        public boolean tryLock() {
            return RWMutex.this.tryLock();
        }

        @Override
        public boolean tryLock(long time, TimeUnit unit) throws InterruptedException {
            WaitList.checkInterrupt();
            if (RWMutex.this.tryLock()) {
                return true;
            }
            long nanos = unit.toNanos(time);
            return nanos > 0 && WaitList.resultOf(RWMutex.this.lock(true, Clock.after(nanos)));
        }

        @Override
        public void unlock() {
            RWMutex.this.unlock();
        }

        @Override
        public Condition newCondition() {
            return new LockCondition(this);
        }

        @Override
        public String toString() {
            return RWMutex.this + ".writeLock()";
        }
    }

    private final class ReadView implements Lock {
        @Override
        public void lock() {
            rLock();
        }

        @Override
        public void lockInterruptibly() throws InterruptedException {
            WaitList.resultOf(rLock(true, Long.MAX_VALUE));
        }

        @Override
        public boolean tryLock() {
            return tryRLock();
        }

        @Override
        public boolean tryLock(long time, TimeUnit unit) throws InterruptedException {
            WaitList.checkInterrupt();
            if (tryRLock()) {
                return true;
            }
            long nanos = unit.toNanos(time);
            return nanos > 0 && WaitList.resultOf(rLock(true, Clock.after(nanos)));
        }

        @Override
        public void unlock() {
            rUnlock();
        }

        @Override
        public Condition newCondition() {
            throw new UnsupportedOperationException("a read lock has no conditions");
        }

        @Override
        public String toString() {
            return RWMutex.this + ".readLock()";
        }
    }
}
