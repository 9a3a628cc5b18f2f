package dev.jenny.internal.sched;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A run queue that all Ms share, such as the global one: an unbounded FIFO that any thread appends
 * to without waiting, and that Ms take batches from.
 *
 * <p>Algorithm: Dmitry Vyukov's node-based MPSC queue; the single consumer is whoever holds {@code
 * consuming}. Producers swap themselves in at {@code tail}, then link from their predecessor. What
 * is appended as one is one node.
 *
 * <p>Invariants and races:
 *
 * <ul>
 *   <li>{@code size} is raised before an element is linked and lowered after it is taken, so {@code
 *       size == 0} means empty, while a positive size may run ahead of what can be taken: a
 *       producer sits between its swap and its link. An M that meets this keeps looking or hands
 *       the search on; the producer wakes an M after its link, or is one that comes back to look.
 *   <li>What is in a node is written before its link, a release, and from then on belongs to the
 *       consumer. {@code head} is the node that was taken from last; there may be more in it.
 *   <li>A consumer that finds {@code consuming} taken gives up at once. It must look at {@link
 *       #isEmpty} again before it parks, so that what the other consumer leaves is not forgotten.
 *   <li>Appending does not fail: while the heap has no room for a node, the producer tries again,
 *       as the JDK does with a virtual thread that its scheduler cannot queue. What is not queued
 *       would never run.
 * </ul>
 *
 * @param <T> what is queued
 */
public final class GlobalQueue<T> {
    private static final VarHandle TAIL;
    private static final VarHandle SIZE;
    private static final VarHandle CONSUMING;
    private static final VarHandle NEXT;

    static {
        try {
            var lookup = MethodHandles.lookup();
            TAIL = lookup.findVarHandle(GlobalQueue.class, "tail", Node.class);
            SIZE = lookup.findVarHandle(GlobalQueue.class, "size", int.class);
            CONSUMING = lookup.findVarHandle(GlobalQueue.class, "consuming", int.class);
            NEXT = lookup.findVarHandle(Node.class, "next", Node.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private static class Node {
        @Nullable Object item; // null once it has been taken

        @SuppressWarnings("unused") // through NEXT
        private @Nullable Node next;

        Node(@Nullable Object item) {
            this.item = item;
        }

        /** Takes up to {@code room} elements, which go to {@code into} from {@code at} on. */
        int take(@Nullable Object[] into, int at, int room) {
            if (item == null || room == 0) {
                return 0;
            }
            into[at] = item;
            item = null;
            return 1;
        }
    }

    private static final class Batch extends Node {
        private final @Nullable Object[] items;
        private int taken;

        Batch(@Nullable Object[] items) {
            super(null);
            this.items = items;
        }

        @Override
        int take(@Nullable Object[] into, int at, int room) {
            int n = Math.min(room, items.length - taken);
            System.arraycopy(items, taken, into, at, n);
            Arrays.fill(items, taken, taken + n, null);
            taken += n;
            return n;
        }
    }

    private volatile Node tail;
    private Node head; // guarded by consuming
    private volatile int size;

    @SuppressWarnings("unused") // through CONSUMING
    private volatile int consuming;

    /** An empty queue. */
    public GlobalQueue() {
        head = tail = new Node(null);
    }

    /** Appends {@code x}. A full fence, as an idle M's wake-up needs it. */
    public void add(T x) {
        append(node(x), 1);
    }

    /** Appends the first {@code n} elements of {@code batch}, in order, as one. */
    public void addAll(@Nullable Object[] batch, int n) {
        if (n > 0) {
            append(batchOf(batch, n), n);
        }
    }

    private void append(Node node, int n) {
        SIZE.getAndAdd(this, n);
        Node prev = (Node) TAIL.getAndSet(this, node);
        NEXT.setVolatile(prev, node);
    }

    /**
     * Takes up to {@code max} elements from the head into {@code into}.
     *
     * @return how many; 0 also if another M is taking at the moment
     */
    public int poll(@Nullable Object[] into, int max) {
        if (size == 0 || !CONSUMING.compareAndSet(this, 0, 1)) {
            return 0;
        }
        Node h = head;
        int n = 0;
        for (; ; ) {
            n += h.take(into, n, max - n);
            Node next = n == max ? null : (Node) NEXT.getAcquire(h);
            if (next == null) {
                break;
            }
            NEXT.set(h, (Node) null); // an old dead node must not keep younger ones alive
            h = next;
        }
        head = h;
        CONSUMING.setRelease(this, 0);
        if (n > 0) {
            SIZE.getAndAdd(this, -n);
        }
        return n;
    }

    private static Node node(Object item) {
        for (; ; ) {
            try {
                return new Node(item);
            } catch (OutOfMemoryError e) {
                Thread.onSpinWait(); // the collector has taken its time already
            }
        }
    }

    private static Node batchOf(@Nullable Object[] batch, int n) {
        for (; ; ) {
            try {
                return new Batch(Arrays.copyOf(batch, n));
            } catch (OutOfMemoryError e) {
                Thread.onSpinWait();
            }
        }
    }

    /** How many are queued; may count one that is still being appended. */
    public int size() {
        return size;
    }

    /** True if nothing is queued and nobody is appending. */
    public boolean isEmpty() {
        return size == 0;
    }
}
