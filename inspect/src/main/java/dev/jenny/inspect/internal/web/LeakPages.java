package dev.jenny.inspect.internal.web;

import dev.jenny.inspect.internal.Json;
import dev.jenny.inspect.internal.http.HttpError;
import dev.jenny.inspect.internal.http.Request;
import dev.jenny.inspect.internal.http.Response;
import dev.jenny.inspect.internal.issue.Issues;
import dev.jenny.inspect.internal.model.Frame;
import dev.jenny.inspect.internal.model.Leak;
import dev.jenny.inspect.internal.model.LeakReport;
import dev.jenny.inspect.internal.model.Model;
import dev.jenny.inspect.internal.model.ModelJson;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** {@code /api/v1/leaks}. What was found stays, for its goroutines are gone. */
final class LeakPages {
    private static final int MAX_KINDS = 1_000;
    private static final int MAX_IDS = 10;

    private final Growth growth;

    /** What was found, by what the leaks have in common; guarded by itself. */
    private final Map<Kind, Leak> proven = new LinkedHashMap<>();

    private long total; // guarded by proven

    private volatile @Nullable LeakReport newest;

    private record Kind(@Nullable Frame site, String reason, String objectKind) {}

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
            add(found);
        }
        LeakReport searched = newest;
        Json j = response.json();
        j.object()
                .field("supported", unsupported == null)
                .field("note", unsupported == null ? "" : unsupported)
                .field("checked", searched != null)
                .field("total", total())
                .field("newest", searched == null ? 0 : searched.total())
                .field("looked", searched == null ? 0 : searched.checked())
                .field("tookNs", searched == null ? 0 : searched.tookNanos())
                .field("psHeldUp", searched == null ? 0 : searched.psHeldUp())
                .field("missed", searched == null ? "" : searched.missed())
                .array("proven");
        found().forEach(leak -> ModelJson.leak(j, leak));
        j.end();
        growth.write(j);
        j.end();
    }

    private void add(LeakReport report) {
        synchronized (proven) {
            total += report.total();
            for (Leak l : report.leaks()) {
                Kind k = new Kind(l.site(), l.reason(), l.objectKind());
                if (proven.size() < MAX_KINDS || proven.containsKey(k)) {
                    proven.merge(k, l, LeakPages::both);
                }
            }
        }
    }

    /** The newer of two searches has the stack that is shown. */
    private static Leak both(Leak before, Leak now) {
        Map<String, String> common = new HashMap<>(now.labels());
        common.entrySet().retainAll(before.labels().entrySet());
        List<Long> goroutines = new ArrayList<>(now.goroutines());
        goroutines.addAll(before.goroutines());
        return new Leak(
                before.count() + now.count(),
                now.reason(),
                now.objectKind(),
                now.site(),
                Map.copyOf(common),
                Math.max(before.oldestNanos(), now.oldestNanos()),
                List.copyOf(goroutines.subList(0, Math.min(goroutines.size(), MAX_IDS))),
                now.stack(),
                now.stackOf());
    }

    private long total() {
        synchronized (proven) {
            return total;
        }
    }

    private List<Leak> found() {
        List<Leak> list;
        synchronized (proven) {
            list = new ArrayList<>(proven.values());
        }
        list.sort(Comparator.<Leak>comparingLong(l -> -l.count()));
        return list;
    }
}
