package dev.jenny.inspect.internal.trace;

import java.io.IOException;
import java.io.InputStream;

/** A stream of bytes that knows how many of them have been read. For one thread. */
final class Input {
    private final InputStream in;
    private long position;

    Input(InputStream in) {
        this.in = in;
    }

    /** How many bytes have been read. */
    long position() {
        return position;
    }

    /** The next byte; -1 at the end. */
    int read() throws IOException {
        int b = in.read();
        position += b < 0 ? 0 : 1;
        return b;
    }

    /** The next {@code n} bytes. */
    byte[] bytes(int n) throws IOException {
        byte[] b = in.readNBytes(n);
        position += b.length;
        if (b.length < n) {
            throw cut();
        }
        return b;
    }

    /** An unsigned integer, seven bits a byte, the lowest first. */
    long varint() throws IOException {
        long v = 0;
        for (int shift = 0; shift < 64; shift += 7) {
            int b = read();
            if (b < 0) {
                throw cut();
            }
            v |= (b & 0x7FL) << shift;
            if (b < 0x80) {
                return v;
            }
        }
        throw damaged("a number is too long");
    }

    TraceFormatException cut() {
        return new TraceFormatException(position, "the file ends in the middle");
    }

    TraceFormatException damaged(String what) {
        return new TraceFormatException(position, what);
    }
}
