package dev.jenny.internal.sched;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A 4-ary min-heap of timers, ordered by time, with each timer's position kept in the timer so that
 * it can leave in O(log n). Four children a node: shallower than a binary heap, and the children of
 * a node share a cache line or two.
 *
 * <p>Guarded by its own lock, except {@link #earliest}.
 */
final class TimerHeap extends SpinLock {
    private static final int FEW = 64;

    private @Nullable TimerNode[] a = new @Nullable TimerNode[16];
    private int size;

    /** When the first timer is due; {@code Long.MAX_VALUE} if there is none. */
    private volatile long earliest = Long.MAX_VALUE;

    long earliest() {
        return earliest;
    }

    int size() {
        return size;
    }

    /** Adds {@code t}; false, with nothing changed, if there is no memory for that. */
    boolean add(TimerNode t, long when) {
        if (size == a.length && !grow(size * 2) && !grow(size + FEW)) {
            return false;
        }
        t.when = when;
        up(size++, t);
        published();
        return true;
    }

    void remove(TimerNode t) {
        int i = t.index;
        t.index = -1;
        TimerNode moved = a[--size];
        a[size] = null;
        if (moved != null && moved != t) {
            down(i, moved);
            if (moved.index == i) {
                up(i, moved);
            }
        }
        if (size < a.length / 4 && a.length > 16) {
            try {
                a = Arrays.copyOf(a, a.length / 2);
            } catch (OutOfMemoryError e) {
                // it stays long
            }
        }
        published();
    }

    private boolean grow(int length) {
        try {
            a = Arrays.copyOf(a, length);
            return true;
        } catch (OutOfMemoryError e) {
            return false;
        }
    }

    /** Takes the first timer if it is due. */
    @Nullable TimerNode pollDue(long now) {
        TimerNode t = a[0];
        if (t == null || t.when > now) {
            return null;
        }
        remove(t);
        return t;
    }

    private void published() {
        TimerNode t = a[0];
        long e = t == null ? Long.MAX_VALUE : t.when;
        if (e != earliest) {
            earliest = e;
        }
    }

    @SuppressWarnings("NullAway") // slots below size are filled
    private void up(int i, TimerNode t) {
        while (i > 0) {
            int parent = (i - 1) >>> 2;
            TimerNode p = a[parent];
            if (p.when <= t.when) {
                break;
            }
            a[i] = p;
            p.index = i;
            i = parent;
        }
        a[i] = t;
        t.index = i;
    }

    @SuppressWarnings("NullAway")
    private void down(int i, TimerNode t) {
        for (; ; ) {
            int child = (i << 2) + 1;
            if (child >= size) {
                break;
            }
            int least = child;
            int end = Math.min(child + 4, size);
            for (int c = child + 1; c < end; c++) {
                if (a[c].when < a[least].when) {
                    least = c;
                }
            }
            if (a[least].when >= t.when) {
                break;
            }
            a[i] = a[least];
            a[i].index = i;
            i = least;
        }
        a[i] = t;
        t.index = i;
    }
}
