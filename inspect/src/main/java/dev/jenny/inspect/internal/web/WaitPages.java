package dev.jenny.inspect.internal.web;

import dev.jenny.inspect.internal.Json;
import dev.jenny.inspect.internal.http.HttpError;
import dev.jenny.inspect.internal.http.Request;
import dev.jenny.inspect.internal.http.Response;
import dev.jenny.inspect.internal.model.Model;
import dev.jenny.inspect.internal.model.ModelJson;
import dev.jenny.inspect.internal.model.ObjectDetail;
import dev.jenny.inspect.internal.model.ObjectList;
import dev.jenny.inspect.internal.model.ObjectTrends;
import dev.jenny.internal.chan.ChannelRegistry;
import java.io.IOException;
import java.util.List;

/** {@code /api/v1/chans} and {@code /api/v1/graph}. */
final class WaitPages {
    private static final int MAX_LIMIT = 5000;

    private final Past past;
    private final ObjectTrends trends;

    WaitPages(Past past, ObjectTrends trends) {
        this.past = past;
        this.trends = trends;
    }

    void chans(Request request, Response response) throws HttpError, IOException {
        if (past.answer("chans", request, response)) {
            return;
        }
        int limit = (int) request.param("limit", 500, 1, MAX_LIMIT);
        long id = request.param("id", 0, 0, Long.MAX_VALUE);
        if (id != 0) {
            List<ObjectDetail> those =
                    trends.objects(MAX_LIMIT, Moments.now()).objects().stream()
                            .filter(o -> o.object().id() == id)
                            .toList();
            writeObjects(response.json(), new ObjectList(those, those.size()), trends);
            return;
        }
        boolean all = request.param("all", 0, 0, 1) != 0;
        ObjectList list = all ? trends.objects(limit, Moments.now()) : Model.objects(limit);
        writeObjects(response.json(), list, trends);
    }

    static void writeObjects(Json j, ObjectList list, ObjectTrends trends) {
        ObjectTrends.Shown shown = trends.show(list.objects());
        j.object().field("total", list.total()).field("complete", ChannelRegistry.ON);
        ModelJson.numbers(j, "looks", shown.looks());
        j.array("objects");
        list.objects().forEach(o -> ModelJson.object(j, o, shown.of().get(o.object().name())));
        j.end().end();
    }

    void graph(Request request, Response response) throws HttpError, IOException {
        if (past.answer("graph", request, response)) {
            return;
        }
        int limit = (int) request.param("limit", 400, 1, MAX_LIMIT);
        var graph = Model.graph(GoroutinePages.query(request), limit);
        ModelJson.graph(response.json(), graph);
    }
}
