package dev.jenny.internal.sched;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * A {@link SpinLock} that counts its releases, so that what several locks guard can be looked at as
 * it was at one instant without taking them: a sequence lock, for any number of locks (Boehm, "Can
 * Seqlocks Get Along With Programming Language Memory Models?", MSPC 2012).
 *
 * <p>Protocol of a look:
 *
 * <ol>
 *   <li>For each lock: take its {@link #stamp}, and give up if that is {@link #HELD}. Then read
 *       what it guards.
 *   <li>{@link VarHandle#acquireFence}.
 *   <li>For each lock: take its stamp again.
 * </ol>
 *
 * <p>If all stamps are as they were, then all that was read was true of the instant at which step 2
 * began. Stamps never get smaller, so it is enough that their sums are equal.
 *
 * <p>Why: what a holder has written before it counts its release is visible to whoever has seen the
 * count, so nothing of it can be missing from what is read after the first stamp. If a later
 * holder's write was seen, or anything that happened after it, then the CAS that took the lock is
 * visible, too, and the second stamp finds the lock held, or released and so counted.
 *
 * <p>What is read need not be volatile: a value from the midst of a holder's work is never used.
 */
public class SeqLock extends SpinLock {
    /** The stamp of a lock that is held. */
    public static final long HELD = -1;

    private static final VarHandle RELEASES;

    static {
        try {
            RELEASES = MethodHandles.lookup().findVarHandle(SeqLock.class, "releases", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private long releases; // guarded by the lock

    /** For primitives that are their own lock, and for standalone use. */
    public SeqLock() {}

    @Override
    public final void unlock() {
        RELEASES.setRelease(this, releases + 1);
        super.unlock();
    }

    /** How often the lock has been released; {@link #HELD} if somebody holds it. */
    public final long stamp() {
        return isHeld() ? HELD : (long) RELEASES.getAcquire(this);
    }
}
