package dev.jenny.inspect.internal.analyze;

import dev.jenny.inspect.internal.Json;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.function.ToLongFunction;

/** A report as JSON: the members that {@code docs/inspect-api.md} describes. */
public final class ReportJson {
    private static final int WAITS = 5;

    private ReportJson() {}

    /**
     * Writes the members of an object that has begun.
     *
     * @param top how many findings, and of sites how many of each order
     * @param link where a finding can be looked at
     */
    public static void write(Json j, Report r, int top, Function<Finding, String> link) {
        j.field("durationNs", r.duration())
                .field("gomaxprocs", r.gomaxprocs())
                .field("goroutines", r.goroutines())
                .field("left", r.left())
                .field("lostEvents", r.dropped())
                .field("gaps", r.gaps())
                .field("gcPauseNs", r.paused())
                .field("otherPauseNs", r.pausedOtherwise());
        j.object("latency")
                .field("starts", r.starts())
                .field("p50Ns", r.p50())
                .field("p99Ns", r.p99())
                .field("maxNs", r.longest())
                .end();
        j.array("findings");
        r.findings().stream().limit(top).forEach(f -> finding(j, r, f, link.apply(f)));
        j.end().field("omitted", Math.max(0, r.findings().size() - top));
        j.array("ps");
        for (Report.P p : r.ps()) {
            j.object().field("id", p.id());
            j.field("busy", Math.round(1e4 * p.ran() / r.duration()) / 1e4);
            j.field("ranNs", p.ran()).field("heldNs", p.held()).field("slices", p.slices()).end();
        }
        List<Report.Site> sites = top(r, top);
        j.end().array("sites");
        sites.forEach(s -> site(j, s));
        j.end().field("sitesOmitted", r.sites().size() - sites.size());
    }

    private static void finding(Json j, Report r, Finding f, String link) {
        j.object()
                .field("rule", f.rule())
                .field("severity", f.severity().text())
                .field("title", f.title())
                .field("goroutine", f.goroutine())
                .field("site", f.site())
                .field("p", f.p())
                .field("atNs", f.from() - r.from())
                .field("lengthNs", f.to() - f.from())
                .field("timeNs", f.from())
                .field("count", f.count())
                .field("lostNs", f.lost())
                .field("cause", f.cause())
                .field("fix", f.fix());
        j.array("evidence");
        f.evidence().forEach(j::value);
        j.end().field("link", link).end();
    }

    private static void site(Json j, Report.Site s) {
        j.object()
                .field("site", s.name())
                .field("goroutines", s.seen())
                .field("left", s.live())
                .field("ranNs", s.ran())
                .field("slices", s.slices())
                .field("readyNs", s.ready())
                .field("longestReadyNs", s.longestReady())
                .field("waitNs", s.waited());
        j.array("waits");
        s.waits().stream()
                .limit(WAITS)
                .forEach(w ->
                        j.object()
                                .field("reason", w.reason())
                                .field("place", w.place())
                                .field("count", w.count())
                                .field("ns", w.nanos())
                                .end());
        j.end().end();
    }

    /** The first by CPU time, by time runnable and by time waiting; by CPU time. */
    private static List<Report.Site> top(Report r, int top) {
        Set<Report.Site> chosen = new LinkedHashSet<>();
        List<ToLongFunction<Report.Site>> orders =
                List.of(Report.Site::ran, Report.Site::ready, Report.Site::waited);
        for (ToLongFunction<Report.Site> order : orders) {
            r.sites().stream()
                    .sorted(Comparator.comparingLong(order).reversed())
                    .limit(top)
                    .forEach(chosen::add);
        }
        List<Report.Site> sites = new ArrayList<>(chosen);
        sites.sort(Comparator.comparingLong(Report.Site::ran).reversed());
        return sites;
    }
}
