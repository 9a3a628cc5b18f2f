package dev.jenny.inspect.internal.analyze;

import dev.jenny.inspect.internal.analyze.Finding.Severity;
import dev.jenny.inspect.internal.model.Times;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Goroutines that were runnable for long before they ran. */
final class StandRule extends Rule {
    /** Half of a time slice: what a goroutine waits for another that computes. */
    static final long LIMIT = 5_000_000;

    private static final long MEDIUM = 10_000_000;
    private static final long HIGH = 100_000_000;
    private static final double FULL = .7;

    private static final class Worst {
        @Nullable G g;
        int p;
        long from;
        long to;
        @Nullable Meanwhile meanwhile;
        long count;
        long nanos;
    }

    private final Analysis analysis;
    private final Map<Integer, Worst> sites = new HashMap<>();

    StandRule(Analysis analysis) {
        this.analysis = analysis;
    }

    @Override
    void stood(G g, int p, long from, long to) {
        long d = to - from;
        if (d < LIMIT) {
            return;
        }
        Worst w = sites.computeIfAbsent(g.site, k -> new Worst());
        w.count++;
        w.nanos += d;
        // Where waits grow from one to the next, not each of them is looked at.
        if (w.g == null || d > (w.to - w.from) * 1.1) {
            w.g = g;
            w.p = p;
            w.from = from;
            w.to = to;
            w.meanwhile = analysis.meanwhile(from, to);
        }
    }

    @Override
    List<Finding> findings(Analysis a) {
        List<Finding> found = new ArrayList<>();
        sites.forEach((site, w) -> {
            if (w.g != null && w.meanwhile != null) {
                found.add(finding(a, site, w, w.g, w.meanwhile));
            }
        });
        return found;
    }

    private static Finding finding(Analysis a, int site, Worst w, G g, Meanwhile m) {
        long d = w.to - w.from;
        long paused = a.paused(w.from, w.to);
        List<String> evidence = new ArrayList<>();
        for (Meanwhile.Ran r : m.ran().subList(0, Math.min(3, m.ran().size()))) {
            evidence.add("meanwhile " + a.sites().name(r.site()) + " ran " + Times.text(r.nanos()));
        }
        if (m.ran().isEmpty()) {
            evidence.add("meanwhile nothing ran");
        }
        evidence.add("of the Ps' time then, " + Words.percent(m.busy()) + " was in use");
        if (w.count > 1) {
            evidence.add(Words.together(w.count, LIMIT, w.nanos));
        }
        String cause;
        String fix;
        Severity severity = Severity.of(d, MEDIUM, HIGH);
        if (paused > d / 2) {
            severity = Severity.LOW; // the pause is a finding itself
            boolean collects = a.collected(w.from, w.to) > paused / 2;
            cause =
                    (collects ? "The garbage collector" : "The JVM")
                            + " had stopped the program for "
                            + Times.text(paused)
                            + " of that time.";
            fix = PauseRule.fix(collects);
        } else if (m.ran().isEmpty() && w.from - a.origin() < LIMIT) {
            severity = Severity.LOW;
            cause = "Nothing had run yet: the program, or Jenny in it, was starting up.";
            fix = "Nothing, unless the start takes too long.";
        } else if (m.busy() >= FULL) {
            cause =
                    "All Ps were busy with others: there was more to do than "
                            + Words.count(a.gomaxprocs(), "P")
                            + " can.";
            fix =
                    "Look at what ran meanwhile: make it do less, or let it yield between pieces"
                            + " (Go.gosched()). If the machine has CPUs to spare, raise GOMAXPROCS.";
        } else {
            cause =
                    "Ps were free, and yet it did not run. The operating system may not have given"
                            + " their threads a CPU: the machine is busy with other programs, or a"
                            + " limit on CPU time holds this one up. Or the P with the queue was"
                            + " held by one goroutine.";
            fix =
                    "See what else runs on the machine, and whether a container's CPU limit is below"
                            + " GOMAXPROCS (jenny doctor tells).";
        }
        return new Finding(
                "runnable",
                severity,
                Words.name(g) + " stood runnable for " + Times.text(d) + " before it ran",
                g.id,
                a.sites().name(site),
                w.p,
                w.from,
                w.to,
                w.count,
                w.nanos,
                cause,
                fix,
                evidence);
    }
}
