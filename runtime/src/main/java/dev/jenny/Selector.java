package dev.jenny;

import dev.jenny.Select.Case;
import dev.jenny.Select.Kind;
import dev.jenny.internal.chan.Channel;
import dev.jenny.internal.event.Event;
import dev.jenny.internal.sched.CaseWaiter;
import dev.jenny.internal.sched.Clock;
import dev.jenny.internal.sched.Selection;
import dev.jenny.internal.sched.SeqLock;
import dev.jenny.internal.sched.WaitQueue;
import dev.jenny.internal.sched.WaitReason;
import java.lang.invoke.VarHandle;
import java.util.Comparator;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The select algorithm, after Go's {@code runtime/select.go}.
 *
 * <ol>
 *   <li>If the last case is {@code otherwise}, look at all others as they are at one instant,
 *       without a lock, by the protocol of {@link SeqLock}. If none is ready, take {@code
 *       otherwise}.
 *   <li>Look at the cases one by one in random order, without a lock. If one seems ready, lock its
 *       channel; if it can proceed, it is done: it was ready at that instant.
 *   <li>Nothing was ready, but not at one instant. Lock all channels, in the order of their
 *       numbers, and look again in the same random order.
 *   <li>Still nothing: take {@code otherwise} if there is one. Else enqueue a waiter on every
 *       channel, release the locks and park. Exactly one waker, or the timer, wins the {@link
 *       Selection}.
 *   <li>Take the other waiters out of their queues.
 * </ol>
 *
 * <p>With one channel there is nothing to choose and only one instant: it is the plain operation.
 *
 * <p>While it holds one lock it only tries for the next: a SpinLock's holder must not wait long. If
 * a lock is not to be had it lets go of all and starts again.
 *
 * <p>The orders and waiters are the {@link Selection}'s, which the goroutine keeps, so a select
 * allocates nothing. No user code runs before the choice is made, so a goroutine is in no more than
 * one select at a time.
 */
final class Selector {
    private static final int NONE = -1;

    /** Above this many channels, sorting by insertion might take longer than the select. */
    private static final int SORTED_BY_INSERTION = 64;

    private Selector() {}

    static <R extends @Nullable Object> R select(Case<? extends R>[] cases)
            throws InterruptedException {
        int last = cases.length - 1;
        if (last >= 0 && cases[last].kind == Kind.OTHERWISE && noneReady(cases, last)) {
            return cases[last].act(null);
        }
        return choose(cases);
    }

    private static <R extends @Nullable Object> R choose(Case<? extends R>[] cases)
            throws InterruptedException {
        int otherwise = NONE;
        int timeout = NONE;
        int live = 0; // cases with a channel, and timeouts that are due
        int any = NONE;
        for (int i = 0; i < cases.length; i++) {
            Case<?> c = cases[i];
            if (c.channel != null) {
                live++;
                any = i;
            } else if (c.kind == Kind.OTHERWISE) {
                if (otherwise != NONE) {
                    throw new IllegalArgumentException("select with two otherwise cases");
                }
                otherwise = i;
            } else if (c.kind == Kind.AFTER) {
                if (timeout == NONE || c.nanos < cases[timeout].nanos) {
                    timeout = i;
                }
                if (c.nanos <= 0) {
                    live++;
                    any = i;
                }
            }
        }
        if (otherwise == NONE && Thread.interrupted()) {
            throw new InterruptedException();
        }
        if (live == 1) {
            Case<? extends R> c = cases[any];
            if (otherwise == NONE && timeout == NONE) {
                return c.act(plain(c));
            }
            Object got = attempt(c);
            if (got != Channel.NOTHING) {
                return c.act(got);
            }
        }
        if (otherwise != NONE && live <= 1) {
            return cases[otherwise].act(null); // the look at one channel was at one instant
        }
        Selection s = Selection.of(cases.length);
        int[] poll = s.poll;
        int n = 0; // becomes live
        for (int i = 0; i < cases.length; i++) {
            if (cases[i].channel != null || (cases[i].kind == Kind.AFTER && cases[i].nanos <= 0)) {
                poll[n++] = i;
            }
        }
        for (int k = 0; live > 1 && k < n; k++) {
            // The next of a uniformly random order, chosen only when it is needed.
            int other = k + 1 == n ? k : k + s.random(n - k);
            int i = poll[other];
            poll[other] = poll[k];
            poll[k] = i;
            Case<? extends R> c = cases[i];
            Object got = attempt(c);
            if (got != Channel.NOTHING) {
                return c.act(got);
            }
        }
        return selectLocked(cases, s, n, otherwise, timeout);
    }

