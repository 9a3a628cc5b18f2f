package dev.jenny.inspect.internal.web;

import dev.jenny.inspect.internal.http.EventStream;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Hands each sample to all who listen. A sample is encoded once; a client that is slower than the
 * samples come gets the newest and misses those in between, which are counted.
 */
final class Feed {
    private static final long PING_MILLIS = 5000;

    private final AtomicInteger clients = new AtomicInteger();
    private final AtomicLong missed = new AtomicLong();
    private Samples.@Nullable Doc newest; // guarded by this
    private long number; // guarded by this

    /** A new sample is there. */
    synchronized void publish(Samples.Doc doc) {
        newest = doc;
        number++;
        notifyAll();
    }

    /** How many listen. */
    int clients() {
        return clients.get();
    }

    /** How many samples slow clients have missed. */
    long missed() {
        return missed.get();
    }

    /** Sends samples until the client goes or the thread is interrupted. */
    void serve(EventStream out, Sampler sampler, byte[] program) throws Exception {
        clients.incrementAndGet();
        try {
            sampler.watch();
            out.send("program", program);
            long seen = 0;
            while (true) {
                Samples.Doc doc;
                synchronized (this) {
                    if (seen == 0) {
                        seen = number;
                    }
                    if (number == seen) {
                        wait(PING_MILLIS);
                    }
                    doc = number == seen ? null : newest;
                    if (number > seen + 1) {
                        missed.addAndGet(number - seen - 1);
                    }
                    seen = number;
                }
                if (doc == null) {
                    out.ping();
                } else {
                    out.send("sample", doc.json());
                }
                sampler.watch();
            }
        } finally {
            clients.decrementAndGet();
        }
    }
}
