package dev.jenny.context;

import dev.jenny.Chan;
import dev.jenny.CloseOfClosedChannelException;
import dev.jenny.RecvChan;
import dev.jenny.Task;
import dev.jenny.internal.chan.DoneChannel;
import dev.jenny.internal.loom.Loom;
import dev.jenny.internal.sched.Alarm;
import dev.jenny.internal.sched.CancelHook;
import dev.jenny.internal.sched.Clock;
import dev.jenny.internal.sched.GoAlarm;
import dev.jenny.internal.sched.SpinLock;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What can be cancelled: the state of a context made by {@code withCancel} and its like, or what is
 * registered by {@code afterFunc}. Contexts that only add a value share their parent's node.
 *
 * <p>The nodes form a tree; each has a list of its children. A node's lock guards its decision
 * ({@code err}, {@code cause}), the creation of {@code done}, and its list, with the children's
 * links in it. No thread ever holds two of these locks, and nothing is called under one.
 *
 * <p>Invariants:
 *
 * <ul>
 *   <li>{@code err} is set once, before {@code done} is closed. {@link #err()} looks at {@code
 *       done} first, so for everybody else the close is the instant of the cancellation: a non-null
 *       error implies a closed channel, and a closed channel a non-null error.
 *   <li>To cancel takes no memory, so that it does not fail for lack of it.
 *   <li>A decided node gets no new children: they are finished in its stead by {@link #attach}.
 *   <li>What a hook is for happens if its node is decided by anything but its stop, also in a full
 *       heap: {@link Func}, {@link Wake}.
 *   <li>A child leaves its parent's list when its {@code afterFunc} is stopped, or when it <em>and
 *       all below it</em> are done.
 * </ul>
 *
 * <p>By the last one, several threads may walk over the same subtree at the same time ({@link
 * #cancel}), each doing what it finds undone. So whoever calls cancel returns with the whole
 * subtree done, without having waited for anybody, also if it came second. Go gets the same by
 * holding the parent's lock during the walk; here a lock must not be held for so long.
 */
class Node extends SpinLock {
    /** For nodes that are done before anybody asked for a channel. */
    private static final Chan<Void> CLOSED = new DoneChannel(null);

    static {
        CLOSED.close();
    }

    private static final Spare SPARE =
            new Spare(
                    new CancelledException(null, true), new DeadlineExceededException(null, true));

    final @Nullable Node parent;

    /** The earliest deadline of this node and those above; null if there is none. */
    final @Nullable Instant deadline;

    /** The same on {@link Clock}, which nobody sets; {@code Long.MAX_VALUE} if there is none. */
    final long due;

    private @Nullable ContextException err;
    private @Nullable Throwable cause;
    private volatile @Nullable Chan<Void> done;
    private @Nullable Node firstChild;
    private @Nullable Node lastChild;

    // guarded by the parent's lock
    private @Nullable Node prev;
    private @Nullable Node next;
    private boolean linked;

    Node(@Nullable Node parent, @Nullable Instant deadline, long due) {
        this.parent = parent;
        this.deadline = deadline;
        this.due = due;
    }

    Node(@Nullable Node parent) {
        this(
                parent,
                parent == null ? null : parent.deadline,
                parent == null ? Long.MAX_VALUE : parent.due);
    }

    /** Called once by the thread that decided the node, after {@code done} has been closed. */
    void onDone() {}

    // ---- queries ----

    final RecvChan<Void> done() {
        Chan<Void> d = done;
        if (d != null) {
            return d;
        }
        Chan<Void> fresh = new DoneChannel(deadline);
        lock();
        d = done;
        if (d == null) {
            d = fresh;
            done = d;
        }
        unlock();
        return d;
    }

    final @Nullable ContextException err() {
        return isDone() ? err : null;
    }

    final @Nullable Throwable cause() {
        return isDone() ? cause : null;
    }

    private boolean isDone() {
        Chan<Void> d = done;
        return d != null && d.isDrained();
    }

    // ---- cancellation ----

    /**
     * Registers with the parent; if that is done, this is done at once, for the same reason. Called
     * once, before the node is used.
     */
    final void attach() {
        Node p = parent;
        if (p != null && !p.add(this)) {
            p.finish(null, null); // decided, but perhaps not yet closed: parents come first
            follow(p);
        }
    }

    /**
     * Cancels this node and all below it, for which there need be no memory: without, the error has
     * no cause, but the node has it all the same.
     */
    final void cancel(@Nullable Throwable given) {
        ContextException e;
        try {
            e = new CancelledException(given, true);
        } catch (OutOfMemoryError full) {
            e = SPARE.cancelled;
        }
        cancel(e, given == null ? e : given);
    }

    /**
     * Cancels this node and all below it, parents before children; the first reason given counts.
     */
    final void cancel(ContextException e, Throwable c) {
        Throwable failed = tryToFinish(e, c, null);
        // Depth first, without recursion: a chain of contexts may be longer than a stack is deep.
        Node n = this;
        for (; ; ) {
            Node child = n.child();
            if (child != null) {
                failed = child.tryToFinish(n.err, n.cause, failed);
                n = child;
                continue;
            }
            Node p = n.parent;
            if (p != null) {
                p.remove(n);
            }
            if (n == this || p == null) {
                break;
            }
            n = p;
        }
        if (failed != null) {
            throw Loom.rethrow(failed);
        }
    }

    /** Becomes done for the reason for which {@code p}, which is decided, is. */
    private void follow(Node p) {
        finish(p.err, p.cause);
    }

    /**
     * {@link #finish}: a node that meets an error must not keep the others from it. Returns {@code
     * failed}, or what has failed now if that is null.
     */
    private @Nullable Throwable tryToFinish(
            @Nullable ContextException e, @Nullable Throwable c, @Nullable Throwable failed) {
        try {
            finish(e, c);
            return failed;
        } catch (Throwable t) {
            return failed == null ? t : failed;
        }
    }

    /** Decides this node unless it is decided, and makes sure that {@code done} is closed. */
    private void finish(@Nullable ContextException e, @Nullable Throwable c) {
        boolean won = decide(e, c);
        Chan<Void> d = done;
        if (d != null && !d.isDrained()) {
            try {
                d.close();
            } catch (CloseOfClosedChannelException | OutOfMemoryError x) {
                // another thread that cancels has just done it; there may be no memory to say so
            }
        }
        if (won) {
            onDone();
        }
    }

    /** Returns true to the one caller whose reason counts. */
    final boolean decide(@Nullable ContextException e, @Nullable Throwable c) {
        lock();
        boolean won = err == null;
        if (won) {
            err = e;
            cause = c;
            if (done == null) {
                done = CLOSED;
            }
        }
        unlock();
        return won;
    }

    // ---- children ----

    private boolean add(Node child) {
        lock();
        boolean open = err == null;
        if (open) {
            Node l = lastChild;
            child.prev = l;
            child.linked = true;
            if (l == null) {
                firstChild = child;
            } else {
                l.next = child;
            }
            lastChild = child;
        }
        unlock();
        return open;
    }

    private @Nullable Node child() {
        lock();
        Node c = firstChild;
        unlock();
        return c;
    }

    /** Removes {@code child} if it is still in the list. */
    final void remove(Node child) {
        lock();
        if (child.linked) {
            Node p = child.prev;
            Node n = child.next;
            if (p == null) {
                firstChild = n;
            } else {
                p.next = n;
            }
            if (n == null) {
                lastChild = p;
            } else {
                n.prev = p;
            }
            child.prev = null;
            child.next = null;
            child.linked = false;
        }
        unlock();
    }

    // ---- the other kinds ----

    /** Reasons that were made beforehand, for where there must be one without memory for it. */
    private record Spare(ContextException cancelled, ContextException exceeded) {}

    /** A node that a timer cancels. */
    static final class WithDeadline extends Node implements Task {
        private final @Nullable Throwable ifExceeded;
        private final Alarm alarm =
                new GoAlarm() {
                    @Override
                    protected Task due() {
                        return WithDeadline.this; // the walk may be long
                    }
                };

        WithDeadline(
                @Nullable Node parent, Instant deadline, long due, @Nullable Throwable ifExceeded) {
            super(parent, deadline, due);
            this.ifExceeded = ifExceeded;
        }

        /** Sets the timer; the node is attached. */
        void start(boolean passed) {
            if (err() != null) {
                return;
            }
            if (passed) {
                run();
            } else {
                alarm.start(due); // does nothing if cancelled meanwhile
            }
        }

        /** The time is up. */
        @Override
        public void run() {
            ContextException e;
            try {
                e = new DeadlineExceededException(ifExceeded, true);
            } catch (OutOfMemoryError full) {
                e = SPARE.exceeded;
            }
            cancel(e, ifExceeded == null ? e : ifExceeded);
        }

        @Override
        void onDone() {
            alarm.cancel();
        }
    }

    /**
     * What is to happen when the parent is done: once, unless it is called off before. To call it
     * off takes no memory.
     */
    abstract static class Hook extends Node implements Context.AfterFunc {
        Hook(@Nullable Node parent) {
            super(parent);
        }

        @Override
        public final boolean stop() {
            if (!decide(SPARE.cancelled, null)) { // nobody gets to see it
                return false;
            }
            Node p = parent;
            if (p != null) {
                p.remove(this);
            }
            return true;
        }
    }

    /**
     * A function that starts in a goroutine of its own. It has an alarm from the beginning, so that
     * one that cannot be started for lack of memory is not lost.
     */
    static final class Func extends Hook {
        private final GoAlarm start;

        Func(@Nullable Node parent, Task task) {
            super(parent);
            this.start =
                    new GoAlarm() {
                        @Override
                        protected Task due() {
                            return task;
                        }
                    };
        }

        @Override
        void onDone() {
            start.goNow();
        }
    }

    /** The end of a wait, which needs no goroutine. */
    static final class Wake extends Hook {
        private final CancelHook hook;

        Wake(@Nullable Node parent, CancelHook hook) {
            super(parent);
            this.hook = hook;
        }

        @Override
        void onDone() {
            hook.run();
        }
    }
}