    /**
     * Whether none of the first {@code n} cases could proceed, all at one instant; false if that
     * cannot be told, or one of them is {@code otherwise}.
     */
    private static boolean noneReady(Case<?>[] cases, int n) {
        long stamps = 0;
        for (int i = 0; i < n; i++) {
            Case<?> c = cases[i];
            Channel<?> ch = c.channel;
            if (ch == null) {
                if (c.kind == Kind.OTHERWISE || (c.kind == Kind.AFTER && c.nanos <= 0)) {
                    return false;
                }
                continue;
            }
            stamps += ch.stamp();
            boolean recv = c.kind == Kind.RECV;
            if (recv) {
                ch.beforeRecv();
            }
            if (!(recv ? ch.recvWouldBlock() : ch.sendWouldBlock())) {
                return false;
            }
        }
        VarHandle.acquireFence();
        for (int i = 0; i < n; i++) {
            Channel<?> ch = cases[i].channel;
            if (ch != null) {
                if (ch.isHeld()) {
                    return false;
                }
                stamps -= ch.stamp();
            }
        }
        return stamps == 0;
    }

    /** Does the operation of the only case, waiting if it must. */
    private static @Nullable Object plain(Case<?> c) throws InterruptedException {
        Channel<Object> ch = c.channel;
        if (ch == null) {
            return null; // a timeout that is due
        }
        if (c.kind == Kind.RECV) {
            return ch.recv(WaitReason.SELECT);
        }
        ch.send(valueOf(c), WaitReason.SELECT);
        return null;
    }

    /**
     * Does the operation of one case if it can proceed: what was received, or null for the others.
     */
    private static @Nullable Object attempt(Case<?> c) {
        Channel<Object> ch = c.channel;
        if (ch == null) {
            return null; // a timeout that is due
        }
        if (c.kind == Kind.RECV) {
            ch.beforeRecv();
            if (!ch.isHeld() && ch.recvWouldBlock()) {
                return Channel.NOTHING;
            }
            ch.lock();
            Object got = ch.recvNow();
            if (got == Channel.NOTHING) {
                ch.unlock();
            }
            return got;
        }
        if (!ch.isHeld() && ch.sendWouldBlock()) {
            return Channel.NOTHING;
        }
        ch.lock();
        if (ch.sendNow(valueOf(c))) {
            return null;
        }
        ch.unlock();
        return Channel.NOTHING;
    }

    private static <R extends @Nullable Object> R selectLocked(
            Case<? extends R>[] cases, Selection s, int n, int otherwise, int timeout)
            throws InterruptedException {
        int[] poll = s.poll;
        int[] locks = s.locks;
        int channels = lockOrder(cases, n, locks);
        if (otherwise == NONE) {
            s.reserve(n); // not under the locks: that may fail
        }
        for (; ; ) {
            lockAll(cases, locks, channels);
            int ready = NONE;
            for (int k = 0; k < n; k++) {
                Case<?> c = cases[poll[k]];
                Channel<?> ch = c.channel;
                if (ch != null
                        && !(c.kind == Kind.RECV ? ch.recvWouldBlock() : ch.sendWouldBlock())) {
                    ready = poll[k];
                    break;
                }
            }
            if (ready == NONE) {
                break;
            }
            Case<? extends R> c = cases[ready];
            Channel<Object> ch = c.channel;
            unlockAll(cases, locks, channels, ch); // the operation releases this one's lock
            if (ch != null) {
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
            }
        }
        if (otherwise != NONE) {
            unlockAll(cases, locks, channels, null);
            return cases[otherwise].act(null);
        }
        s.begin();
        for (int k = 0; k < n; k++) {
            Case<?> c = cases[poll[k]];
            Channel<?> ch = c.channel;
            if (ch != null) {
                CaseWaiter w = s.waiter(poll[k]);
                w.item = c.value;
                w.channel = ch;
                queueOf(c, ch).add(w);
            }
        }
        unlockAll(cases, locks, channels, null);
        for (int k = 0; k < n; k++) {
            Case<?> c = cases[poll[k]];
            if (c.channel != null && c.kind == Kind.RECV) {
                c.channel.receiverBlocked();
            }
        }
        long deadline = timeout == NONE ? Long.MAX_VALUE : Clock.deadline(cases[timeout].nanos);
        WaitReason reason =
                n == 0 && timeout == NONE ? WaitReason.SELECT_NO_CASES : WaitReason.SELECT;
        Object on = channels == 1 ? channelOf(cases[locks[0]]) : s;
        int winner = s.await(reason, on, deadline);
        for (int k = 0; k < n; k++) {
            int i = poll[k];
            Case<?> c = cases[i];
            Channel<?> ch = c.channel;
            if (ch == null) {
                continue;
            }
            if (i != winner) {
                ch.lock();
                queueOf(c, ch).remove(s.waiter(i));
                ch.unlock();
            }
            if (c.kind == Kind.RECV) {
                ch.receiverUnblocked();
            }
        }
        Object item = null;
        boolean ok = true;
        if (winner >= 0) {
            CaseWaiter w = s.waiter(winner);
            item = w.item;
            ok = w.ok;
        }
        s.release(cases.length);
        if (winner == Selection.CANCELLED) {
            throw new InterruptedException();
        }
        if (winner == Selection.TIMEOUT) {
            return cases[timeout].act(null);
        }
        Case<? extends R> won = cases[winner];
        if (won.kind == Kind.RECV) {
            if (item != null) {
                channelOf(won).waited(Event.CHAN_RECV);
            }
            return won.act(item);
        }
        if (!ok) {
            throw new SendOnClosedChannelException();
        }
        channelOf(won).waited(Event.CHAN_SEND);
        return won.act(null);
    }

