package dev.jenny.inspect.internal.web;

import dev.jenny.inspect.internal.Json;
import dev.jenny.inspect.internal.http.HttpError;
import dev.jenny.inspect.internal.http.Request;
import dev.jenny.inspect.internal.http.Response;
import dev.jenny.inspect.internal.model.Depth;
import dev.jenny.inspect.internal.model.Dumps;
import dev.jenny.inspect.internal.model.GroupChange;
import dev.jenny.inspect.internal.model.Groups;
import dev.jenny.inspect.internal.model.Model;
import dev.jenny.inspect.internal.model.ModelJson;
import dev.jenny.inspect.internal.model.Query;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/**
 * {@code /api/v1/diff}: what has come and gone between two looks. The server keeps the last {@value
 * #KEPT} snapshots, of at most {@value #GROUPS} groups each, for whoever has their numbers.
 */
final class DiffPages {
    static final int KEPT = 8;
    private static final int GROUPS = 1_000;
    private static final int LIMIT = 200;

    /** Groups hold texts and numbers only: a snapshot keeps no goroutine from being collected. */
    private record Snapshot(long id, long at, String query, Groups groups) {}

    private final Deque<Snapshot> kept = new ArrayDeque<>(); // guarded by this
    private long last; // guarded by this

    void diff(Request request, Response response) throws HttpError {
        request.allow("q", "since", "to", "limit");
        boolean isFirst = request.param("since", "").isEmpty();
        if (isFirst && !(request.param("to", "") + request.param("limit", "")).isEmpty()) {
            throw HttpError.bad(
                    "to and limit go with since=N: the number of a snapshot, which /api/v1/diff"
                            + " without since takes");
        }
        if (isFirst) {
            Query query = GoroutinePages.query(request);
            writeTaken(response.json(), take(request.param("q", ""), query));
            return;
        }
        Snapshot since = find(request.param("since", 0, 0, Long.MAX_VALUE));
        if (!request.param("q", since.query).equals(since.query)) {
            throw HttpError.bad(
                    "the snapshot was taken with q="
                            + since.query
                            + ": leave out q, or say the same");
        }
        int limit = (int) request.param("limit", LIMIT, 1, GROUPS * 2);
        Snapshot to =
                request.param("to", "").isEmpty()
                        ? take(since.query, GoroutinePages.parse(since.query))
                        : find(request.param("to", 0, 0, Long.MAX_VALUE));
        if (!to.query.equals(since.query)) {
            throw HttpError.bad(
                    "the two snapshots were taken with different q: "
                            + since.query
                            + " and "
                            + to.query);
        }
        writeDiff(response.json(), since, to, limit);
    }

    private Snapshot take(String text, Query query) {
        Groups groups = Model.groups(query, GROUPS, Depth.ALL);
        long now = Moments.now();
        synchronized (this) {
            Snapshot s = new Snapshot(++last, now, text, groups);
            kept.addLast(s);
            if (kept.size() > KEPT) {
                kept.removeFirst();
            }
            return s;
        }
    }

    private synchronized Snapshot find(long id) throws HttpError {
        for (Snapshot s : kept) {
            if (s.id == id) {
                return s;
            }
        }
        throw HttpError.notFound(
                "there is no snapshot "
                        + id
                        + ": the last "
                        + KEPT
                        + " are kept; /api/v1/diff without since takes one");
    }

    private static void writeTaken(Json j, Snapshot s) {
        j.object()
                .field("snapshot", s.id)
                .field("t", s.at)
                .field("q", s.query)
                .field("total", s.groups.total())
                .field("matched", s.groups.matched())
                .field("omitted", s.groups.omitted())
                .end();
    }

    private static void writeDiff(Json j, Snapshot since, Snapshot to, int limit) {
        List<GroupChange> changes = Dumps.diff(since.groups, to.groups);
        j.object()
                .field("since", since.id)
                .field("sinceT", since.at)
                .field("snapshot", to.id)
                .field("t", to.at)
                .field("q", since.query)
                .field("before", since.groups.matched())
                .field("after", to.groups.matched())
                .field("complete", since.groups.omitted() + to.groups.omitted() == 0)
                .field("omitted", Math.max(0, changes.size() - limit))
                .array("changes");
        for (GroupChange c : changes.subList(0, Math.min(limit, changes.size()))) {
            j.object()
                    .field("change", c.delta())
                    .field("before", c.before())
                    .field("after", c.after())
                    .name("group");
            ModelJson.group(j, c.group());
            j.end();
        }
        j.end().end();
    }
}
