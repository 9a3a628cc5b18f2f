package dev.jenny.inspect.internal.web;

import dev.jenny.inspect.internal.Json;
import dev.jenny.inspect.internal.http.HttpError;
import dev.jenny.inspect.internal.http.Request;
import dev.jenny.inspect.internal.http.Response;
import dev.jenny.inspect.internal.model.Creator.Creation;
import dev.jenny.inspect.internal.model.Creators;
import dev.jenny.inspect.internal.model.Depth;
import dev.jenny.inspect.internal.model.Detail;
import dev.jenny.inspect.internal.model.GoroutineInfo;
import dev.jenny.inspect.internal.model.Groups;
import dev.jenny.inspect.internal.model.Model;
import dev.jenny.inspect.internal.model.ModelJson;
import dev.jenny.inspect.internal.model.Query;
import dev.jenny.inspect.internal.model.QueryException;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** {@code /api/v1/goroutines} and {@code /api/v1/why/ID}. */
final class GoroutinePages {
    private static final int LIMIT = 200;
    private static final int MAX_LIMIT = 10_000;
    private static final int MAX_RECORD = 10; // seconds

    private final Past past;

    GoroutinePages(Past past) {
        this.past = past;
    }

    void list(Request request, Response response) throws HttpError, IOException {
        if (past.answer("goroutines", request, response)) {
            return;
        }
        Query query = query(request);
        int limit = (int) request.param("limit", LIMIT, 1, MAX_LIMIT);
        boolean groupsOnly = request.param("group", 0, 0, 1) == 1;
        boolean stacks = request.param("stacks", 0, 0, 1) == 1;
        Model.Order order =
                switch (request.param("order", "age")) {
                    case "age" -> Model.Order.AGE;
                    case "id" -> Model.Order.ID;
                    default -> throw HttpError.bad("order is age or id");
                };
        boolean places = request.param("places", 0, 0, 1) == 1;
        Depth depth =
                groupsOnly && stacks ? Depth.ALL : groupsOnly && places ? Depth.SAMPLE : Depth.ONE;
        Groups groups = Model.groups(query, limit, depth);
        List<GoroutineInfo> goroutines =
                groupsOnly ? List.of() : Model.goroutines(query, order, limit, stacks).goroutines();
        boolean creators = request.param("creators", 0, 0, 1) == 1;
        write(
                response.json(),
                groups,
                groupsOnly ? null : goroutines,
                creators ? Model.creators(goroutines, GoroutinePages::recorded) : null);
    }

    /** Writes the whole answer; without goroutines one by one if they are null. */
    static void write(Json j, Groups groups, @Nullable List<GoroutineInfo> list) {
        write(j, groups, list, null);
    }

    private static void write(
            Json j,
            Groups groups,
            @Nullable List<GoroutineInfo> list,
            @Nullable Creators creators) {
        j.object()
                .field("total", groups.total())
                .field("matched", groups.matched())
                .field("omitted", groups.omitted())
                .field("tookNs", groups.tookNanos())
                .array("groups");
        groups.groups().forEach(g -> ModelJson.group(j, g));
        j.end();
        if (list != null) {
            j.array("goroutines");
            for (GoroutineInfo g : list) {
                j.object();
                ModelJson.goroutineFields(j, g);
                if (creators != null) {
                    ModelJson.creators(j, creators.of(g.parent()));
                }
                j.end();
            }
            j.end();
        }
        j.end();
    }

    void one(Request request, Response response) throws HttpError, InterruptedException {
        long id = id(request);
        long record = request.param("record", 0, 0, MAX_RECORD);
        if (record > 0) {
            Recording.last(record, List::size); // which is then in the history
        }
        Detail d = detail(id);
        Json j = response.json().object();
        ModelJson.goroutineFields(j, d.goroutine());
        j.field("t", Moments.now());
        ModelJson.wakers(j, d.why().wakers());
        ModelJson.origin(j, d);
        history(id).write(j);
        j.field("recording", Recording.state());
        j.end();
    }

    static void tree(Request request, Response response) throws HttpError {
        Query query = query(request);
        int limit = (int) request.param("limit", LIMIT, 1, MAX_LIMIT);
        ModelJson.ancestry(response.json(), Model.ancestry(query, limit));
    }

    void why(Request request, Response response) throws HttpError {
        long id = id(request);
        Detail d = detail(id);
        ModelJson.why(response.json(), d, d.text() + history(id).text());
    }

    private static Map<Long, Creation> recorded(Set<Long> ids) {
        return Recording.past(batches -> History.creations(ids, batches));
    }

    private static History history(long id) {
        return Recording.past(batches -> History.of(id, batches));
    }

    private static Detail detail(long id) throws HttpError {
        Detail d = Model.detail(id, GoroutinePages::recorded);
        if (d == null) {
            throw ended(id);
        }
        return d;
    }

    /** The parameter {@code q}. */
    static Query query(Request request) throws HttpError {
        return parse(request.param("q", ""));
    }

    /** The query that {@code text} says. */
    static Query parse(String text) throws HttpError {
        try {
            return Query.parse(text);
        } catch (QueryException e) {
            throw HttpError.bad(String.valueOf(e.getMessage()));
        }
    }

    private static long id(Request request) throws HttpError {
        try {
            return Long.parseLong(request.rest());
        } catch (NumberFormatException e) {
            throw HttpError.bad("a goroutine is named by its number, such as /17");
        }
    }

    private static HttpError ended(long id) {
        return HttpError.notFound("there is no goroutine " + id + ": it has ended, or never was");
    }
}