    private static Object valueOf(Case<?> c) {
        Object v = c.value;
        if (v == null) {
            throw new AssertionError("a send case without a value");
        }
        return v;
    }

    private static Channel<?> channelOf(Case<?> c) {
        Channel<?> ch = c.channel;
        if (ch == null) {
            throw new AssertionError("a case without a channel");
        }
        return ch;
    }

    private static WaitQueue queueOf(Case<?> c, Channel<?> ch) {
        return c.kind == Kind.RECV ? ch.receivers() : ch.senders();
    }

    /**
     * Writes the numbers of cases that stand for the channels, each channel once, in locking order.
     *
     * @return how many they are
     */
    private static int lockOrder(Case<?>[] cases, int n, int[] locks) {
        if (n > SORTED_BY_INSERTION) {
            return sorted(cases, locks);
        }
        int channels = 0;
        for (int i = 0; i < cases.length; i++) {
            Channel<?> ch = cases[i].channel;
            if (ch == null) {
                continue;
            }
            // Numbers are given out when first asked for, so they are in order here as a rule.
            long order = n == 1 ? 0 : ch.order();
            int at = channels;
            while (at > 0 && orderOf(cases, locks[at - 1]) > order) {
                at--;
            }
            if (at > 0 && orderOf(cases, locks[at - 1]) == order) {
                continue;
            }
            for (int j = channels++; j > at; j--) {
                locks[j] = locks[j - 1];
            }
            locks[at] = i;
        }
        return channels;
    }

    private static int sorted(Case<?>[] cases, int[] locks) {
        int[] order =
                IntStream.range(0, cases.length)
                        .filter(i -> cases[i].channel != null)
                        .boxed()
                        .sorted(Comparator.comparingLong(i -> orderOf(cases, i)))
                        .mapToInt(i -> i)
                        .toArray();
        int channels = 0;
        for (int i : order) {
            if (channels == 0 || cases[i].channel != cases[locks[channels - 1]].channel) {
                locks[channels++] = i;
            }
        }
        return channels;
    }

    private static long orderOf(Case<?>[] cases, int i) {
        return channelOf(cases[i]).order();
    }

    private static void lockAll(Case<?>[] cases, int[] locks, int n) {
        if (n == 0) {
            return;
        }
        retry:
        for (; ; ) {
            channelOf(cases[locks[0]]).lock();
            for (int i = 1; i < n; i++) {
                Channel<?> ch = channelOf(cases[locks[i]]);
                if (!ch.tryLock()) {
                    for (int j = 0; j < i; j++) {
                        channelOf(cases[locks[j]]).unlock();
                    }
                    ch.lock(); // wait for it with empty hands
                    ch.unlock();
                    continue retry;
                }
            }
            return;
        }
    }

    /** Unlocks all but {@code kept}. */
    private static void unlockAll(Case<?>[] cases, int[] locks, int n, @Nullable Channel<?> kept) {
        for (int i = 0; i < n; i++) {
            Channel<?> ch = channelOf(cases[locks[i]]);
            if (ch != kept) {
                ch.unlock();
            }
        }
    }
}
