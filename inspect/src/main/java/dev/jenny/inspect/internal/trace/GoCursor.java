package dev.jenny.inspect.internal.trace;

import java.util.ArrayDeque;

/** Goes through batches of one thread, an event at a time. For one thread. */
final class GoCursor {
    /** How many numbers follow the type and the time of each event. */
    private static final byte[] ARGS = {
        -1, -1, -1, -1, -1, -1, -1, -1, -1, 2, // 9: the first that threads write
        2, 0, 3, 2, 3, 1, 2, 0, 0, 2, // 10: P starts
        2, 3, 2, 0, 0, 3, 2, 0, 1, 2, // 20: a goroutine blocks
        1, 1, 1, 2, 1, 1, 0, 1, 1, 1, // 30: the end of a garbage collection
        4, 2, 3, 3, 4, 2, 2, 3, 4, -1 // 40: a user's task begins
    };

    final long thread;
    private final ArrayDeque<GoBatch> batches = new ArrayDeque<>();
    private GoBatch batch;
    private int at;
    private long latest = TraceFormatException.MAX_TIME;

    /** The type of the current event. */
    int type;

    /** Its time, in units of the trace's clock. */
    long time;

    /** Its numbers, without the time. */
    final long[] args = new long[4];

    GoCursor(GoBatch first) {
        thread = first.thread();
        batch = first;
        time = first.time();
    }

    void add(GoBatch more) {
        batches.add(more);
    }

    /** A time beyond {@code tick}, in units of the trace's clock, is damage. */
    void until(long tick) {
        latest = tick;
    }

    /** Goes to the next event; false if there is none. */
    boolean next() throws TraceFormatException {
        while (at == batch.data().length) {
            GoBatch more = batches.poll();
            if (more == null) {
                return false;
            }
            batch = more;
            time = more.time();
            at = 0;
        }
        type = batch.data()[at++];
        int n = type >= 0 && type < ARGS.length ? ARGS[type] : -1;
        if (n < 0) {
            at--;
            throw damaged("an event of the unknown type " + type);
        }
        long later = varint();
        if (later < 0 || time < 0 || later > latest - time) {
            throw TraceFormatException.ofTime(batch.position() + at);
        }
        time += later;
        for (int i = 0; i < n; i++) {
            args[i] = varint();
        }
        return true;
    }

    /** Of the current event. */
    TraceFormatException damaged(String what) {
        return new TraceFormatException(batch.position() + at, what);
    }

    private long varint() throws TraceFormatException {
        byte[] data = batch.data();
        long v = 0;
        for (int shift = 0; shift < 64; shift += 7) {
            if (at == data.length) {
                throw damaged("an event goes beyond its batch");
            }
            byte b = data[at++];
            v |= (b & 0x7FL) << shift;
            if (b >= 0) {
                return v;
            }
        }
        throw damaged("a number is too long");
    }
}
