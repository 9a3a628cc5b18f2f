package dev.jenny.inspect.internal.pprof;

import dev.jenny.internal.event.LabelChanges;
import dev.jenny.internal.event.LabelChanges.Change;
import dev.jenny.internal.sched.Probe;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Which labels goroutines have had at which time, since it was made: those that lived then, by one
 * look at all, and every change since.
 *
 * <p>It is bounded. What finds no room, here or on the way, is lost; from then on it is not known
 * what labels a goroutine has until they change again, or until the next look at all that live,
 * which follows unless they are very many.
 *
 * <p>For one thread.
 */
final class LabelHistory implements AutoCloseable {
    /** How many changes may come between two fetches. */
    private static final int WAITING = 1 << 17;

    /** How many goroutines with labels that had them at the beginning. */
    private static final int MAX_BASE = 200_000;

    private static final Comparator<Change> BY_THREAD =
            Comparator.comparingLong(Change::thread).thenComparingLong(Change::time);

    private final LabelChanges changes = LabelChanges.listen(WAITING);
    private final int limit;

    /** The labels at {@link #baseTime}, by thread. */
    private final Map<Long, Map<String, String>> base = new HashMap<>();

    private long baseTime = System.nanoTime();

    /** What has changed since; sorted if {@link #sorted}. */
    private List<Change> log = new ArrayList<>();

    private boolean sorted = true;

    /** When changes began to be lost, until the fetch that followed. */
    private final TreeSet<Long> gaps = new TreeSet<>();

    /** Whether all that live have not been looked at since the last loss. */
    private boolean blind;

    private long unknown;

    /** Remembers {@code limit} changes. */
    LabelHistory(int limit) {
        this.limit = limit;
        boolean done = false;
        try {
            Probe.goroutines(g -> {
                if (!g.labels().isEmpty()) {
                    setBase(g.thread().threadId(), g.labels());
                }
            });
            done = true;
        } finally {
            if (!done) {
                close();
            }
        }
    }

    @Override
    public void close() {
        changes.close();
    }

    /** Fetches what has happened since the last time. */
    void fetch() {
        long[] lost = {changes.lostSince()};
        changes.fetch(c -> {
            if (!add(c)) {
                lost[0] = Math.min(lost[0], c.time());
            }
        });
        if (lost[0] != LabelChanges.NEVER) {
            gaps.add(lost[0]);
            blind = true;
        }
        if (blind && log.size() < limit && Goroutines.areFew()) {
            blind = false;
            look();
        }
    }

    /** Notes the labels of all that live, as changes to what they have now. */
    private void look() {
        Probe.goroutines(g -> {
            long now = System.nanoTime(); // a change from here on will be told
            if (!g.labels().isEmpty()) {
                add(new Change(now, g.thread().threadId(), Map.of(), g.labels()));
            }
        });
    }

    private boolean add(Change change) {
        if (log.size() >= limit) {
            return false;
        }
        sorted = false;
        return log.add(change);
    }

    /** The labels that {@code thread} had at {@code time}; none if that is not known. */
    Map<String, String> at(long thread, long time) {
        sort();
        int next = next(thread, time);
        Change last = change(next - 1, thread);
        if (last != null && !isLost(last.time(), time)) {
            return last.to();
        }
        if (last == null) {
            Change first = change(next, thread);
            if (first != null && !isLost(baseTime, first.time())) {
                return first.from();
            }
            if (!isLost(baseTime, time)) {
                return base.getOrDefault(thread, Map.of());
            }
        }
        unknown++;
        return Map.of();
    }

    /** How often {@link #at} did not know. */
    long unknown() {
        return unknown;
    }

    /** Forgets what was before {@code time}, of which nobody will ask again. */
    void forget(long time) {
        sort();
        Long gap = gaps.lower(time);
        if (gap != null) {
            base.clear();
        }
        List<Change> rest = new ArrayList<>();
        for (Change c : log) {
            if (c.time() >= time) {
                rest.add(c);
            } else if (gap == null || c.time() >= gap) {
                setBase(c.thread(), c.to());
            }
        }
        log = rest;
        baseTime = time;
        gaps.headSet(time).clear();
    }

    /** How many changes and threads it remembers. */
    int size() {
        return log.size() + base.size();
    }

    /** How many changes it remembers. */
    int changes() {
        return log.size();
    }

    private void setBase(long thread, Map<String, String> labels) {
        if (labels.isEmpty()) {
            base.remove(thread);
        } else if (base.size() < MAX_BASE || base.containsKey(thread)) {
            base.put(thread, labels);
        }
    }

    private void sort() {
        if (!sorted) {
            sorted = true;
            log.sort(BY_THREAD);
        }
    }

    /** The place in the log of the first change of {@code thread} after {@code time}. */
    private int next(long thread, long time) {
        int low = 0;
        int high = log.size();
        while (low < high) {
            int mid = (low + high) >>> 1;
            Change c = log.get(mid);
            if (c.thread() < thread || (c.thread() == thread && c.time() <= time)) {
                low = mid + 1;
            } else {
                high = mid;
            }
        }
        return low;
    }

    private @Nullable Change change(int place, long thread) {
        Change c = place >= 0 && place < log.size() ? log.get(place) : null;
        return c != null && c.thread() == thread ? c : null;
    }

    /** Whether changes may have been lost after {@code from}, up to {@code to}. */
    private boolean isLost(long from, long to) {
        Long gap = gaps.higher(from);
        return gap != null && gap <= to;
    }
}
