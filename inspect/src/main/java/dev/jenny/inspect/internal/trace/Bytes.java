package dev.jenny.inspect.internal.trace;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** A growing buffer of bytes that knows base-128 integers. For one thread. */
final class Bytes {
    private byte[] buf = new byte[256];
    private int size;

    int size() {
        return size;
    }

    void clear() {
        size = 0;
    }

    /**
     * Makes room for {@code n} bytes more: if there is no memory for it, nothing has been written
     * yet.
     */
    Bytes reserve(int n) {
        if (size + n > buf.length) {
            buf = Arrays.copyOf(buf, Math.max(buf.length * 2, size + n));
        }
        return this;
    }

    Bytes put(int b) {
        if (size == buf.length) {
            buf = Arrays.copyOf(buf, size * 2);
        }
        buf[size++] = (byte) b;
        return this;
    }

    /** An unsigned integer, seven bits a byte, the lowest first. */
    Bytes varint(long v) {
        while ((v & ~0x7FL) != 0) {
            put(((int) v & 0x7F) | 0x80);
            v >>>= 7;
        }
        return put((int) v);
    }

    Bytes put(byte[] b) {
        reserve(b.length);
        System.arraycopy(b, 0, buf, size, b.length);
        size += b.length;
        return this;
    }

    Bytes put(Bytes b) {
        reserve(b.size);
        System.arraycopy(b.buf, 0, buf, size, b.size);
        size += b.size;
        return this;
    }

    void writeTo(OutputStream out) throws IOException {
        out.write(buf, 0, size);
    }

    /** UTF-8, at most {@code max} bytes of it. */
    static byte[] utf8(String s, int max) {
        byte[] b = s.getBytes(StandardCharsets.UTF_8);
        if (b.length <= max) {
            return b;
        }
        int end = max;
        while (end > 0 && (b[end] & 0xC0) == 0x80) {
            end--; // not in the middle of a character
        }
        return Arrays.copyOf(b, end);
    }
}
