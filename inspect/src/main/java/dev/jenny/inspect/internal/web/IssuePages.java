package dev.jenny.inspect.internal.web;

import dev.jenny.inspect.internal.Json;
import dev.jenny.inspect.internal.http.Request;
import dev.jenny.inspect.internal.http.Response;
import dev.jenny.inspect.internal.issue.Issues;
import dev.jenny.inspect.internal.model.ModelJson;
import dev.jenny.internal.sched.Probe;

/** {@code /api/v1/issues}. */
final class IssuePages {
    private IssuePages() {}

    static void issues(Request request, Response response) {
        Json j = response.json();
        j.object().field("now", Probe.now()).array("issues");
        Issues.list().forEach(i -> ModelJson.issue(j, i));
        j.end().end();
    }
}
