package dev.jenny.inspect.internal.trace;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** A batch of a Go trace: events of one thread, or a part of a table. */
final class GoBatch {
    private static final int MAX = 64 << 10;
    private static final int EV_EXPERIMENTAL_BATCH = 49;
    private static final int EV_END_OF_GENERATION = 52;

    private final long generation;
    private final long thread;
    private final long time;
    private final byte[] data;
    private final long position;

    private GoBatch(long generation, long thread, long time, byte[] data, long position) {
        this.generation = generation;
        this.thread = thread;
        this.time = time;
        this.data = data;
        this.position = position;
    }

    /** What it belongs to. */
    long generation() {
        return generation;
    }

    /** Whose events they are; -1 for none. */
    long thread() {
        return thread;
    }

    /** That of the first event, in units of the trace's clock. */
    long time() {
        return time;
    }

    /** The events themselves, not to be written to. */
    byte[] data() {
        return data;
    }

    /** Of the data in the file. */
    long position() {
        return position;
    }

    /** Reads the next one; null at the end of the file. */
    static @Nullable GoBatch read(Input in) throws IOException {
        for (; ; ) {
            int type = in.read();
            switch (type) {
                case -1 -> {
                    return null;
                }
                case EV_END_OF_GENERATION -> {} // the next batch has another number
                case GoTraceWriter.EV_BATCH -> {
                    return body(in);
                }
                case EV_EXPERIMENTAL_BATCH -> {
                    in.bytes(1);
                    body(in); // of the Go runtime's memory: nothing that is told here
                }
                default -> throw in.damaged("byte " + type + " where a batch of events begins");
            }
        }
    }

    private static GoBatch body(Input in) throws IOException {
        long generation = in.varint();
        long thread = in.varint();
        long time = in.varint();
        long size = in.varint();
        if (size < 0 || size > MAX) {
            throw in.damaged("a batch of " + Long.toUnsignedString(size) + " bytes");
        }
        long position = in.position();
        return new GoBatch(generation, thread, time, in.bytes((int) size), position);
    }

    /** What it begins with: the type of a table, or of the first event. */
    int first() {
        return data.length == 0 ? -1 : data[0];
    }
}
