package dev.jenny.inspect.internal.analyze;

import dev.jenny.inspect.internal.analyze.Finding.Severity;
import dev.jenny.inspect.internal.model.Times;
import java.util.ArrayList;
import java.util.List;

/** Ps that had nothing to run while goroutines were runnable. */
final class IdleRule extends Rule {
    private static final long LIMIT = 1_000_000;
    private static final double LITTLE = .05;

    /** What it takes to wake a thread; shorter ones are no sign of anything. */
    private static final long WAKE = 100_000;

    private static final double MEDIUM = .1;
    private static final double HIGH = .3;
    private static final int KEPT = 16;

    private record Span(long from, long to) {
        long nanos() {
            return to - from;
        }
    }

    private final List<Span> longest = new ArrayList<>();
    private long count;
    private long nanos;

    @Override
    void idle(long from, long to) {
        if (to - from <= WAKE) {
            return;
        }
        count++;
        nanos += to - from;
        if (longest.size() < KEPT || to - from > longest.getLast().nanos()) {
            longest.add(new Span(from, to));
            longest.sort((a, b) -> Long.compare(b.nanos(), a.nanos()));
            if (longest.size() > KEPT) {
                longest.removeLast();
            }
        }
    }

    @Override
    List<Finding> findings(Analysis a) {
        long inPauses = 0;
        Span worst = null;
        for (Span s : longest) {
            long paused = a.paused(s.from, s.to);
            inPauses += paused;
            if (worst == null && paused < s.nanos() / 2) {
                worst = s; // in a pause nothing can run
            }
        }
        double share = (double) (nanos - inPauses) / a.duration();
        if (worst == null || (worst.nanos() < LIMIT && share < LITTLE)) {
            return List.of();
        }
        return List.of(
                new Finding(
                        "idle-p",
                        Severity.of(share, MEDIUM, HIGH),
                        "Ps ran nothing for "
                                + Times.text(worst.nanos())
                                + " though goroutines were runnable",
                        0,
                        "",
                        -1,
                        worst.from,
                        worst.to,
                        count,
                        nanos - inPauses,
                        "Waking a P's thread takes some 50 µs. Longer than that, the operating system"
                                + " gave it no CPU: the machine is busy with other programs, or a"
                                + " limit on CPU time holds this one up.",
                        "See what else runs on the machine. GOMAXPROCS should not be above the CPUs"
                                + " that the program may use: 'jenny doctor' compares them.",
                        List.of(
                                Words.count(count, "time")
                                        + " longer than "
                                        + Times.text(WAKE)
                                        + ", together "
                                        + Times.text(nanos - inPauses)
                                        + ", "
                                        + Words.percent(share)
                                        + " of the time")));
    }
}
