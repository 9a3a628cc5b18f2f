package dev.jenny.inspect.internal.web;

import dev.jenny.inspect.internal.Json;
import dev.jenny.inspect.internal.http.HttpError;
import dev.jenny.inspect.internal.http.Request;
import dev.jenny.inspect.internal.http.Response;
import dev.jenny.inspect.internal.model.Model;
import dev.jenny.inspect.internal.model.ModelJson;
import dev.jenny.inspect.internal.model.ObjectDetail;
import dev.jenny.inspect.internal.model.ObjectList;
import java.io.IOException;
import java.util.List;

/** {@code /api/v1/chans} and {@code /api/v1/graph}. */
final class WaitPages {
    private static final int MAX_LIMIT = 5000;

    private final Past past;

    WaitPages(Past past) {
        this.past = past;
    }

    void chans(Request request, Response response) throws HttpError, IOException {
        if (past.answer("chans", request, response)) {
            return;
        }
        int limit = (int) request.param("limit", 500, 1, MAX_LIMIT);
        long id = request.param("id", 0, 0, Long.MAX_VALUE);
        ObjectList list = Model.objects(id == 0 ? limit : MAX_LIMIT);
        if (id != 0) {
            List<ObjectDetail> those =
                    list.objects().stream().filter(o -> o.object().id() == id).toList();
            list = new ObjectList(those, those.size());
        }
        writeObjects(response.json(), list);
    }

    static void writeObjects(Json j, ObjectList list) {
        j.object().field("total", list.total()).array("objects");
        list.objects().forEach(o -> ModelJson.object(j, o));
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
