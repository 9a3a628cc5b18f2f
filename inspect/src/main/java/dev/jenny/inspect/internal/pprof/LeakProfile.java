package dev.jenny.inspect.internal.pprof;

import dev.jenny.inspect.internal.model.Dumps;
import dev.jenny.inspect.internal.model.GoroutineInfo;
import dev.jenny.inspect.internal.model.Leak;
import dev.jenny.inspect.internal.model.LeakReport;
import dev.jenny.inspect.internal.model.Listing;
import dev.jenny.inspect.internal.model.Model;
import dev.jenny.inspect.internal.model.Query;
import dev.jenny.inspect.internal.pprof.Profiles.Kind;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/**
 * The leaks of all searches for this profile. Each search frees what it finds, but who asks later
 * wants to know, too.
 */
final class LeakProfile {
    private static final Profile SUMS = Profiles.counts(Kind.GOROUTINELEAK); // guarded by the class

    /** The newest, no more than {@link LeakReport#MAX_GOROUTINES}; guarded by the class. */
    private static final Deque<GoroutineInfo> NEWEST = new ArrayDeque<>();

    private static long total; // guarded by the class

    private LeakProfile() {}

    /** The leaks of {@code report} and of all before it, by stack. */
    static synchronized Profile take(LeakReport report) {
        add(report);
        Profile copy = SUMS.minus(Profiles.counts(Kind.GOROUTINELEAK));
        copy.during(Instant.now(), Duration.ZERO);
        copy.comment(
                report.checked()
                        + " goroutines were looked at now; those found earlier are included");
        return copy;
    }

    /**
     * Writes all goroutines in Go's format, as Go does: those of {@code report} and the newest of
     * those before it, marked {@code (leaked)}; then those that live.
     *
     * @param query which goroutines; {@code reason~leaked} is true of the leaked ones only
     * @param limit of no more goroutines than so many
     * @param exact whether to give waits to the millisecond
     */
    static void dump(Appendable out, LeakReport report, Query query, int limit, boolean exact)
            throws IOException {
        List<GoroutineInfo> leaked;
        long forgotten;
        synchronized (LeakProfile.class) {
            add(report);
            leaked = NEWEST.stream().filter(query::test).toList();
            forgotten = total - NEWEST.size();
        }
        List<GoroutineInfo> shown = leaked.subList(0, Math.min(leaked.size(), limit));
        for (GoroutineInfo g : shown) {
            Dumps.text(out, g, exact);
        }
        Listing living = Model.goroutines(query, Model.Order.ID, limit - shown.size(), true);
        for (GoroutineInfo g : living.goroutines()) {
            Dumps.text(out, g, exact);
        }
        long omitted = living.matched() - living.goroutines().size();
        Dumps.leftOut(out, forgotten + leaked.size() - shown.size() + omitted);
    }

    private static void add(LeakReport report) {
        for (Leak leak : report.leaks()) {
            SUMS.add(
                    Profiles.withSite(leak.stack(), leak.site()),
                    Profiles.withWait(leak.labels(), leak.reason()),
                    leak.count());
        }
        total += report.total();
        for (GoroutineInfo g : report.goroutines()) {
            if (NEWEST.size() == LeakReport.MAX_GOROUTINES) {
                NEWEST.removeFirst();
            }
            NEWEST.addLast(g);
        }
    }
}
