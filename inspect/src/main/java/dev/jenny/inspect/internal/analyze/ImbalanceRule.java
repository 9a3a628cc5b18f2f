package dev.jenny.inspect.internal.analyze;

import dev.jenny.inspect.internal.analyze.Finding.Severity;
import dev.jenny.inspect.internal.model.Times;
import java.util.ArrayList;
import java.util.List;

/** One P with much more to do than the others, while goroutines wait for a P. */
final class ImbalanceRule extends Rule {
    private static final double BUSY = .5;
    private static final double FACTOR = 2;
    private static final double QUEUED = .2;
    private static final double HIGH = .5;
    private static final long SLICES = 100;

    @Override
    List<Finding> findings(Analysis a) {
        Proc most = null;
        long all = 0;
        long slices = 0;
        long queues = 0;
        for (Proc p : a.procs()) {
            all += p.ranNanos;
            slices += p.slices;
            queues += p.queuedHere;
            if (most == null || p.ranNanos > most.ranNanos) {
                most = p;
            }
        }
        int others = a.gomaxprocs() - 1;
        if (most == null || others < 1 || slices < SLICES) {
            return List.of();
        }
        double share = (double) most.ranNanos / a.duration();
        double rest = (double) (all - most.ranNanos) / others / a.duration();
        double queued = (double) a.queued() / a.duration();
        double behind = (double) most.queuedHere / a.duration();
        if (behind < QUEUED || share < BUSY || share < rest * FACTOR || queued < QUEUED) {
            return List.of();
        }
        List<String> evidence = new ArrayList<>();
        evidence.add("P" + most.id + " ran goroutines " + Words.percent(share) + " of the time");
        evidence.add("the other Ps " + Words.percent(rest) + " on average");
        evidence.add("somebody was runnable " + Words.percent(queued) + " of the time");
        if (queues > 0) {
            evidence.add(
                    Words.percent((double) most.queuedHere / queues)
                            + " of all waiting for a P was of goroutines that were made runnable on P"
                            + most.id);
        }
        return List.of(
                new Finding(
                        "imbalance",
                        queued > HIGH ? Severity.HIGH : Severity.MEDIUM,
                        "P" + most.id + " had much more to do than the other Ps",
                        0,
                        "",
                        most.id,
                        a.origin(),
                        a.origin() + a.duration(),
                        1,
                        most.queuedHere,
                        "Work piled up in one P's queue faster than the others took it away: in chains"
                                + " where each goroutine wakes the next, the next runs on the same P,"
                                + " in the same time slice. "
                                + Times.text(most.queuedHere)
                                + " of waiting came of it at most.",
                        "Start or wake several goroutines at once instead of one after the other, or"
                                + " give them more to do at each wake-up.",
                        evidence));
    }
}
