package dev.jenny.internal.sched;

import dev.jenny.internal.loom.Loom;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * A lock for critical sections of some tens of nanoseconds that goroutines, Ms and any other thread
 * share. Primitives extend it, so that the lock costs no object of its own.
 *
 * <p>Why not a monitor or {@code ReentrantLock}: an M that waited for a lock whose holder is an
 * unmounted goroutine could be the very M that the holder needs to go on. A holder of this lock
 * never parks, yields or runs user code, so it is never unmounted: if it does not let go soon, it
 * is because its M is not running, and a waiter gives its own M's CPU to the operating system. In
 * fallback mode the waiter yields its carrier instead, which it may since it holds no SpinLock.
 *
 * <p>Memory: {@link #unlock} happens before the next {@link #lock} returns.
 */
public class SpinLock {
    private static final int SPINS = 64;

    /**
     * How long a waiter for a lock looks away. With a look at each pause two CPUs pass the lock's
     * cache line, and with it those that it guards, to and fro at each operation. Looking away for
     * some operations' time lets the other get on: measured, it takes a third of the time.
     */
    private static final int PAUSES = 30;

    private static final int LOOKS = 8;
    private static final VarHandle HELD;

    static {
        try {
            HELD = MethodHandles.lookup().findVarHandle(SpinLock.class, "held", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    @SuppressWarnings("unused") // through HELD
    private volatile int held;

    /** For primitives that are their own lock, and for standalone use. */
    public SpinLock() {}

    /** Acquires the lock. */
    public final void lock() {
        if (!HELD.compareAndSet(this, 0, 1)) {
            lockSlow();
        }
    }

    /** Acquires the lock if that takes no waiting beyond a short spin. */
    public final boolean tryLock() {
        for (int i = 0; i < SPINS; i++) {
            if (held == 0 && HELD.compareAndSet(this, 0, 1)) {
                return true;
            }
            Thread.onSpinWait();
        }
        return false;
    }

    /**
     * Acquires the lock without ever yielding the P: for callers that hold P-local state in their
     * hands and would find themselves on another P after a yield.
     */
    public final void lockPinned() {
        while (!HELD.compareAndSet(this, 0, 1)) {
            do {
                lookAway();
            } while (held != 0);
        }
    }

    /** Whether somebody holds the lock. A volatile read. */
    public final boolean isHeld() {
        return held != 0;
    }

    /** Releases the lock. */
    public void unlock() {
        HELD.setRelease(this, 0);
    }

    private void lockSlow() {
        int looks = 0;
        do {
            do {
                if (++looks < LOOKS) {
                    lookAway();
                } else {
                    Loom.osYield(); // the OS has taken the holder's CPU away
                }
            } while (held != 0);
        } while (!HELD.compareAndSet(this, 0, 1));
    }

    private static void lookAway() {
        for (int i = 0; i < PAUSES; i++) {
            Thread.onSpinWait();
        }
    }
}
