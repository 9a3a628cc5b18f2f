package dev.jenny.internal.chan;

import dev.jenny.Chan;
import dev.jenny.CloseOfClosedChannelException;
import dev.jenny.SendOnClosedChannelException;
import dev.jenny.internal.event.Event;
import dev.jenny.internal.event.Events;
import dev.jenny.internal.event.Ring;
import dev.jenny.internal.sched.CaseWaiter;
import dev.jenny.internal.sched.Runtimes;
import dev.jenny.internal.sched.SeqLock;
import dev.jenny.internal.sched.WaitQueue;
import dev.jenny.internal.sched.WaitReason;
import dev.jenny.internal.sched.Waiter;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The channel: Go's {@code hchan}. One lock, a ring buffer, and two FIFO queues of waiters.
 *
 * <p>Invariants, whenever the lock is free:
 *
 * <ul>
 *   <li>A receiver waits only if the buffer is empty and no sender waits; a sender only if the
 *       buffer is full and no receiver waits. (Waiters of a select that another case has won do not
 *       count: they are about to leave.) So not both queues are non-empty, except by one select
 *       that both sends to and receives from an unbuffered channel.
 *   <li>A closed channel has no waiters, and stays closed.
 * </ul>
 *
 * <p>A value goes straight from a sender to a waiting receiver ({@code Waiter.item}), so a woken
 * waiter never competes again. Waiters leave the queue under the lock, by the waker or, when
 * interrupted, by themselves; who comes second finds it done. Wake-ups come after the lock is
 * released.
 *
 * <p>{@code count}, {@code closed} and whether a queue is empty may be read without the lock by
 * operations that would fail: the failure is then true of the instant of the read. They first look
 * whether the lock is held. For an operation ends with a release, no fence, and its thread may go
 * on to read what others have written before it is visible that the buffer has changed; but that
 * the lock was taken is. If they see that, they take it, too. A close says that the channel is
 * closed before it takes waiters out, and {@code closed} is read last, so nobody takes the channel
 * for open and without waiters in the midst of it.
 *
 * @param <T> the type of the values
 */
public class Channel<T> extends SeqLock implements Chan<T> {
    private static final AtomicLong IDS = new AtomicLong();
    private static final VarHandle COUNT;

