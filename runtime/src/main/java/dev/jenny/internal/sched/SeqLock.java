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
 *   <li>For each lock: take its {@link #stamp}, then read what it guards.
 *   <li>{@link VarHandle#acquireFence}.
 *   <li>For each lock: see that it {@link #isHeld} by nobody, then take its stamp again.
 * </ol>
 *
 * <p>If no lock was held and all stamps are as they were, then all that was read was true of the
 * instant at which step 2 began. Stamps never get smaller, so it is enough that their sums are
 * equal.
 *
 * <p>Why: take one lock, and its critical sections in their order. The stamp of step 1 counts some
 * of them. What these wrote is visible to the reads that follow, for a section is counted when it
 * has nothing more to write. If anything of a later section was read, or anything that happened
 * after it, then the CAS that took the lock is visible, too; so step 3 finds the lock held, or it
 * sees the release, and then the count that comes before it.
 *
 * <p>What is read must be written by release at least: on some CPUs a plain store can be seen
 * before the CAS that took the lock. A value from the midst of a holder's work is never used.
 */
public class SeqLock extends SpinLock {
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

    /** How often the lock has been released. */
    public final long stamp() {
        return (long) RELEASES.getAcquire(this);
    }
}
