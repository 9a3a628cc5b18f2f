package dev.jenny.inspect.internal.web;

import dev.jenny.inspect.internal.http.EventStream;
import dev.jenny.inspect.internal.http.Request;
import dev.jenny.inspect.internal.metrics.Drops;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Hands each sample to all who listen. A sample is encoded once. A thread that wakes up to write to
 * a client takes its time from the program, so there is a limit to how often that happens: with
 * many clients each gets its samples in bundles, and none is missed. A client that does not keep up
 * misses samples, is told how many, and they are counted. One that does not read at all is cut off
 * by the {@link EventStream} once the system takes no more for it. If it comes back, it says what
 * it got last, as browsers' {@code EventSource} does by itself, and is told what it missed.
 */
final class Feed {
    private static final long PING_MILLIS = 5000;

    /** So many bundles a second go out to all clients together. */
    private static final int BUNDLES = 400;

    /** Samples come no faster than this, so waiting for less makes no bundles. */
    private static final long TICK_MILLIS = 100;

    /** A client that is further behind misses what is older. */
    static final int RECENT = 16;

    private final AtomicInteger clients = new AtomicInteger();
    private final AtomicLong missed = new AtomicLong();
    private final ArrayDeque<Samples.Doc> recent = new ArrayDeque<>(); // guarded by this
    private long number; // of the newest; guarded by this

    /** Tells the samples of this program from those of another one at the same address. */
    private final String series = Long.toString(System.currentTimeMillis(), Character.MAX_RADIX);

    /** A new sample is there. */
    synchronized void publish(Samples.Doc doc) {
        if (recent.size() == RECENT) {
            recent.removeFirst();
        }
        recent.addLast(doc);
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

    /** How long a client waits at least from one bundle to the next; 0 if it need not. */
    static long paceMillis(int clients) {
        long pace = clients * 1000L / BUNDLES;
        return pace <= TICK_MILLIS ? 0 : pace;
    }

    /** Where a client is. For one thread. */
    static final class Reader {
        private long seen;
        private long lost;
        private long told; // how many of the lost ones the client knows of
        private boolean back; // it says where it was, and has not asked for more so far

        /** How many samples this client has missed so far. */
        long lost() {
            return lost;
        }
    }

    /** A client that gets what comes from now on. */
    synchronized Reader reader() {
        Reader r = new Reader();
        r.seen = number;
        return r;
    }

    /** A client that has been here before, and got {@code lastId} last. */
    synchronized Reader reader(String lastId) {
        Reader r = reader();
        if (lastId.startsWith(series + "-")) {
            try {
                long seen = Long.parseLong(lastId, series.length() + 1, lastId.length(), 10);
                if (seen >= 0 && seen <= number) {
                    r.seen = seen;
                    r.back = true;
                }
            } catch (NumberFormatException e) {
                // it is not one of ours: the client begins anew
            }
        }
        return r;
    }

    /** A client has been cut off: what it was being sent, and what came since, it misses. */
    private synchronized void cutOff(Reader r, int sending) {
        long lost = number - r.seen + sending;
        missed.addAndGet(lost);
        Drops.addClients(lost);
    }

    /** What is new, the oldest first; waits for it if need be, and gives nothing after a while. */
    synchronized List<byte[]> next(Reader r, long millis) throws InterruptedException {
        long until = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
        while (number == r.seen) {
            long left = until - System.nanoTime();
            if (left <= 0) {
                return List.of();
            }
            TimeUnit.NANOSECONDS.timedWait(this, left);
        }
        long behind = number - r.seen;
        int skip = (int) Math.max(0, recent.size() - behind);
        long lost = behind - (recent.size() - skip);
        List<byte[]> news = new ArrayList<>();
        for (Samples.Doc doc : recent) {
            if (skip > 0) {
                skip--;
            } else {
                news.add(doc.json());
            }
        }
        r.seen = number;
        r.lost += lost;
        if (!r.back) {
            missed.addAndGet(lost); // else it was cut off, and they are counted, or it was away
            Drops.addClients(lost);
        }
        r.back = false;
        return news;
    }

    private void send(EventStream out, Reader reader, List<byte[]> news) throws IOException {
        try {
            if (reader.lost != reader.told) {
                reader.told = reader.lost;
                String json = "{\"samples\":" + reader.lost + "}";
                out.send("missed", json.getBytes(StandardCharsets.US_ASCII));
            }
            if (news.isEmpty()) {
                out.ping();
            } else {
                out.send("sample", series, reader.seen - news.size() + 1, news);
            }
        } catch (EventStream.TooSlowException e) {
            cutOff(reader, news.size());
            throw e;
        }
    }

    /** Sends samples until the client goes or the thread is interrupted. */
    void serve(Request request, EventStream out, Sampler sampler, byte[] program) throws Exception {
        clients.incrementAndGet();
        try {
            sampler.watch();
            Reader reader = reader(request.lastEventId()); // all that comes after the program
            out.send("program", program);
            while (true) {
                List<byte[]> news = next(reader, PING_MILLIS);
                send(out, reader, news);
                sampler.watch();
                long pace = paceMillis(clients.get());
                if (pace > 0) {
                    // Not all at once: two hundred threads in a row would be felt.
                    long spread = ThreadLocalRandom.current().nextLong(pace / 2);
                    TimeUnit.MILLISECONDS.sleep(pace * 3 / 4 + spread);
                }
            }
        } finally {
            clients.decrementAndGet();
        }
    }
}
