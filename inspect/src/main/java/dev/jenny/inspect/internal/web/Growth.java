package dev.jenny.inspect.internal.web;

import dev.jenny.inspect.internal.Json;
import dev.jenny.inspect.internal.model.Frame;
import dev.jenny.inspect.internal.model.GoroutineGroup;
import dev.jenny.inspect.internal.model.Groups;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Groups of waiting goroutines that only grow: suspects for a leak, not a proof. Any thread may
 * call.
 */
final class Growth implements Consumer<Groups> {
    private static final long EVERY = 5_000_000_000L;
    private static final int POINTS = 60;

    /** So many points, over so many seconds, before anybody is suspected. */
    private static final int ENOUGH = 5;

    private static final long FEW = 20;

    private static final class Line {
        final Deque<Long> counts = new ArrayDeque<>();
        GoroutineGroup last;

        Line(GoroutineGroup group) {
            last = group;
        }

        boolean grows() {
            if (counts.size() < ENOUGH || counts.getLast() < FEW) {
                return false;
            }
            long before = counts.getFirst();
            if (counts.getLast() < before * 1.2 + 1) {
                return false;
            }
            for (long n : counts) {
                if (n < before) {
                    return false;
                }
                before = n;
            }
            return true;
        }
    }

    private final Map<String, Line> lines = new HashMap<>(); // guarded by this
    private long next; // guarded by this

    /** Takes note of {@code groups} as they are now, once in a while. */
    @Override
    public void accept(Groups groups) {
        add(Moments.now(), groups);
    }

    /** How many groups are counted. */
    synchronized int size() {
        return lines.size();
    }

    /** Takes note of {@code groups}, once in a while. */
    synchronized void add(long t, Groups groups) {
        if (t < next) {
            return;
        }
        next = t + EVERY;
        Set<String> seen = new HashSet<>();
        for (GoroutineGroup g : groups.groups()) {
            if (!g.state().equals("waiting")) {
                continue;
            }
            seen.add(g.key());
            Line line = lines.computeIfAbsent(g.key(), k -> new Line(g));
            line.last = g;
            line.counts.addLast(g.count());
            if (line.counts.size() > POINTS) {
                line.counts.removeFirst();
            }
        }
        lines.keySet().retainAll(seen);
    }

    /** The suspects as an array named {@code suspected}, the biggest first. */
    synchronized void write(Json j) {
        List<Line> suspects = new ArrayList<>(lines.values());
        suspects.removeIf(l -> !l.grows());
        suspects.sort(Comparator.comparingLong(l -> -l.last.count()));
        j.array("suspected");
        for (Line l : suspects) {
            Frame site = l.last.site();
            j.object()
                    .field("site", site == null ? null : site.toString())
                    .field("reason", l.last.reason())
                    .field("count", l.last.count())
                    .field("oldestNs", l.last.oldestNanos())
                    .array("growth");
            l.counts.forEach(j::value);
            j.end().end();
        }
        j.end();
    }
}
