package dev.jenny.inspect.internal.pprof;

import dev.jenny.inspect.internal.model.Dumps;
import dev.jenny.inspect.internal.model.GoroutineInfo;
import dev.jenny.inspect.internal.model.LeakHistory;
import dev.jenny.inspect.internal.model.LeakReport;
import dev.jenny.inspect.internal.model.Listing;
import dev.jenny.inspect.internal.model.Model;
import dev.jenny.inspect.internal.model.Query;
import dev.jenny.inspect.internal.pprof.Profiles.Kind;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * The leaks that are known: those of the search that the profile makes, and those of all before it,
 * whoever asked for them.
 */
final class LeakProfile {
    private LeakProfile() {}

    /** All leaks that are known, by stack; {@code report} is of the newest search. */
    static Profile take(LeakReport report) {
        Profile profile = Profiles.counts(Kind.GOROUTINELEAK);
        profile.during(Instant.now(), Duration.ZERO);
        LeakHistory.now()
                .leaks()
                .forEach(l ->
                        profile.add(
                                Profiles.withSite(l.stack(), l.site()),
                                Profiles.withWait(l.labels(), l.reason()),
                                l.count()));
        profile.comment(
                report.checked()
                        + " goroutines were looked at now; those found earlier are included");
        if (!report.missed().isEmpty()) {
            profile.comment(report.missed());
        }
        return profile;
    }

    /**
     * Writes all goroutines in Go's format, as Go does: the leaked ones, those that were found
     * before included, marked {@code (leaked)}; then those that live.
     *
     * @param query which goroutines; {@code reason~leaked} is true of the leaked ones only
     * @param limit of no more goroutines than so many
     * @param exact whether to give waits to the millisecond
     */
    static void dump(Appendable out, Query query, int limit, boolean exact) throws IOException {
        LeakHistory known = LeakHistory.now();
        List<GoroutineInfo> leaked = known.newest().stream().filter(query::test).toList();
        long forgotten = known.total() - known.newest().size();
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
}
