package dev.jenny.inspect.internal.trace;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * A batch of a Go trace: events of one thread, or a part of a table.
 *
 * @param generation what it belongs to
 * @param thread whose events they are; -1 for none
 * @param time of the first event, in units of the trace's clock
 * @param position of the data in the file
 */
record GoBatch(long generation, long thread, long time, byte[] data, long position) {
    private static final int MAX = 64 << 10;
    private static final int EV_EXPERIMENTAL_BATCH = 49;
    private static final int EV_END_OF_GENERATION = 52;

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
