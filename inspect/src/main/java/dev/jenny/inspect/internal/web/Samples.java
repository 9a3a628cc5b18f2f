package dev.jenny.inspect.internal.web;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The last documents of a kind, each with the moment that it shows: bounded in time and in bytes,
 * so that what is kept of the past never grows with the program. Any thread may call.
 */
final class Samples {
    /** A document, encoded once for all who ask. */
    static final class Doc {
        private final long t;
        private final byte[] json;

        Doc(long t, byte[] json) {
            this.t = t;
            this.json = json;
        }

        /** The moment, as {@link Moments} counts. */
        long t() {
            return t;
        }

        /** The text; nobody changes it. */
        byte[] json() {
            return json;
        }
    }

    private final long keepNanos;
    private final long keepBytes;
    private final ArrayDeque<Doc> docs = new ArrayDeque<>(); // guarded by this
    private long bytes; // guarded by this

    Samples(long keepNanos, long keepBytes) {
        this.keepNanos = keepNanos;
        this.keepBytes = keepBytes;
    }

    /** Adds the newest; the oldest ones go. */
    synchronized void add(Doc doc) {
        docs.addLast(doc);
        bytes += doc.json.length;
        while (docs.size() > 1) {
            Doc oldest = docs.getFirst();
            if (doc.t - oldest.t <= keepNanos && bytes <= keepBytes) {
                break;
            }
            docs.removeFirst();
            bytes -= oldest.json.length;
        }
    }

    /** Those from {@code t} on, the oldest first. */
    synchronized List<Doc> since(long t) {
        List<Doc> found = new ArrayList<>();
        for (Doc d : docs) {
            if (d.t >= t) {
                found.add(d);
            }
        }
        return found;
    }

    /** The last one not after {@code t}, or the first of all; null if there is none. */
    synchronized @Nullable Doc at(long t) {
        Doc found = docs.peekFirst();
        for (Doc d : docs) {
            if (d.t > t) {
                break;
            }
            found = d;
        }
        return found;
    }

    synchronized int size() {
        return docs.size();
    }

    synchronized long bytes() {
        return bytes;
    }
}
