package dev.jenny;

import dev.jenny.Select.Case;
import dev.jenny.Select.Kind;
import dev.jenny.internal.chan.Channel;
import dev.jenny.internal.sched.Clock;
import dev.jenny.internal.sched.Selection;
import dev.jenny.internal.sched.WaitQueue;
import dev.jenny.internal.sched.WaitReason;
import dev.jenny.internal.sched.Waiter;
import java.util.Arrays;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * The select algorithm, after Go's {@code runtime/select.go}.
 *
 * <ol>
 *   <li>Look at the cases one by one in random order, locking one channel at a time. A case that
 *       can proceed is done: it was ready at that instant.
 *   <li>Nothing was ready, but not at one instant. Lock all channels, in the order of their
 *       numbers, and look again in the same random order.
 *   <li>Still nothing: take {@code otherwise} if there is one. Else enqueue a waiter on every
 *       channel, release the locks and park. Exactly one waker, or the timer, wins the {@link
 *       Selection}.
 *   <li>Take the other waiters out of their queues.
 * </ol>
 *
 * <p>While it holds one lock it only tries for the next: a SpinLock's holder must not wait long. If
 * a lock is not to be had it lets go of all and starts again.
 */
final class Selector {
    private static final int NONE = -1;

    private Selector() {}

    static <R extends @Nullable Object> R select(Case<? extends R>[] cases)
            throws InterruptedException {
        int otherwise = NONE;
        int timeout = NONE;
        int live = 0;
        for (int i = 0; i < cases.length; i++) {
            Case<?> c = cases[i];
            switch (c.kind) {
                case OTHERWISE -> {
                    if (otherwise != NONE) {
                        throw new IllegalArgumentException("select with two otherwise cases");
                    }
                    otherwise = i;
                }
                case AFTER -> {
                    if (timeout == NONE || c.nanos < cases[timeout].nanos) {
                        timeout = i;
                    }
                    live++;
                }
                case RECV, SEND -> {
                    if (c.channel != null) {
                        live++;
                    }
                }
            }
        }
        if (otherwise == NONE && Thread.interrupted()) {
            throw new InterruptedException();
        }
        int[] poll = pollOrder(cases, live);
        for (int i : poll) {
            Case<? extends R> c = cases[i];
            if (c.kind == Kind.AFTER) {
                if (c.nanos <= 0) {
                    return c.act(null);
                }
                continue;
            }
            Channel<Object> ch = c.channel;
            if (ch == null) {
                continue;
            }
            if (c.kind == Kind.RECV) {
                ch.beforeRecv();
                if (ch.recvWouldBlock()) {
                    continue;
                }
                ch.lock();
                Object got = ch.recvNow();
                if (got != Channel.NOTHING) {
                    return c.act(got);
                }
                ch.unlock();
            } else {
                if (ch.sendWouldBlock()) {
                    continue;
                }
                ch.lock();
                if (ch.sendNow(valueOf(c))) {
                    return c.act(null);
                }
                ch.unlock();
            }
        }
        if (otherwise != NONE && live <= 1) {
            return cases[otherwise].act(null); // the look at one channel was at one instant
        }
        return selectLocked(cases, poll, otherwise, timeout);
    }

