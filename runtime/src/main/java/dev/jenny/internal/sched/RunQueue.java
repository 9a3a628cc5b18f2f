package dev.jenny.internal.sched;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * A P's local run queue: a lock-free ring of 256 and the {@code next} slot, as in Go's {@code
 * proc.go}.
 *
 * <p>Invariants:
 *
 * <ul>
 *   <li>Only the owner (of a P's queue, the M that holds the P) writes {@code tail}, the slots, and
 *       a non-null {@code next}. Anyone may advance {@code head} by CAS, and CAS {@code next} to
 *       null.
 *   <li>{@code 0 <= tail - head <= 256}; the live slots are {@code [head, tail)}.
 *   <li>A slot is rewritten only after head has moved past it, so a thief that copied slots and
 *       then wins the CAS on {@code head} owns exactly what it copied; one that loses discards the
 *       copy.
 * </ul>
 *
 * <p>Races: owner pop against steal, and steal against steal, are decided by the CAS on {@code
 * head}; owner pop of {@code next} against its theft by the CAS on {@code next}. The owner
 * publishes slots with a release store of {@code tail}, which thieves read with acquire.
 *
 * <p>The same element may stand in the queue twice: a JDK thread dump resubmits a virtual thread
 * that it suspended. Whoever takes it the second time cannot claim it ({@code Coroutine.claim}).
 *
 * @param <T> what is queued
 */
public final class RunQueue<T> {
    /** Capacity of the ring, not counting {@code next}. */
    public static final int CAPACITY = 256;

    private static final int MASK = CAPACITY - 1;
    private static final VarHandle HEAD;
    private static final VarHandle TAIL;
    private static final VarHandle NEXT;
    private static final VarHandle SLOT = MethodHandles.arrayElementVarHandle(Object[].class);

    static {
        try {
            var lookup = MethodHandles.lookup();
            HEAD = lookup.findVarHandle(RunQueue.class, "head", int.class);
            TAIL = lookup.findVarHandle(RunQueue.class, "tail", int.class);
            NEXT = lookup.findVarHandle(RunQueue.class, "next", Object.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final @Nullable Object[] slots = new @Nullable Object[CAPACITY];
    private volatile int head;
    private volatile int tail;
    private volatile @Nullable Object next;

    /** An empty queue. */
    public RunQueue() {}

    /**
     * Puts {@code x} into the next slot and returns what it displaced. Owner only. A full fence:
     * what the caller reads afterwards is at least as new as the put.
     */
    @SuppressWarnings("unchecked")
    public @Nullable T setNext(T x) {
        return (T) NEXT.getAndSet(this, x);
    }

    /** Takes the next slot's element. Owner or thief. */
    @SuppressWarnings("unchecked")
    public @Nullable T takeNext() {
        for (Object x; (x = next) != null; ) {
            if (NEXT.compareAndSet(this, x, null)) {
                return (T) x;
            }
        }
        return null;
    }

    /** What is in the next slot. */
    @SuppressWarnings("unchecked")
    public @Nullable T peekNext() {
        return (T) next;
    }

    /** Takes the next slot's element if it is still {@code x}. */
    public boolean takeNext(T x) {
        return NEXT.compareAndSet(this, x, null);
    }

    /** Appends to the tail. Owner only. Returns false if the ring is full. */
    public boolean put(T x) {
        int t = (int) TAIL.get(this);
        if (t - (int) HEAD.getAcquire(this) >= CAPACITY) {
            return false;
        }
        SLOT.setOpaque(slots, t & MASK, x);
        TAIL.setRelease(this, t + 1);
        return true;
    }

    /** Takes the head of the ring. Owner only. */
    @SuppressWarnings("unchecked")
    public @Nullable T poll() {
        for (; ; ) {
            int h = (int) HEAD.getAcquire(this);
            if (h == (int) TAIL.get(this)) {
                return null;
            }
            T x = (T) SLOT.getOpaque(slots, h & MASK);
            if (HEAD.compareAndSet(this, h, h + 1)) {
                return x;
            }
        }
    }

    /**
     * Takes the first half of a full ring into {@code batch}. Owner only, called when {@link #put}
     * said no.
     *
     * @return how many were taken: 128, or 0 if thieves made room meanwhile
     */
    public int pollHalf(@Nullable Object[] batch) {
        int h = (int) HEAD.getAcquire(this);
        int n = (int) TAIL.get(this) - h;
        if (n != CAPACITY) {
            return 0;
        }
        n /= 2;
        for (int i = 0; i < n; i++) {
            batch[i] = SLOT.getOpaque(slots, (h + i) & MASK);
        }
        return HEAD.compareAndSet(this, h, h + n) ? n : 0;
    }

    /**
     * Moves half of {@code victim}'s ring (rounded up) to this one. Called by the owner of this
     * queue, whose ring must be empty.
     *
     * @return the last element moved, which is not left in this ring; null if there was nothing
     */
    @SuppressWarnings("unchecked")
    public @Nullable T stealFrom(RunQueue<T> victim) {
        int t = (int) TAIL.get(this);
        for (; ; ) {
            int h = (int) HEAD.getAcquire(victim);
            int n = (int) TAIL.getAcquire(victim) - h;
            n -= n / 2;
            if (n <= 0) {
                return null;
            }
            if (n > CAPACITY / 2) {
                continue; // head and tail were not read at one instant
            }
            for (int i = 0; i < n; i++) {
                SLOT.setOpaque(slots, (t + i) & MASK, SLOT.getOpaque(victim.slots, (h + i) & MASK));
            }
            if (HEAD.compareAndSet(victim, h, h + n)) {
                T last = (T) SLOT.getOpaque(slots, (t + n - 1) & MASK);
                if (n > 1) {
                    TAIL.setRelease(this, t + n - 1);
                }
                return last;
            }
        }
    }

    /**
     * Forgets what has been taken from the ring, so that it may be collected. Owner only. The head
     * may move on meanwhile; what is taken then is forgotten the next time.
     */
    public void forget() {
        int t = (int) TAIL.get(this);
        int end = (int) HEAD.getAcquire(this) + CAPACITY;
        for (int i = t; i != end; i++) {
            SLOT.setOpaque(slots, i & MASK, null);
        }
    }

    /** How many have been taken from the ring since it was made, modulo 2^32. */
    public int taken() {
        return head;
    }

    /** How many are in the ring, not counting {@code next}; a snapshot. */
    public int size() {
        int n = tail - head;
        return n < 0 ? 0 : Math.min(n, CAPACITY);
    }

    /**
     * True if ring and next slot were both empty at one instant. Moving {@code next} to the ring
     * must not make the queue look empty, hence the second look at tail.
     */
    public boolean isEmpty() {
        for (; ; ) {
            int h = head;
            int t = tail;
            Object n = next;
            if (t == tail) {
                return h == t && n == null;
            }
        }
    }
}
