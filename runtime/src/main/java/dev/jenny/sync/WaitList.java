package dev.jenny.sync;

import dev.jenny.internal.event.MutexProfile;
import dev.jenny.internal.sched.Clock;
import dev.jenny.internal.sched.Probe;
import dev.jenny.internal.sched.SideWaiter;
import dev.jenny.internal.sched.SpinLock;
import dev.jenny.internal.sched.WaitQueue;
import dev.jenny.internal.sched.WaitReason;
import dev.jenny.internal.sched.Waiter;
import org.jspecify.annotations.Nullable;

/**
 * A FIFO of waiters with the lock that guards it, kept apart from the public types so that they do
 * not show the lock's methods.
 */
class WaitList extends SpinLock {
    static {
        Probe.peeker(WaitList::peek);
    }

    final WaitQueue queue = new WaitQueue();

    /** For the tools: what a primitive of this package says of itself. */
    private static Probe.@Nullable Primitive peek(Object o) {
        return switch (o) {
            case Mutex m -> new Probe.Primitive(m.owner(), -1, -1, null);
            case RWMutex m ->
                    new Probe.Primitive(m.writerId(), m.readerCount(), -1, null, m.knownReaders());
            case WaitGroup w -> new Probe.Primitive(0, w.count(), -1, null);
            case Semaphore s -> new Probe.Primitive(0, s.heldNow(), s.size(), null);
            case Cond c -> new Probe.Primitive(0, -1, -1, c.lock());
            default -> null;
        };
    }

    /** A waiter for a wait until {@code deadline}; it goes back by {@link Waiter#release}. */
    static Waiter waiter(long deadline) {
        return deadline == Long.MAX_VALUE ? Waiter.acquire() : new SideWaiter();
    }

    /**
     * Notes in {@code w}, which is about to be queued, when it began to wait for a mutex; if that
     * is of interest. Nothing is handed over with a mutex, so {@link Waiter#item} is free.
     */
    static void noteBegin(Waiter w) {
        if (MutexProfile.isOn()) {
            try {
                w.item = Clock.now();
            } catch (OutOfMemoryError e) {
                // it stands in the queue already, whose lock the caller holds
            }
        }
    }

    /** How long {@code w} has waited until {@code now}; 0 if that was not noted. */
    static long waited(@Nullable Waiter w, long now) {
        return w != null && w.item instanceof Long since ? Math.max(0, now - since) : 0;
    }

    /**
     * How long the {@code n} waiters of the queue have waited until {@code now}, altogether, since
     * they came or were last counted; under the lock. As in Go it is computed from the first and
     * the last of them, for there may be very many.
     */
    final long waitedAll(int n, long now) {
        Waiter first = queue.peek();
        Waiter last = queue.peekLast();
        if (first == null || last == null) {
            return 0;
        }
        long head = waited(first, now);
        long all = head + (head + waited(last, now)) / 2 * (n - 1);
        Waiter second = queue.after(first);
        if (second != null) {
            try {
                Long counted = now;
                second.item = counted;
                last.item = counted;
            } catch (OutOfMemoryError e) {
                // they are counted once too often; the caller holds the lock
            }
        }
        return all;
    }

    /** Waits until {@code w} is readied, in the manner that the arguments ask for. */
    static Waiter.Outcome await(
            Waiter w, boolean interruptible, long deadline, WaitReason reason, Object on) {
        if (!interruptible) {
            w.awaitUninterruptibly(reason, on);
            return Waiter.Outcome.READY;
        }
        if (deadline == Long.MAX_VALUE) {
            return w.await(reason, on) ? Waiter.Outcome.READY : Waiter.Outcome.INTERRUPTED;
        }
        return ((SideWaiter) w).await(reason, on, deadline);
    }

    /** Sets the interrupt status again if {@code o} says that the wait cleared it. */
    static void restoreInterrupt(Waiter.Outcome o) {
        if (o == Waiter.Outcome.INTERRUPTED) {
            Thread.currentThread().interrupt();
        }
    }

    /** Turns the outcome of a wait that may not fail otherwise into a result. */
    static boolean resultOf(Waiter.Outcome o) throws InterruptedException {
        if (o == Waiter.Outcome.INTERRUPTED) {
            throw new InterruptedException();
        }
        return o == Waiter.Outcome.READY;
    }

    /** Throws if the calling thread's interrupt status is set, and clears it. */
    static void checkInterrupt() throws InterruptedException {
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
    }

    /**
     * Takes all waiters, under the lock; they are chained through {@link Waiter#item} so that it
     * needs no memory. The result is for {@link #readyAll}, after unlocking.
     */
    final @Nullable Waiter takeAll() {
        Waiter first = queue.poll();
        Waiter last = first;
        if (last != null) {
            for (Waiter w; (w = queue.poll()) != null; last = w) {
                last.item = w;
            }
            last.item = null;
        }
        return first;
    }

    /** Readies the waiters of a chain, in the order in which they had queued. */
    static void readyAll(@Nullable Waiter chain) {
        for (Waiter w = chain; w != null; ) {
            Waiter next = (Waiter) w.item;
            w.item = null; // before ready: afterwards the waiter belongs to its thread
            w.ready();
            w = next;
        }
    }
}