    private static <R extends @Nullable Object> R selectLocked(
            Case<? extends R>[] cases, int[] poll, int otherwise, int timeout)
            throws InterruptedException {
        Channel<?>[] locks = lockOrder(cases, poll);
        lockAll(locks);
        for (int i : poll) {
            Case<? extends R> c = cases[i];
            Channel<Object> ch = c.channel;
            if (ch == null) {
                continue;
            }
            boolean ready = c.kind == Kind.RECV ? !ch.recvWouldBlock() : !ch.sendWouldBlock();
            if (!ready) {
                continue;
            }
            // Keep this channel's lock only; the operation releases it.
            for (Channel<?> other : locks) {
                if (other != ch) {
                    other.unlock();
                }
            }
            if (c.kind == Kind.SEND) {
                if (ch.sendNow(valueOf(c))) {
                    return c.act(null);
                }
            } else {
                Object got = ch.recvNow();
                if (got != Channel.NOTHING) {
                    return c.act(got);
                }
            }
            // What looked ready were waiters of selects that have been decided elsewhere.
            ch.unlock();
            return selectLocked(cases, poll, otherwise, timeout);
        }
        if (otherwise != NONE) {
            unlockAll(locks);
            return cases[otherwise].act(null);
        }
        Selection selection = new Selection();
        @Nullable Waiter[] waiters = new @Nullable Waiter[cases.length];
        for (int i : poll) {
            Case<? extends R> c = cases[i];
            Channel<Object> ch = c.channel;
            if (ch != null) {
                Waiter w = selection.waiter(i);
                w.item = c.value;
                waiters[i] = w;
                queueOf(c, ch).add(w);
            }
        }
        unlockAll(locks);
        for (int i : poll) {
            Channel<Object> ch = cases[i].channel;
            if (ch != null && cases[i].kind == Kind.RECV) {
                ch.receiverBlocked();
            }
        }
        long deadline = timeout == NONE ? Long.MAX_VALUE : Clock.after(cases[timeout].nanos);
        WaitReason reason = poll.length == 0 ? WaitReason.SELECT_NO_CASES : WaitReason.SELECT;
        int winner = selection.await(reason, locks.length == 1 ? locks[0] : selection, deadline);
        for (int i : poll) {
            Case<? extends R> c = cases[i];
            Channel<Object> ch = c.channel;
            Waiter w = waiters[i];
            if (ch == null || w == null) {
                continue;
            }
            // Also for the winner: taking the lock makes what its waker wrote visible.
            ch.lock();
            queueOf(c, ch).remove(w);
            ch.unlock();
            if (c.kind == Kind.RECV) {
                ch.receiverUnblocked();
            }
        }
        if (winner == Selection.CANCELLED) {
            throw new InterruptedException();
        }
        if (winner == Selection.TIMEOUT) {
            return cases[timeout].act(null);
        }
        Case<? extends R> won = cases[winner];
        Waiter w = waiters[winner];
        if (won.kind == Kind.RECV) {
            return won.act(w == null ? null : w.item);
        }
        if (w == null || !w.ok) {
            throw new SendOnClosedChannelException();
        }
        return won.act(null);
    }

    private static Object valueOf(Case<?> c) {
        Object v = c.value;
        if (v == null) {
            throw new AssertionError("a send case without a value");
        }
        return v;
    }

    private static WaitQueue queueOf(Case<?> c, Channel<?> ch) {
        return c.kind == Kind.RECV ? ch.receivers() : ch.senders();
    }

    /** The indices of the live cases, in uniformly random order. */
    private static int[] pollOrder(Case<?>[] cases, int live) {
        int[] order = new int[live];
        int n = 0;
        ThreadLocalRandom random = live > 1 ? ThreadLocalRandom.current() : null;
        for (int i = 0; i < cases.length; i++) {
            Case<?> c = cases[i];
            if (c.kind == Kind.AFTER || c.channel != null) {
                int j = random == null ? 0 : random.nextInt(n + 1);
                order[n++] = order[j];
                order[j] = i;
            }
        }
        return order;
    }

    /** The channels of the cases, each once, in locking order. */
    private static Channel<?>[] lockOrder(Case<?>[] cases, int[] poll) {
        Channel<?>[] locks = new Channel<?>[poll.length];
        int n = 0;
        for (int i : poll) {
            Channel<?> ch = cases[i].channel;
            if (ch != null) {
                locks[n++] = ch;
            }
        }
        if (n > 1) {
            for (int i = 0; i < n; i++) {
                locks[i].order(); // numbers are given out before any is compared
            }
            Arrays.sort(locks, 0, n, (a, b) -> Long.compare(a.order(), b.order()));
            int distinct = 1;
            for (int i = 1; i < n; i++) {
                if (locks[i] != locks[i - 1]) {
                    locks[distinct++] = locks[i];
                }
            }
            n = distinct;
        }
        return n == locks.length ? locks : Arrays.copyOf(locks, n);
    }

    private static void lockAll(Channel<?>[] locks) {
        if (locks.length == 0) {
            return;
        }
        retry:
        for (; ; ) {
            locks[0].lock();
            for (int i = 1; i < locks.length; i++) {
                if (!locks[i].tryLock()) {
                    for (int j = 0; j < i; j++) {
                        locks[j].unlock();
                    }
                    locks[i].lock(); // wait for it with empty hands
                    locks[i].unlock();
                    continue retry;
                }
            }
            return;
        }
    }

    private static void unlockAll(Channel<?>[] locks) {
        for (Channel<?> ch : locks) {
            ch.unlock();
        }
    }
}
