package dev.jenny.inspect.internal.web;

import dev.jenny.inspect.internal.Json;
import dev.jenny.inspect.internal.http.HttpError;
import dev.jenny.inspect.internal.http.Request;
import dev.jenny.inspect.internal.http.Response;
import dev.jenny.inspect.internal.issue.Issues;
import dev.jenny.inspect.internal.model.Frame;
import dev.jenny.inspect.internal.model.Leak;
import dev.jenny.inspect.internal.model.LeakHistory;
import dev.jenny.inspect.internal.model.LeakReport;
import dev.jenny.inspect.internal.model.Model;
import dev.jenny.inspect.internal.model.ModelJson;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** {@code /api/v1/leaks}. What anybody has found stays, for its goroutines are gone. */
final class LeakPages {
    private final Growth growth;

    private volatile @Nullable LeakReport newest;

    private record Kind(
            @Nullable Frame site, String reason, String objectKind, List<Frame> stack) {}

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
        }
        LeakReport searched = newest;
        LeakHistory known = LeakHistory.now();
        Json j = response.json();
        j.object()
                .field("supported", unsupported == null)
                .field("note", unsupported == null ? "" : unsupported)
                .field("checked", searched != null || (unsupported == null && known.total() > 0))
                .field("total", known.total())
                .field("newest", searched == null ? 0 : searched.total())
                .field("looked", searched == null ? 0 : searched.checked())
                .field("tookNs", searched == null ? 0 : searched.tookNanos())
                .field("psHeldUp", searched == null ? 0 : searched.psHeldUp())
                .field("missed", searched == null ? "" : searched.missed())
                .array("proven");
        merged(known.leaks()).forEach(leak -> ModelJson.leak(j, leak));
        j.end();
        growth.write(j);
        j.end();
    }

    /** Labels may name single requests: those that only they tell apart are one. */
    private static List<Leak> merged(List<Leak> leaks) {
        Map<Kind, Leak> all = new LinkedHashMap<>();
        for (Leak l : leaks) {
            Kind k = new Kind(l.site(), l.reason(), l.objectKind(), l.stack());
            all.merge(k, l, (before, now) -> now.and(before));
        }
        return all.values().stream()
                .sorted(Comparator.<Leak>comparingLong(l -> -l.count()))
                .toList();
    }
}
