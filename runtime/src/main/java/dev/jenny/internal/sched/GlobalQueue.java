package dev.jenny.internal.sched;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * A run queue that all Ms share, such as the global one: an unbounded FIFO that any thread appends
 * to without waiting, and that Ms take batches from.
 *
 * <p>Algorithm: Dmitry Vyukov's node-based MPSC queue; the single consumer is whoever holds {@code
 * consuming}. Producers swap themselves in at {@code tail}, then link from their predecessor.
 *
 * <p>Invariants and races:
 *
 * <ul>
 *   <li>{@code size} is raised before an element is linked and lowered after it is taken, so {@code
 *       size == 0} means empty, while a positive size may run ahead of what can be taken: a
 *       producer sits between its swap and its link. An M that meets this keeps looking or hands
 *       the search on; the producer wakes an M after its link, or is one that comes back to look.
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

    static {
        try {
            var lookup = MethodHandles.lookup();
            TAIL = lookup.findVarHandle(GlobalQueue.class, "tail", Node.class);
            SIZE = lookup.findVarHandle(GlobalQueue.class, "size", int.class);
            CONSUMING = lookup.findVarHandle(GlobalQueue.class, "consuming", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private static final class Node<T> {
        @Nullable T item;
        volatile @Nullable Node<T> next;

        Node(@Nullable T item) {
            this.item = item;
        }
    }

    private volatile Node<T> tail;
    private Node<T> head; // a spent node; guarded by consuming
    private volatile int size;

    @SuppressWarnings("unused") // through CONSUMING
    private volatile int consuming;

    /** An empty queue. */
    public GlobalQueue() {
        head = tail = new Node<>(null);
    }

    /** Appends {@code x}. A full fence, as an idle M's wake-up needs it. */
    @SuppressWarnings("unchecked")
    public void add(T x) {
        Node<T> n = node(x);
        SIZE.getAndAdd(this, 1);
        Node<T> prev = (Node<T>) TAIL.getAndSet(this, n);
        prev.next = n;
    }

    /** Appends the first {@code n} elements of {@code batch}, in order, as one. */
    @SuppressWarnings("unchecked")
    public void addAll(@Nullable Object[] batch, int n) {
        if (n == 0) {
            return;
        }
        Node<T> first = node((T) batch[0]);
        Node<T> last = first;
        for (int i = 1; i < n; i++) {
            Node<T> link = node((T) batch[i]);
            last.next = link;
            last = link;
        }
        SIZE.getAndAdd(this, n);
        Node<T> prev = (Node<T>) TAIL.getAndSet(this, last);
        prev.next = first;
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
        Node<T> h = head;
        int n = 0;
        while (n < max) {
            Node<T> first = h.next;
            if (first == null) {
                break;
            }
            into[n++] = first.item;
            first.item = null;
            h.next = null; // so that an old dead node does not keep younger ones alive
            h = first;
        }
        head = h;
        CONSUMING.setRelease(this, 0);
        if (n > 0) {
            SIZE.getAndAdd(this, -n);
        }
        return n;
    }

    private static <T> Node<T> node(@Nullable T item) {
        for (; ; ) {
            try {
                return new Node<>(item);
            } catch (OutOfMemoryError e) {
                Thread.onSpinWait(); // the collector has taken its time already
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
