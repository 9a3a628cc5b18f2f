package dev.jenny.inspect.internal.analyze;

import dev.jenny.inspect.internal.analyze.Finding.Severity;
import dev.jenny.inspect.internal.model.Times;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Goroutines that blocked the thread under them. */
final class StallRule extends Rule {
    private static final long MEDIUM = 10_000_000;
    private static final long HIGH = 1_000_000_000;

    private record Key(int site, String place) {}

    private static final class Worst {
        @Nullable G g;
        int p;
        long from;
        long to;
        long queued;
        long count;
        long nanos;
    }

    private final Analysis analysis;
    private final Map<Key, Worst> places = new HashMap<>();

    StallRule(Analysis analysis) {
        this.analysis = analysis;
    }

    @Override
    void blocked(G g, Proc p, long from, long to) {
        Key key = new Key(g.site, analysis.names().place(p.blockedAt));
        Worst w = places.computeIfAbsent(key, k -> new Worst());
        w.count++;
        w.nanos += to - from;
        if (w.g == null || to - from > w.to - w.from) {
            w.g = g;
            w.p = p.id;
            w.from = from;
            w.to = to;
            w.queued = p.queued;
        }
    }

    @Override
    List<Finding> findings(Analysis a) {
        List<Finding> found = new ArrayList<>();
        places.forEach((key, w) -> {
            if (w.g != null) {
                found.add(finding(a, key, w, w.g));
            }
        });
        return found;
    }

    private static Finding finding(Analysis a, Key key, Worst w, G g) {
        long d = w.to - w.from;
        List<String> evidence = new ArrayList<>();
        evidence.add(
                key.place.isEmpty()
                        ? "the trace does not tell where; in a program that runs, 'jenny issues' does"
                        : "at " + key.place);
        evidence.add(
                w.queued > 0
                        ? "for " + Times.text(w.queued) + " of that time somebody was runnable"
                        : "nobody was runnable in that time");
        if (w.count > 1) {
            evidence.add(w.count + " times, together " + Times.text(w.nanos));
        }
        return new Finding(
                "blocked-thread",
                w.queued > 0 ? Severity.of(d, MEDIUM, HIGH) : Severity.LOW,
                Words.name(g) + " blocked its thread for " + Times.text(d),
                g.id,
                a.sites().name(key.site),
                w.p,
                w.from,
                w.to,
                w.count,
                w.nanos,
                "It waited in a way that does not free the thread under it: in native code, in file"
                        + " I/O, in a class initializer, for another process, or in a blocking call"
                        + " with a native frame below. Each such wait costs a thread. Time in which"
                        + " it computed afterwards, before it did anything that is recorded, counts"
                        + " as blocked.",
                "Do it on a thread pool and wait for the result, or bound how many do it at the same"
                        + " time with a Semaphore.",
                evidence);
    }
}
