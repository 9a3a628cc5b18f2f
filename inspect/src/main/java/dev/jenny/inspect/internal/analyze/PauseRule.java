package dev.jenny.inspect.internal.analyze;

import dev.jenny.inspect.internal.analyze.Finding.Severity;
import dev.jenny.inspect.internal.model.Times;
import dev.jenny.inspect.internal.pause.Pause;
import java.util.ArrayList;
import java.util.List;

/** Long pauses: one rule for those of the garbage collector, and one for all others. */
final class PauseRule extends Rule {
    private static final long LIMIT = 5_000_000;
    private static final long MEDIUM = 20_000_000;
    private static final long HIGH = 200_000_000;
    private static final double MUCH = .05;

    private final boolean collects;
    private long from;
    private long to;
    private String name = "";
    private long count;
    private long nanos;

    PauseRule(boolean collects) {
        this.collects = collects;
    }

    @Override
    void paused(Pause p) {
        if (p.collects() != collects) {
            return;
        }
        count++;
        nanos += p.end() - p.begin();
        if (p.end() - p.begin() > to - from) {
            from = p.begin();
            to = p.end();
            name = p.name();
        }
    }

    static String fix(boolean collects) {
        return collects
                ? "See what allocates ('jenny pprof allocs'), give the program more heap (-Xmx), or"
                        + " use ZGC: -XX:+UseZGC."
                : "See who asks for it: a tool that takes thread or heap dumps, an agent that changes"
                        + " classes. '-Xlog:safepoint' tells of each.";
    }

    @Override
    List<Finding> findings(Analysis a) {
        double share = (double) nanos / a.duration();
        if (to - from < LIMIT && (share < MUCH || to == from)) {
            return List.of();
        }
        List<String> evidence = new ArrayList<>();
        evidence.add(
                Words.count(count, "pause")
                        + ", together "
                        + Times.text(nanos)
                        + ", "
                        + Words.percent(share)
                        + " of the time");
        if (!name.isEmpty()) {
            evidence.add("the longest was of " + name);
        }
        return List.of(
                new Finding(
                        collects ? "gc-pause" : "jvm-pause",
                        share >= 2 * MUCH ? Severity.HIGH : Severity.of(to - from, MEDIUM, HIGH),
                        (collects ? "The garbage collector" : "The JVM")
                                + " stopped the program for "
                                + Times.text(to - from),
                        0,
                        "",
                        -1,
                        from,
                        to,
                        count,
                        nanos,
                        "No goroutine runs in a pause, so all of them are late by it.",
                        fix(collects),
                        evidence));
    }
}
