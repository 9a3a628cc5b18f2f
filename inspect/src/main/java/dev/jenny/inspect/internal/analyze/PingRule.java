package dev.jenny.inspect.internal.analyze;

import dev.jenny.inspect.internal.analyze.Finding.Severity;
import dev.jenny.inspect.internal.model.Times;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Goroutines with little to do at a time that are woken on one P and run on another. */
final class PingRule extends Rule {
    private static final long LEAST = 1000;
    private static final double MOSTLY = .5;

    /** With more to do than this at a time, another P is worth its wake-up. */
    private static final long SHORT = 20_000;

    private static final double MEDIUM = .1;

    private static final class Seen {
        long goroutine;
        int p;
        long first;
        long last;
        long wakes;
        long elsewhere;
        long latency;
    }

    private final Map<Integer, Seen> sites = new HashMap<>();

    @Override
    void woken(G g, Proc p, long latency) {
        if (g.madeBy < 0) {
            return; // a timer, or a thread without a P: there is no P to stay on
        }
        Seen s = sites.computeIfAbsent(g.site, k -> new Seen());
        s.wakes++;
        if (g.madeBy != p.id) {
            if (s.elsewhere++ == 0) {
                s.goroutine = g.id;
                s.p = p.id;
                s.first = g.readyFrom;
            }
            s.last = g.readyTo;
            s.latency += latency;
        }
    }

    @Override
    List<Finding> findings(Analysis a) {
        List<Finding> found = new ArrayList<>();
        sites.forEach((number, s) -> {
            Sites.Site site = a.sites().get(number);
            double share = (double) s.elsewhere / s.wakes;
            long slice = site.slices == 0 ? 0 : site.ranNanos / site.slices;
            if (s.elsewhere >= LEAST && share >= MOSTLY && slice <= SHORT) {
                found.add(finding(a, site, s, share, slice));
            }
        });
        return found;
    }

    private static Finding finding(Analysis a, Sites.Site site, Seen s, double share, long slice) {
        return new Finding(
                "ping",
                (double) s.latency / a.duration() >= MEDIUM ? Severity.MEDIUM : Severity.LOW,
                s.elsewhere + " wake-ups went from one P to another",
                s.goroutine,
                site.name,
                s.p,
                s.first,
                s.last,
                s.elsewhere,
                s.latency,
                "These goroutines do little each time they are woken ("
                        + Times.text(slice)
                        + " on average), and mostly another P takes them. Each time its thread has to"
                        + " notice, and the data moves to another CPU: "
                        + Times.text(s.latency / s.elsewhere)
                        + " a wake-up.",
                "Give them more to do at a time: send batches, or use a buffered channel, so that one"
                        + " wake-up serves many values. If the whole program is like that, fewer Ps"
                        + " may be faster: try --gomaxprocs=1.",
                List.of(
                        Words.percent(share)
                                + " of "
                                + s.wakes
                                + " wake-ups on a P, for example of goroutine "
                                + s.goroutine));
    }
}
