package dev.jenny.inspect.internal.issue;

import dev.jenny.inspect.internal.model.Issue;
import dev.jenny.inspect.internal.model.Issue.Severity;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * All findings so far. One that comes again is the same finding, with a later time; one that has
 * not come for five minutes is dropped, unless it is an error: a leak that was found stays found.
 */
final class IssueBook {
    private static final long KEPT_NANOS = TimeUnit.MINUTES.toNanos(5);
    private static final int MAX = 1_000;

    private final Map<String, Issue> issues = new HashMap<>();

    /** Enters what was found at {@code now}; returns what is new. */
    synchronized List<Issue> enter(List<Issue> found, long now) {
        List<Issue> fresh = new ArrayList<>();
        for (Issue i : found) {
            Issue old = issues.get(i.key());
            if (old == null && issues.size() >= MAX) {
                continue;
            }
            Issue merged =
                    new Issue(
                            i.key(),
                            i.rule(),
                            i.severity(),
                            i.title(),
                            i.cause(),
                            i.mend(),
                            i.evidence(),
                            i.goroutines(),
                            i.link(),
                            old == null ? now : old.firstNanos(),
                            now,
                            old == null ? 1 : old.count() + 1);
            issues.put(i.key(), merged);
            if (old == null) {
                fresh.add(merged);
            }
        }
        issues.values()
                .removeIf(i -> i.severity() != Severity.ERROR && now - i.lastNanos() > KEPT_NANOS);
        return fresh;
    }

    /** The worst first, and among those the latest. */
    synchronized List<Issue> list() {
        List<Issue> list = new ArrayList<>(issues.values());
        list.sort(
                Comparator.comparing(Issue::severity)
                        .thenComparing(Comparator.comparingLong(Issue::lastNanos).reversed())
                        .thenComparing(Issue::key));
        return list;
    }
}
