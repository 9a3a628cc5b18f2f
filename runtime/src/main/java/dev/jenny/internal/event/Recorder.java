package dev.jenny.internal.event;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A recording of the scheduler's events into the rings. While there is at least one, every P keeps
 * its last events, overwriting the older ones, so the rings are a flight recorder.
 *
 * <pre>{@code
 * try (Recorder r = Recorder.start(1 << 20)) {
 *     Cursor c = r.cursor();
 *     ...
 *     for (Batch b : c.read()) {
 *         for (int i = 0; i < b.size(); i++) {
 *             if (b.type(i) == Event.START) { ... b.p(), b.id(i), b.time(i) ... }
 *         }
 *     }
 * }
 * }</pre>
 *
 * <p>Only goroutines on Jenny's scheduler are recorded: in fallback mode nothing is. All methods
 * may be called from any thread.
 */
public final class Recorder implements AutoCloseable {
    private static final int BYTES_PER_EVENT = 16;
    private static final int MIN_BYTES = 1 << 14;
    private static final int MAX_BYTES = 1 << 29;
    private static int open; // guarded by the class
    private static long begun; // guarded by the class

    private final long since;
    private boolean stopped; // guarded by the class

    private Recorder(long since) {
        this.since = since;
    }

    /**
     * Begins to record. If somebody records already, the rings are shared and keep their size.
     *
     * @param bytesPerP the size of each P's ring; 16 bytes for each event, 16 kB to 512 MB, rounded
     *     to a power of two
     */
    public static Recorder start(long bytesPerP) {
        synchronized (Recorder.class) {
            long now = System.nanoTime();
            Recorder recorder = new Recorder(now);
            if (open == 0) { // counted when nothing can fail any more
                long bytes = Math.max(MIN_BYTES, Math.min(MAX_BYTES, bytesPerP));
                Events.begin((int) (Long.highestOneBit(bytes) / Long.BYTES));
                begun = now;
            }
            open++;
            return recorder;
        }
    }

    /**
     * Takes part in what others record already; begins nothing. {@link #since} is when the first of
     * those that overlap began.
     *
     * @return null if nothing is recorded
     */
    public static @Nullable Recorder join() {
        synchronized (Recorder.class) {
            if (open == 0) {
                return null;
            }
            Recorder recorder = new Recorder(begun);
            open++;
            return recorder;
        }
    }

    /** Ends this recording. The last one to end turns the recording of events off. */
    public void stop() {
        synchronized (Recorder.class) {
            if (!stopped) {
                stopped = true;
                if (--open == 0) {
                    Events.end();
                }
            }
        }
    }

    @Override
    public void close() {
        stop();
    }

    /** When this recording began, on the scale of {@link System#nanoTime}. */
    public long since() {
        return since;
    }

    /** A cursor that gives the events from now on. */
    public Cursor cursor() {
        return new Cursor(false);
    }

    /** What is in the rings now; the recording goes on. */
    public List<Batch> snapshot() {
        return new Cursor(true).read();
    }

    /** How many events the rings of all Ps hold at most, at present. */
    public long capacity() {
        long n = 0;
        for (Ring r : Events.rings()) {
            n += (long) r.capacity() * Long.BYTES / BYTES_PER_EVENT;
        }
        return n;
    }
}
