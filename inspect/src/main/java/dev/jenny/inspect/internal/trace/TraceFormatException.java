package dev.jenny.inspect.internal.trace;

import java.io.IOException;

/** A file is no trace that can be read, or it breaks off, or is damaged. */
public final class TraceFormatException extends IOException {
    private static final long serialVersionUID = 1;

    /** Times beyond it, in nanoseconds, are damage: sums of them could overflow. */
    static final long MAX_TIME = 1L << 60;

    private final long position;

    /**
     * Of a file that is not read at all.
     *
     * @param message a sentence without the file's name
     */
    public TraceFormatException(String message) {
        super(message);
        position = -1;
    }

    TraceFormatException(long position, String message) {
        super(message);
        this.position = position;
    }

    static TraceFormatException ofTime(long position) {
        return new TraceFormatException(position, "a time that cannot be");
    }

    /** The byte of the file where it breaks; -1 if nothing of it could be read. */
    public long position() {
        return position;
    }
}
