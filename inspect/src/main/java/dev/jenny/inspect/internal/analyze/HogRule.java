package dev.jenny.inspect.internal.analyze;

import dev.jenny.inspect.internal.analyze.Finding.Severity;
import dev.jenny.inspect.internal.model.Times;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Goroutines that ran for longer than a time slice without a break. */
final class HogRule extends Rule {
    /** Go's time slice, and Jenny's. */
    static final long LIMIT = 10_000_000;

    private static final long HIGH = 100_000_000;

    /** Others who were runnable for less than this meanwhile were not held up by it. */
    private static final long LITTLE = 1_000_000;

    private static final class Worst {
        @Nullable G g;
        int p;
        long from;
        long to;
        long queued; // the time within it in which somebody was runnable
        long allQueued;
        boolean burns;
        long count;
        long nanos;
    }

    private final Analysis analysis;
    private final Map<Integer, Worst> sites = new HashMap<>();

    HogRule(Analysis analysis) {
        this.analysis = analysis;
    }

    @Override
    void ran(G g, Proc p, long from, long to) {
        if (to - from < LIMIT || to - from - analysis.paused(from, to) < LIMIT) {
            return; // in a pause nothing runs
        }
        Worst w = sites.computeIfAbsent(g.site, k -> new Worst());
        w.count++;
        w.nanos += to - from;
        w.allQueued += p.queued;
        boolean longer = p.queued == w.queued && to - from > w.to - w.from;
        if (w.g == null || p.queued > w.queued || longer) {
            w.g = g;
            w.p = p.id;
            w.from = from;
            w.to = to;
            w.queued = p.queued;
            w.burns = p.burns;
        }
    }

    @Override
    List<Finding> findings(Analysis a) {
        List<Finding> found = new ArrayList<>();
        sites.forEach((site, w) -> {
            if (w.g != null) {
                found.add(finding(a, site, w, w.g));
            }
        });
        return found;
    }

    private static Finding finding(Analysis a, int site, Worst w, G g) {
        long d = w.to - w.from;
        long paused = a.paused(w.from, w.to);
        List<String> evidence = new ArrayList<>();
        evidence.add(
                w.queued > 0
                        ? "for " + Times.text(w.queued) + " of that time somebody was runnable"
                        : "nobody was runnable in that time");
        if (w.burns) {
            evidence.add("the monitor saw it burn CPU, and brought in another P");
        }
        if (paused > 0) {
            evidence.add("of that time the JVM stood still for " + Times.text(paused));
        }
        if (w.count > 1) {
            evidence.add(Words.together(w.count, LIMIT, w.nanos));
        }
        boolean harmful = w.queued >= LITTLE;
        return new Finding(
                "hog",
                harmful ? Severity.of(w.queued, LIMIT, HIGH) : Severity.LOW,
                Words.name(g) + " ran for " + Times.text(d) + " without a break",
                g.id,
                a.sites().name(site),
                w.p,
                w.from,
                w.to,
                w.count,
                harmful ? w.allQueued : 0,
                "It neither waited for anything nor yielded, so it kept its P. What was in that P's"
                        + " queue had to be taken over by another one, "
                        + Times.text(LIMIT)
                        + " later at the earliest. (On a machine that is busy with other programs"
                        + " its thread may have had no CPU for a part of that time.)"
                        + (harmful ? "" : " Here hardly anybody had to wait for that."),
                harmful
                        ? "Call Go.gosched() now and then in its loop, or split the work."
                        : "Nothing, if it has to compute; Go.gosched() in its loop lets others in.",
                evidence);
    }
}
