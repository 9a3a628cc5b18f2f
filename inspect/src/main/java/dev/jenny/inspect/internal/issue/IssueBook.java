package dev.jenny.inspect.internal.issue;

import dev.jenny.inspect.internal.model.Issue;
import dev.jenny.inspect.internal.model.Issue.Severity;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * All findings so far. One that comes again is the same finding, with a later time; one that has
 * not come for five minutes is dropped, an error after half an hour.
 */
final class IssueBook {
    private static final long KEPT_NANOS = TimeUnit.MINUTES.toNanos(5);
    private static final long ERROR_KEPT_NANOS = TimeUnit.MINUTES.toNanos(30);

    /** What is found at each look for as long as it is so; the others tell what has happened. */
    private static final Set<String> STATES =
            Set.of("slow-receiver", "lost-timer", "yield-spin", "imbalance", "lock-cycle");

    /** One that is missing in one look only may be there again in the next. */
    private static final int GONE_LOOKS = 2;

    private static final int MAX = 1_000;

    private static final Comparator<Issue> LEAST_FIRST =
            Comparator.comparing(Issue::severity).reversed().thenComparingLong(Issue::lastNanos);

    private final Map<String, Issue> issues = new HashMap<>(); // guarded by this
    private final Map<String, Long> seen = new HashMap<>(); // in which look; guarded by this
    private long looks; // guarded by this

    /** Enters what was found at {@code now}; returns what is new. */
    synchronized List<Issue> enter(List<Issue> found, long now) {
        List<Issue> fresh = new ArrayList<>();
        looks++;
        for (Issue i : found) {
            Issue old = issues.get(i.key());
            if (old == null && issues.size() >= MAX && !makeRoom(i.severity())) {
                continue;
            }
            Issue merged =
                    old == null
                            ? i.seen(now, now, false, 1)
                            : i.seen(old.firstNanos(), now, false, old.count() + 1);
            issues.put(i.key(), merged);
            seen.put(i.key(), looks);
            if (old == null) {
                fresh.add(merged);
            }
        }
        issues.values().removeIf(i -> now - i.lastNanos() > kept(i));
        seen.keySet().retainAll(issues.keySet());
        return fresh;
    }

    /** Drops the finding that was missing for longest of those that are less bad; false if none. */
    private boolean makeRoom(Severity forOne) {
        Issue victim = null;
        for (Issue i : issues.values()) {
            if (i.severity().compareTo(forOne) > 0
                    && (victim == null || LEAST_FIRST.compare(i, victim) < 0)) {
                victim = i;
            }
        }
        if (victim == null) {
            return false;
        }
        issues.remove(victim.key());
        return true;
    }

    private static long kept(Issue i) {
        return i.severity() == Severity.ERROR ? ERROR_KEPT_NANOS : KEPT_NANOS;
    }

    /** Whether later looks did not find it any more. The caller has the lock. */
    private boolean isResolved(Issue i) {
        return STATES.contains(i.rule()) && looks - seen.getOrDefault(i.key(), looks) >= GONE_LOOKS;
    }

    /** The worst first, and among those the latest. */
    synchronized List<Issue> list() {
        List<Issue> list = new ArrayList<>();
        issues.values()
                .forEach(i ->
                        list.add(
                                isResolved(i)
                                        ? i.seen(i.firstNanos(), i.lastNanos(), true, i.count())
                                        : i));
        list.sort(
                Comparator.comparing(Issue::severity)
                        .thenComparing(Comparator.comparingLong(Issue::lastNanos).reversed())
                        .thenComparing(Issue::key));
        return list;
    }
}
