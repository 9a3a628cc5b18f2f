package dev.jenny.inspect.internal.web;

import dev.jenny.inspect.internal.Json;
import dev.jenny.inspect.internal.http.HttpError;
import dev.jenny.inspect.internal.http.Request;
import dev.jenny.inspect.internal.http.Response;
import java.io.IOException;

/** {@code /api/v1/lesson/NAME}: runs a lesson, in a JVM that is there for it. */
final class LessonPages {
    private LessonPages() {}

    static void run(Request request, Response response)
            throws HttpError, IOException, InterruptedException {
        StringBuilder text = new StringBuilder();
        Lessons.run(request.rest(), Json.to(text));
        response.type(Web.JSON).writer().append(text);
    }
}
