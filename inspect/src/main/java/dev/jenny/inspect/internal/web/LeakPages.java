package dev.jenny.inspect.internal.web;

import dev.jenny.inspect.internal.Json;
import dev.jenny.inspect.internal.http.HttpError;
import dev.jenny.inspect.internal.http.Request;
import dev.jenny.inspect.internal.http.Response;
import dev.jenny.inspect.internal.issue.Issues;
import dev.jenny.inspect.internal.model.LeakReport;
import dev.jenny.inspect.internal.model.Model;
import dev.jenny.inspect.internal.model.ModelJson;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** {@code /api/v1/leaks}. What was found stays, for its goroutines are gone. */
final class LeakPages {
    private final Growth growth;
    private final AtomicReference<@Nullable LeakReport> last = new AtomicReference<>();

    /** What could not be looked at in the newest search. */
    private volatile @Nullable LeakReport newest;

    LeakPages(Growth growth) {
        this.growth = growth;
    }

    void leaks(Request request, Response response) throws HttpError {
        String unsupported = Model.leaksUnsupported();
        if (unsupported == null && request.param("check", 0, 0, 1) == 1) {
            LeakReport found;
            try {
                found = Issues.findLeaks();
            } catch (IllegalStateException e) {
                throw new HttpError(503, String.valueOf(e.getMessage())); // may work the next time
            }
            newest = found;
            last.updateAndGet(before -> found.total() == 0 && before != null ? before : found);
        }
        LeakReport report = last.get();
        LeakReport searched = newest;
        Json j = response.json();
        j.object()
                .field("supported", unsupported == null)
                .field("note", unsupported == null ? "" : unsupported)
                .field("checked", report != null)
                .field("total", report == null ? 0 : report.total())
                .field("looked", report == null ? 0 : report.checked())
                .field("tookNs", report == null ? 0 : report.tookNanos())
                .field("psHeldUp", searched == null ? 0 : searched.psHeldUp())
                .field("missed", searched == null ? "" : searched.missed())
                .array("proven");
        if (report != null) {
            report.leaks().forEach(leak -> ModelJson.leak(j, leak));
        }
        j.end();
        growth.write(j);
        j.end();
    }
}
