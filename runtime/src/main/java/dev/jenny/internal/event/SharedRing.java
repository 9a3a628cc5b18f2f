package dev.jenny.internal.event;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * The last events of the threads without a P: the monitor, platform threads, the JDK's own.
 *
 * <p>Writers never wait, not even for each other: each takes a place by fetch-and-add, fills it,
 * and stamps it with the place's number. A reader takes only places with the right stamp, and looks
 * at the stamp again after it has copied. Two writers in one place at the same time would need one
 * of them to be overtaken by a whole round of the ring.
 */
final class SharedRing {
    private static final VarHandle WORD = MethodHandles.arrayElementVarHandle(long[].class);
    private static final VarHandle HEAD;

    static {
        try {
            HEAD = MethodHandles.lookup().findVarHandle(SharedRing.class, "head", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private static final int CAPACITY = 1 << 14; // events

    final int session;
    private final long[] words = new long[2 * CAPACITY];
    private final long[] stamps = new long[CAPACITY];

    @SuppressWarnings("unused") // through HEAD
    private volatile long head; // events

    /** The time of one of the last events: writers race, by little. */
    private long last = System.nanoTime();

    /** The first event after the last time that nothing happened for very long. */
    private long sinceGap;

    SharedRing(int session) {
        this.session = session;
    }

    void now(int type, int extra, long id, int aux) {
        at(System.nanoTime(), type, extra, id, aux);
    }

    void at(long time, int type, int extra, long id, int aux) {
        long place = (long) HEAD.getAndAdd(this, 1L);
        int i = (int) place & (CAPACITY - 1);
        WORD.setOpaque(stamps, i, 0L);
        VarHandle.storeStoreFence();
        WORD.setOpaque(words, 2 * i, Event.word0(type, extra, time));
        WORD.setOpaque(words, 2 * i + 1, Event.word1(id, aux));
        if (time - last > Event.GAP) {
            sinceGap = place;
        }
        last = time;
        WORD.setRelease(stamps, i, place + 1);
    }

    /** The first event whose time can be told from those after it. */
    long sinceGap() {
        return sinceGap;
    }

    /** When one of the last events happened. */
    long last() {
        return last;
    }

    long head() {
        return head;
    }

    int capacity() {
        return CAPACITY;
    }

    /** Copies the event at {@code place}; false if it is not written yet, or no longer there. */
    boolean read(long place, long[] into, int at) {
        int i = (int) place & (CAPACITY - 1);
        if ((long) WORD.getAcquire(stamps, i) != place + 1) {
            return false;
        }
        into[at] = (long) WORD.getOpaque(words, 2 * i);
        into[at + 1] = (long) WORD.getOpaque(words, 2 * i + 1);
        VarHandle.loadLoadFence();
        return (long) WORD.getOpaque(stamps, i) == place + 1;
    }

    /** True if {@code place} has been taken but its event is still being written. */
    boolean isPending(long place) {
        long stamp = (long) WORD.getAcquire(stamps, (int) place & (CAPACITY - 1));
        return stamp < place + 1 && place >= head - CAPACITY;
    }
}
