package dev.jenny.inspect.internal.web;

import dev.jenny.inspect.internal.Failures;
import dev.jenny.inspect.internal.Json;
import dev.jenny.inspect.internal.Threads;
import dev.jenny.inspect.internal.http.HttpError;
import dev.jenny.inspect.internal.http.Request;
import dev.jenny.inspect.internal.http.Response;
import dev.jenny.inspect.internal.model.Model;
import dev.jenny.inspect.internal.model.ModelJson;
import dev.jenny.inspect.internal.model.ObjectList;
import dev.jenny.inspect.internal.model.ObjectTrends;
import dev.jenny.inspect.internal.model.Query;
import dev.jenny.inspect.internal.pause.Pauses;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * What the goroutines were doing at each second of the last two minutes while somebody watches, and
 * at each fifth second else: so that a page can be rewound, also by who comes a minute late. Each
 * round waits at least twenty times as long as it took, or a hundred times while nobody watches, so
 * that a program with a million goroutines spends no more than 5 % or 1 % of one core on it.
 */
final class Past implements Runnable, AutoCloseable {
    private static final long KEEP = 125_000_000_000L;
    private static final long ROUND = 1_000_000_000;
    private static final int SHARE = 20;

    /** Each while nobody watches: so many times as long, and as small a share. */
    private static final int UNWATCHED = 5;

    private static final int GROUPS = 60;
    private static final int OBJECTS = 100;
    private static final int WAITERS = 120;

    private final Sampler sampler;
    private final ObjectTrends trends;
    private final Map<String, Samples> kinds =
            Map.of(
                    "goroutines", new Samples(KEEP, 4L << 20),
                    "chans", new Samples(KEEP, 8L << 20),
                    "graph", new Samples(KEEP, 4L << 20));
    private final Thread thread = Threads.daemon("jenny-inspect-past", this);

    // of the thread: when a round may begin
    private long next = System.nanoTime();
    private long nextUnwatched = next;
    private boolean isFirst = true;

    Past(Sampler sampler, ObjectTrends trends) {
        this.sampler = sampler;
        this.trends = trends;
    }

    void start() {
        thread.start();
    }

    @Override
    public void close() {
        thread.interrupt();
        Threads.join(thread); // it stops the recording, which may be the next one's by then
    }

    @Override
    public void run() {
        boolean told = false;
        while (!Thread.interrupted()) {
            boolean watched = sampler.isWatched();
            try {
                // not only when there is a snapshot: of a busy machine that may be rare
                if (watched) {
                    Recording.watched(sampler.switchesPerSecond());
                } else {
                    Recording.unwatched(sampler.switchesPerSecond());
                }
                if (sampler.isViewed()) {
                    Pauses.watch();
                } else {
                    Pauses.unwatch();
                }
                if (System.nanoTime() - (watched ? next : nextUnwatched) >= 0) {
                    timed();
                }
            } catch (RuntimeException | Error e) { // a full heap, say
                if (!told) {
                    told = true;
                    Failures.tell("inspect: a moment cannot be rewound to", e);
                }
            }
            LockSupport.parkNanos(this, ROUND);
        }
        Recording.stop();
        Pauses.unwatch();
    }

    private void timed() {
        long begin = System.nanoTime();
        try {
            round();
        } finally {
            long end = System.nanoTime();
            // The first one loads its classes: how long it took tells nothing of the others.
            long rest = isFirst ? ROUND : Math.max(ROUND, SHARE * (end - begin));
            isFirst = false;
            next = end + rest;
            nextUnwatched = end + UNWATCHED * rest;
        }
    }

    /** Takes one snapshot of each kind. */
    void round() {
        long t = Moments.now();
        var groups = Model.groups(Query.ALL, GROUPS);
        keep("goroutines", t, j -> GoroutinePages.write(j, groups, null));
        ObjectList objects = trends.look(t).first(OBJECTS);
        keep("chans", t, j -> WaitPages.writeObjects(j, objects, trends));
        var graph = Model.graph(Query.ALL, WAITERS);
        keep("graph", t, j -> ModelJson.graph(j, graph));
    }

    private void keep(String kind, long t, Json.Body body) {
        Samples samples = kinds.get(kind);
        if (samples != null) {
            byte[] json = Json.string(body).getBytes(StandardCharsets.UTF_8);
            samples.add(new Samples.Doc(t, json));
        }
    }

    /** Answers a request for a moment of the past; false if it asks for now. */
    boolean answer(String kind, Request request, Response response) throws HttpError, IOException {
        if (request.param("at", "").isEmpty()) {
            return false;
        }
        long at = request.param("at", 0, 0, Long.MAX_VALUE / 2);
        Samples samples = kinds.get(kind);
        Samples.@Nullable Doc doc = samples == null ? null : samples.at(at);
        if (doc == null || doc.t() > at) {
            throw HttpError.notFound(
                    "nothing is kept of that moment: snapshots are kept for two minutes, of each"
                            + " second while the dashboard is open, else of each fifth");
        }
        response.type(Web.JSON).header("Jenny-Moment", Long.toString(doc.t())).stream()
                .write(doc.json());
        return true;
    }
}
