package dev.jenny.inspect.internal.web;

import dev.jenny.inspect.internal.http.HttpError;
import dev.jenny.inspect.internal.http.Request;
import dev.jenny.inspect.internal.http.Response;
import dev.jenny.inspect.internal.metrics.JvmMetrics;
import dev.jenny.inspect.internal.pause.Pauses;
import dev.jenny.internal.event.Batch;
import dev.jenny.internal.event.Recorder;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Supplier;

/** {@code /api/v1/trace}: the last seconds of the flight recorder, in columns. */
final class TracePages {
    private static final int LIMIT = 1_000_000;
    private static final int MAX_LIMIT = 10_000_000;
    private static final int MAX_SECONDS = 60;
    private static final int MAX_KEEP = 300;

    /** However little memory is left, there is something to show. */
    static final int LEAST = 10_000;

    /** No more events than this, as slow motion asks for, are 16 MB at most. */
    static final int SMALL = 500_000;

    /** What is held until the client has read it is large, if not {@link #SMALL}: one at a time. */
    static final Semaphore LARGE = new Semaphore(1);

    private final Sampler sampler;

    TracePages(Sampler sampler) {
        this.sampler = sampler;
    }

    void trace(Request request, Response response)
            throws HttpError, IOException, InterruptedException {
        long seconds = request.param("seconds", 5, 1, MAX_SECONDS);
        int limit = (int) request.param("limit", LIMIT, 1, MAX_LIMIT);
        long at = request.param("at", -1, -1, Long.MAX_VALUE / 2);
        long keep = request.param("keep", 0, 0, MAX_KEEP);
        long nanos = TimeUnit.SECONDS.toNanos(seconds);
        sampler.watch();
        if (keep > 0) {
            Recording.want(keep); // who is told of a moment can look at it so long
        }
        Function<List<Batch>, Timeline> merge =
                batches -> {
                    long to = at < 0 ? System.nanoTime() : Moments.nanoTime(at);
                    long free = Runtime.getRuntime().maxMemory() - JvmMetrics.heapLive();
                    return new Timeline(batches, to - nanos, to, most(limit, free));
                };
        if (at >= 0) {
            answer(() -> Recording.snapshot(merge), limit, response);
            return;
        }
        try (Recorder recorder = Recording.waitFor(seconds)) {
            Supplier<Timeline> read =
                    () -> {
                        try (recorder) { // who reads the answer slowly does not keep it on
                            return Recording.read(recorder, merge);
                        }
                    };
            answer(read, limit, response);
        }
    }

    private static void answer(Supplier<Timeline> read, int limit, Response response)
            throws HttpError, IOException, InterruptedException {
        if (limit <= SMALL) {
            write(read.get(), response);
            return;
        }
        if (!LARGE.tryAcquire(2, TimeUnit.SECONDS)) {
            throw new HttpError(
                    503, "somebody else is just being sent a trace: try again in a moment");
        }
        try {
            write(read.get(), response);
        } finally {
            LARGE.release();
        }
    }

    private static void write(Timeline timeline, Response response) throws IOException {
        timeline.write(response.type("application/octet-stream").stream(), Pauses.seen());
    }

    /** How many events are merged: no more than fit into a half of what is free of the heap. */
    static int most(int limit, long free) {
        long fit = Math.max(LEAST, free / 2 / Timeline.BYTES_PER_EVENT);
        return (int) Math.min(limit, fit);
    }
}
