package dev.jenny.inspect.internal.web;

import dev.jenny.internal.event.Batch;
import dev.jenny.internal.event.Recorder;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The flight recorder as the dashboard uses it: on while somebody watches, off a minute later. Any
 * thread may call.
 */
final class Recording {
    /** For each P: half a million events, if not set otherwise. */
    private static final long BYTES_PER_P =
            (long) Math.clamp(Integer.getInteger("jenny.traceMegabytes", 8), 1, 512) << 20;

    private static @Nullable Recorder recorder; // guarded by the class
    private static final AtomicLong DROPPED = new AtomicLong();

    private Recording() {}

    /** Begins to record, if that is not on. True if it was. */
    static synchronized boolean begin() {
        if (recorder != null) {
            return true;
        }
        recorder = Recorder.start(BYTES_PER_P);
        return false;
    }

    /** Ends. */
    static synchronized void end() {
        Recorder r = recorder;
        recorder = null;
        if (r != null) {
            r.close();
        }
    }

    /** What is in the rings, at the oldest from the beginning of this recording. */
    static List<Batch> snapshot() {
        Recorder r;
        synchronized (Recording.class) {
            r = recorder;
        }
        if (r == null) {
            return List.of();
        }
        List<Batch> batches = r.snapshot();
        long lost = 0;
        for (Batch b : batches) {
            if (b.p() == Batch.OUTSIDE) {
                lost += b.dropped();
            }
        }
        DROPPED.addAndGet(lost);
        return batches;
    }

    /** How many events of threads without a P were lost because they came too fast. */
    static long dropped() {
        return DROPPED.get();
    }
}