    static {
        try {
            COUNT = MethodHandles.lookup().findVarHandle(Channel.class, "count", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final @Nullable Object[] buffer;
    private int sendIndex;
    private int recvIndex;
    private volatile int count;
    private volatile boolean closed;
    private final WaitQueue receivers = new WaitQueue();
    private final WaitQueue senders = new WaitQueue();

    /** How many values have been received, or handed to a receiver; guarded by the lock. */
    long passed;

    /**
     * Orders the locking of several channels by a select, and names the channel in traces; given
     * out when first asked for.
     */
    private long order;

    /** A channel with a buffer of {@code capacity}. */
    public Channel(int capacity) {
        if (capacity < 0) {
            throw new IllegalArgumentException("makechan: size out of range: " + capacity);
        }
        buffer = new @Nullable Object[capacity];
    }

    // ---- send ----

    @Override
    public final void send(T value) throws InterruptedException {
        send(value, WaitReason.CHAN_SEND);
    }

    /** {@link #send(Object)} that shows in dumps as {@code reason} when it waits. */
    public final void send(T value, WaitReason reason) throws InterruptedException {
        Objects.requireNonNull(value, "send of null: a channel's values are never null");
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
        lock();
        if (sendNow(value)) {
            return;
        }
        Waiter w = waiter();
        w.item = value;
        senders.add(w);
        unlock();
        if (!w.await(reason, this) && !leave(senders, w, reason)) {
            w.release();
            throw new InterruptedException();
        }
        boolean sent = w.ok;
        w.release();
        if (!sent) {
            throw new SendOnClosedChannelException();
        }
        waited(Event.CHAN_SEND);
    }

    @Override
    public final boolean trySend(T value) {
        Objects.requireNonNull(value, "send of null: a channel's values are never null");
        if (!isHeld() && sendWouldBlock()) {
            return false;
        }
        lock();
        if (sendNow(value)) {
            return true;
        }
        unlock();
        return false;
    }

    /** A look without the lock: true means that at this instant no send could have proceeded. */
    private boolean isFull() {
        return buffer.length == 0 ? receivers.isEmpty() : count == buffer.length;
    }

    /**
     * Sends if that takes no waiting. Called with the lock, which it releases if it returns true or
     * throws.
     */
    public final boolean sendNow(T value) {
        if (closed) {
            unlock();
            throw new SendOnClosedChannelException();
        }
        Waiter r = receivers.pollWinning();
        if (r != null) {
            r.item = value;
            r.ok = true;
            passed++;
            unlock();
            wake(r);
            if (Events.channels() != 0) {
                record(Event.CHAN_SEND, 0);
            }
            return true;
        }
        int n = count;
        if (n < buffer.length) {
            buffer[sendIndex] = value;
            sendIndex = next(sendIndex);
            COUNT.setRelease(this, n + 1);
            unlock();
            if (Events.channels() != 0) {
                record(Event.CHAN_SEND, n + 1);
            }
            return true;
        }
        return false;
    }

    // ---- receive ----

    @Override
    public final @Nullable T recv() throws InterruptedException {
        return recv(WaitReason.CHAN_RECEIVE);
    }

    /** {@link #recv()} that shows in dumps as {@code reason} when it waits. */
    public final @Nullable T recv(WaitReason reason) throws InterruptedException {
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
        beforeRecv();
        lock();
        Object got = recvNow();
        if (got != NOTHING) {
            return result(got);
        }
        Waiter w = waiter();
        receivers.add(w);
        unlock();
        receiverBlocked();
        boolean ended = w.await(reason, this) || leave(receivers, w, reason);
        receiverUnblocked();
        Object item = w.item;
        w.release();
        if (!ended) {
            throw new InterruptedException();
        }
        if (item != null) {
            waited(Event.CHAN_RECV);
        }
        return result(item);
    }

    @Override
    public final @Nullable T tryRecv() {
        beforeRecv();
        if (!isHeld() && recvWouldBlock()) {
            return null;
        }
        lock();
        Object got = recvNow();
        if (got != NOTHING) {
            return result(got);
        }
        unlock();
        return null;
    }

    /** What {@link #recvNow} returns if it would have to wait. */
    public static final Object NOTHING = new Object();

    /**
     * Receives if that takes no waiting: a value, or null if the channel is closed and drained.
     * Called with the lock, which it releases unless it returns {@link #NOTHING}.
     */
    public final @Nullable Object recvNow() {
        int n = count;
        if (n > 0) {
            int i = recvIndex;
            Object value = buffer[i];
            recvIndex = next(i);
            passed++;
            Waiter s = senders.pollWinning();
            if (s == null) {
                buffer[i] = null;
                COUNT.setRelease(this, --n);
                unlock();
            } else {
                // The buffer is full: the freed slot is also the next to be written.
                buffer[i] = s.item;
                sendIndex = recvIndex;
                s.ok = true;
                unlock();
                wake(s);
            }
            if (Events.channels() != 0) {
                record(Event.CHAN_RECV, n);
            }
            return value;
        }
        Waiter s = senders.pollWinning();
        if (s != null) {
            Object value = s.item;
            s.ok = true;
            passed++;
            unlock();
            wake(s);
            if (Events.channels() != 0) {
                record(Event.CHAN_RECV, 0);
            }
            return value;
        }
        if (closed) {
            unlock();
            return null;
        }
        return NOTHING;
    }

    @SuppressWarnings("unchecked")
    private @Nullable T result(@Nullable Object item) {
        return (T) item;
    }

    // ---- close ----

    @Override
    public final void close() {
        lock();
        if (closed) {
            unlock();
            throw new CloseOfClosedChannelException();
        }
        closed = true;
        Waiter last = chained(senders, chained(receivers, null));
        unlock();
        for (Waiter w = last; w != null; ) { // last in, first woken, as Go does it
            Waiter before = (Waiter) w.item;
            w.item = null; // before the wake-up: afterwards the waiter belongs to its thread
            wake(w);
            w = before;
        }
        if (Events.channels() != 0) {
            record(Event.CHAN_CLOSE, count);
        }
    }

    /**
     * Takes all waiters out of {@code queue} and tells them that the channel is closed, without
     * waking them. Needs no memory: each has the one before it as its item.
     *
     * @return the last, or {@code before} if there is none
     */
    private static @Nullable Waiter chained(WaitQueue queue, @Nullable Waiter before) {
        Waiter last = before;
        for (Waiter w; (w = queue.pollWinning()) != null; last = w) {
            w.item = last;
            w.ok = false;
        }
        return last;
    }

    /** A waiter, under the lock: which is released if there is no memory for one. */
    private Waiter waiter() {
        try {
            return Waiter.acquire();
        } catch (Throwable t) {
            unlock();
            throw t;
        }
    }

    private static void wake(Waiter w) {
        if (w instanceof CaseWaiter c) {
            c.selection.wake();
        } else {
            w.ready();
        }
    }

    /**
     * An interrupted waiter leaves.
     *
     * @return true if it came too late: the operation has happened, and the interrupt is left
     *     pending
     */
    private boolean leave(WaitQueue queue, Waiter w, WaitReason reason) {
        lock();
        boolean left = queue.remove(w);
        unlock();
        if (left) {
            return false;
        }
        w.awaitUninterruptibly(reason, this);
        Thread.currentThread().interrupt();
        return true;
    }

    // ---- for select ----

    /** Where receivers wait; guarded by the lock. */
    public final WaitQueue receivers() {
        return receivers;
    }

    /** Where senders wait; guarded by the lock. */
    public final WaitQueue senders() {
        return senders;
    }

    /**
     * A number that is nobody else's: from the same sequence as those of {@link #order}, so that
     * tools can number channels and other objects alike.
     */
    public static long newNumber() {
        return IDS.incrementAndGet();
    }

    /** This channel's number: its place in the locking order. The first call takes the lock. */
    public final long order() {
        long o = order;
        if (o == 0) {
            // Two first calls may race: the lock decides.
            lock();
            o = order;
            if (o == 0) {
                o = IDS.incrementAndGet();
                order = o;
            }
            unlock();
        }
        return o;
    }

    /** A look without the lock: true means that at this instant a receive could not proceed. */
    public final boolean recvWouldBlock() {
        return count == 0 && senders.isEmpty() && !closed;
    }

    /** A look without the lock: true means that at this instant a send could not proceed. */
    public final boolean sendWouldBlock() {
        return isFull() && !closed;
    }

    // ---- for channels that a timer feeds ----

    /** Called without the lock before a receive looks at the channel. */
    public void beforeRecv() {}

    /** Called without the lock after a receiver has queued up. */
    public void receiverBlocked() {}

    /** Called without the lock after a receiver that had queued up is through. */
    public void receiverUnblocked() {}

    // ---- recording ----

    /**
     * The caller has waited for an operation of its own, which somebody else has done: a CHAN_SEND
     * or CHAN_RECV.
     */
    public final void waited(int type) {
        if (Events.channels() != 0) {
            record(type, count);
        }
    }

    /** Records an operation that the calling goroutine has done. Called without the lock. */
    void record(int type, int length) {
        int oneIn = Events.channels();
        long number = order(); // first: it may wait, and the ring be another's afterwards
        Ring ring = oneIn == 0 ? null : Runtimes.traceRing();
        if (ring != null && ring.isTurn(oneIn)) {
            ring.now(type, number, Event.size(length), passed, Event.size(buffer.length));
        }
    }

    // ---- queries ----

    @Override
    public boolean isDrained() {
        return closed && count == 0;
    }

    @Override
    public int len() {
        return count;
    }

    @Override
    public int cap() {
        return buffer.length;
    }

    /** How many values have gone through it; a look without the lock, for tools. */
    public final long passed() {
        return passed;
    }

    @Override
    public final Iterator<T> iterator() {
        return new Iterator<>() {
            private @Nullable T next;
            private boolean done;

            @Override
            public boolean hasNext() {
                if (next == null && !done) {
                    try {
                        next = recv();
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                        CancellationException c =
                                new CancellationException("interrupted while receiving");
                        c.initCause(e);
                        throw c;
                    }
                    done = next == null;
                }
                return !done;
            }

            @Override
            public T next() {
                T n = hasNext() ? next : null;
                if (n == null) {
                    throw new NoSuchElementException("the channel is closed and drained");
                }
                next = null;
                return n;
            }
        };
    }

    private int next(int i) {
        return i + 1 == buffer.length ? 0 : i + 1;
    }

    @Override
    public String toString() {
        String state = closed ? ", closed" : "";
        return "Chan[len=" + len() + ", cap=" + cap() + state + "]";
    }
}
