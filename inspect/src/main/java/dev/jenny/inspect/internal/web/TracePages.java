package dev.jenny.inspect.internal.web;

import dev.jenny.inspect.internal.http.HttpError;
import dev.jenny.inspect.internal.http.Request;
import dev.jenny.inspect.internal.http.Response;
import dev.jenny.inspect.internal.pause.Pauses;
import dev.jenny.internal.event.Batch;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/** {@code /api/v1/trace}: the last seconds of the flight recorder, in columns. */
final class TracePages {
    private static final int LIMIT = 1_000_000;
    private static final int MAX_LIMIT = 10_000_000;
    private static final int MAX_SECONDS = 60;
    private static final int MAX_KEEP = 300;

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
                    return new Timeline(batches, to - nanos, to, limit);
                };
        Timeline timeline = at < 0 ? Recording.last(seconds, merge) : Recording.snapshot(merge);
        timeline.write(response.type("application/octet-stream").stream(), Pauses.seen());
    }
}
