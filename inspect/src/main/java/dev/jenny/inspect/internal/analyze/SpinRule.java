package dev.jenny.inspect.internal.analyze;

import dev.jenny.inspect.internal.analyze.Finding.Severity;
import dev.jenny.inspect.internal.model.Times;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Goroutines that yield again and again without ever blocking. */
final class SpinRule extends Rule {
    private static final long LEAST = 1000;

    /** One that runs longer between its yields computes, and is polite. */
    static final long SHORT = 20_000;

    /** Not always: the operating system takes the thread's CPU away now and then. */
    private static final double MOSTLY = .8;

    private static final double HIGH = .25;

    private static final class Worst {
        @Nullable G g;
        long from;
        long to;
        long yields;
        long count;
        long all;
        long ran;
    }

    private final Map<Integer, Worst> sites = new HashMap<>();

    @Override
    void yielded(G g, long to) {
        if (g.yields < LEAST || g.yieldsShort < g.yields * MOSTLY) {
            return;
        }
        Worst w = sites.computeIfAbsent(g.site, k -> new Worst());
        w.count++;
        w.all += g.yields;
        w.ran += g.yieldsRan;
        if (g.yields > w.yields) {
            w.g = g;
            w.yields = g.yields;
            w.from = g.yieldsFrom;
            w.to = to;
        }
    }

    @Override
    List<Finding> findings(Analysis a) {
        List<Finding> found = new ArrayList<>();
        sites.forEach((site, w) -> {
            G g = w.g;
            if (g != null) {
                double share = (double) w.ran / a.duration();
                found.add(
                        new Finding(
                                "yield-spin",
                                share >= HIGH ? Severity.HIGH : Severity.MEDIUM,
                                Words.name(g)
                                        + " yielded "
                                        + w.yields
                                        + " times in a row, for "
                                        + Times.text(w.to - w.from),
                                g.id,
                                a.sites().name(site),
                                g.p,
                                w.from,
                                w.to,
                                w.count,
                                w.ran,
                                "It waits for something by looking again after each yield. That burns a"
                                        + " CPU for as long as the wait lasts, and takes turns away"
                                        + " from others.",
                                "Wait for the event itself: a channel, a Cond, a WaitGroup. If it must"
                                        + " be polled, sleep between the looks.",
                                List.of(
                                        w.all
                                                + " yields by goroutines of this site took "
                                                + Times.text(w.ran)
                                                + " of CPU time")));
            }
        });
        return found;
    }
}
