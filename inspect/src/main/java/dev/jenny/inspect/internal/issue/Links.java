package dev.jenny.inspect.internal.issue;

import dev.jenny.inspect.internal.model.Frame;
import dev.jenny.inspect.internal.model.ObjectInfo;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Where the dashboard shows more about a finding: its pages, with what they are to show. */
final class Links {
    static final String LEAKS = "#/leaks";
    static final String GRAPH = "#/graph";
    static final String SCHEDULER = "#/scheduler";

    private Links() {}

    /** The goroutine, or those of some numbers. */
    static String goroutines(List<Long> ids) {
        if (ids.size() == 1) {
            return "#/goroutine?id=" + ids.getFirst();
        }
        return query(ids.stream().map(id -> "id:" + id).collect(Collectors.joining(" or ")));
    }

    /** Those of one {@code go} statement. */
    static String createdAt(@Nullable Frame site) {
        return query(site == null ? "" : "site:\"" + site.location() + "\"");
    }

    /** What goroutines wait on. */
    static String object(ObjectInfo o) {
        return "#/channels?sel=o" + o.id();
    }

    private static String query(String q) {
        return "#/goroutines"
                + (q.isEmpty() ? "" : "?q=" + URLEncoder.encode(q, StandardCharsets.UTF_8));
    }
}
