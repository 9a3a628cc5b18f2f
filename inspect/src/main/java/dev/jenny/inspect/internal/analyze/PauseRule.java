package dev.jenny.inspect.internal.analyze;

import dev.jenny.inspect.internal.analyze.Finding.Severity;
import dev.jenny.inspect.internal.model.Times;
import java.util.ArrayList;
import java.util.List;

/** Long pauses of the garbage collector. */
final class PauseRule extends Rule {
    private static final long LIMIT = 5_000_000;
    private static final long MEDIUM = 20_000_000;
    private static final long HIGH = 200_000_000;
    private static final double MUCH = .05;

    private long from;
    private long to;
    private String name = "";
    private long count;
    private long nanos;

    @Override
    void paused(long begin, long end, String kind) {
        count++;
        nanos += end - begin;
        if (end - begin > to - from) {
            from = begin;
            to = end;
            name = kind;
        }
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
                        "gc-pause",
                        share >= 2 * MUCH ? Severity.HIGH : Severity.of(to - from, MEDIUM, HIGH),
                        "The garbage collector stopped the program for " + Times.text(to - from),
                        0,
                        "",
                        -1,
                        from,
                        to,
                        count,
                        nanos,
                        "No goroutine runs in a pause, so all of them are late by it.",
                        "See what allocates ('jenny pprof allocs'), give the program more heap (-Xmx), or"
                                + " use ZGC: -XX:+UseZGC.",
                        evidence));
    }
}
