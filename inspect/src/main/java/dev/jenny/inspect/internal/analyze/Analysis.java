package dev.jenny.inspect.internal.analyze;

import dev.jenny.inspect.internal.pause.Pause;
import dev.jenny.inspect.internal.trace.Names;
import dev.jenny.inspect.internal.trace.Sink;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Follows goroutines and Ps through a trace, and lets the rules watch. What it keeps grows with the
 * goroutines that live at the same time and with the places in the program, not with the events.
 *
 * <p>Takes events in whatever order they come: one that does not fit, because others were lost,
 * leaves the goroutine in the state that it tells of. For one thread.
 */
public final class Analysis implements Sink {
    private static final int MAX_PAUSES = 10_000;

    /** Starts the goroutine that runs {@code main}, under {@code jenny run}. */
    private static final String LAUNCHER = "dev.jenny.cli.Launcher.";

    private final Names names;
    private final Map<Long, G> gs = new HashMap<>();
    private final Map<Integer, Proc> procs = new TreeMap<>();
    private final Sites sites = new Sites();
    private final Map<Integer, Integer> siteOfStack = new HashMap<>();
    private final Latency latency = new Latency();
    private final List<Pause> pauses = new ArrayList<>();
    private final List<Rule> rules;

    private boolean begun;
    private boolean hasRun; // before that, the program or Jenny is starting up
    private long origin;
    private long now;
    private int gomaxprocs;
    private int runnable;
    private int running; // Ps on which a goroutine runs
    private int holding; // Ps whose thread is blocked
    private final Queued queued = new Queued();
    private boolean idle; // Ps have nothing to run, and somebody is runnable
    private long idleSince;
    private long dropped;
    private long gaps; // how often events were dropped
    private long lostStops;
    private long goroutines;
    private long collected;
    private long pausedOtherwise;

    /** An analysis of a trace whose numbers mean what {@code names} says. */
    public Analysis(Names names) {
        this.names = names;
        rules =
                List.of(
                        new StandRule(this),
                        new HogRule(this),
                        new StallRule(this),
                        new PauseRule(true),
                        new PauseRule(false),
                        new IdleRule(),
                        new ImbalanceRule(),
                        new SpinRule(),
                        new GrowthRule(sites),
                        new PingRule());
    }

    // ---- for the rules ----

    Sites sites() {
        return sites;
    }

    Names names() {
        return names;
    }

    Iterable<Proc> procs() {
        return procs.values();
    }

    long origin() {
        return origin;
    }

    long duration() {
        return Math.max(1, now - origin);
    }

    /** The time so far in which somebody was runnable. */
    long queued() {
        return queued.sum();
    }

    long dropped() {
        return dropped;
    }

    /** How many Ps may run goroutines at the same time. */
    int gomaxprocs() {
        return gomaxprocs > 0 ? gomaxprocs : Math.max(1, procs.size() - holding);
    }

    /** How long the JVM had stopped the program within a time. */
    long paused(long from, long to) {
        return collected(from, to) + within(from, to, false);
    }

    /** How long it had for the garbage collector. */
    long collected(long from, long to) {
        return within(from, to, true);
    }

    private long within(long from, long to, boolean collects) {
        long sum = 0;
        for (Pause p : pauses) {
            if (p.collects() == collects) {
                sum += Math.max(0, Math.min(to, p.end()) - Math.max(from, p.begin()));
            }
        }
        return sum;
    }

    Meanwhile meanwhile(long from, long to) {
        Map<Integer, Long> sums = new HashMap<>();
        for (Proc p : procs.values()) {
            p.recent.sum(from, to, sums);
            G g = p.running;
            if (g != null && !p.blocked) {
                long d = to - Math.max(from, p.since);
                if (d > 0) {
                    sums.merge(g.site, d, Long::sum);
                }
            }
        }
        long all = sums.values().stream().mapToLong(x -> x).sum();
        List<Meanwhile.Ran> ran = new ArrayList<>();
        sums.forEach((site, nanos) -> ran.add(new Meanwhile.Ran(site, nanos)));
        ran.sort(Comparator.comparingLong((Meanwhile.Ran r) -> -r.nanos()));
        double busy = (double) all / Math.max(1, (to - from) * (double) gomaxprocs());
        return new Meanwhile(Math.min(1, busy), ran);
    }

    // ---- time ----

    private void clock(long t) {
        if (!begun) {
            begun = true;
            origin = t;
            now = t;
        }
        if (t > now) {
            queued.pass(now, t, runnable > 0 && hasRun);
            now = t;
            for (Rule r : rules) {
                r.tick(now);
            }
        }
    }

    /** After each event: whether Ps have nothing to run though somebody is runnable. */
    private void settle() {
        boolean is = hasRun && runnable > 0 && running < gomaxprocs();
        if (is != idle) {
            if (idle) {
                rules.forEach(r -> r.idle(idleSince, now));
            }
            idle = is;
            idleSince = now;
        }
    }

    private @Nullable Proc p(int id) {
        return id < 0 ? null : procs.computeIfAbsent(id, Proc::new);
    }

    // ---- goroutines ----

    private int siteOf(int stack) {
        if (stack == Names.NONE) {
            return Sites.UNKNOWN;
        }
        Integer known = siteOfStack.get(stack);
        if (known == null) {
            String place = names.place(stack);
            known = sites.number(place.startsWith(LAUNCHER) ? "main" : place);
            siteOfStack.put(stack, known);
        }
        return known;
    }

    private G g(long id, State state, long t) {
        G g = gs.get(id);
        if (g == null) {
            g = add(id, siteOf(names.site(id)), state, t);
        }
        forget(g);
        return g;
    }

    private G add(long id, int site, State state, long t) {
        G g = new G(id, site, state, t);
        g.gaps = gaps;
        gs.put(id, g);
        goroutines++;
        sites.get(site).seen++;
        sites.get(site).live++;
        runnable += state == State.RUNNABLE ? 1 : 0;
        return g;
    }

    /** Who was runnable when events were lost may have run since: what it does is not known. */
    private void forget(G g) {
        if (g.state == State.RUNNABLE && g.gaps != gaps) {
            g.state = State.WAITING; // it is no longer among those who are counted as runnable
            g.sinceKnown = false;
        }
    }

    private void remove(G g) {
        enter(g, State.WAITING, now);
        gs.remove(g.id);
        sites.get(g.site).live--;
    }

    private void enter(G g, State state, long t) {
        runnable += (state == State.RUNNABLE ? 1 : 0) - (g.state == State.RUNNABLE ? 1 : 0);
        g.state = state;
        g.gaps = gaps;
        g.since = t;
        g.sinceKnown = true;
    }

    /** A goroutine that was there before is known by what it was started with. */
    private void learn(G g, int stack) {
        String root = names.root(stack);
        if (g.site == Sites.UNKNOWN && !root.isEmpty()) {
            sites.get(g.site).live--;
            sites.get(g.site).seen--;
            g.site = sites.number(root + ", started before the trace");
            sites.get(g.site).live++;
            sites.get(g.site).seen++;
        }
    }

    private void ready(G g, int p, long t) {
        if (g.state == State.WAITING) {
            waited(g, t);
        }
        enter(g, State.RUNNABLE, t);
        g.madeBy = p;
    }

    private void waited(G g, long t) {
        if (!g.sinceKnown) {
            return; // nor is it known for what
        }
        sites.waited(
                g,
                g.reason < 0 ? "not known" : names.reasonText(g.reason),
                names.place(g.place),
                Math.max(0, t - g.since));
    }

    /** Counts what ran on {@code p} since {@code p.since}, if anything did. */
    private void endRun(Proc p, long t) {
        G g = p.running;
        if (g == null || p.blocked) {
            return;
        }
        long d = Math.max(0, t - p.since);
        p.ranNanos += d;
        sites.get(g.site).ranNanos += d;
        p.recent.add(p.since, t, g.site);
        p.queued = queued.at(t, p.since, p.queuedBefore) - p.queuedBefore;
        rules.forEach(r -> r.ran(g, p, p.since, t));
        running--;
    }

    private void endBlock(Proc p, long t) {
        G g = p.running;
        if (g != null && p.blocked) {
            p.blocked = false;
            holding--;
            long d = Math.max(0, t - p.blockedSince);
            p.heldNanos += d;
            sites.waited(g, "blocking its thread", names.place(p.blockedAt), d);
            p.queued = queued.at(t, p.blockedSince, p.blockedQueuedBefore) - p.blockedQueuedBefore;
            rules.forEach(r -> r.blocked(g, p, p.blockedSince, t));
            beginRun(p, t);
        }
    }

    private void beginRun(Proc p, long t) {
        p.since = t;
        p.queuedBefore = queued.sum();
        p.burns = false;
        hasRun = true;
        running++;
    }

    /** Whatever runs on {@code p} runs no longer. */
    private void endSlice(Proc p, long t) {
        endBlock(p, t);
        G g = p.running;
        if (g == null) {
            return;
        }
        endRun(p, t);
        p.running = null;
        p.slices++;
        sites.get(g.site).slices++;
        stood(g, p.id, g.readyFrom, g.readyTo);
        g.readyFrom = g.readyTo;
    }

    private void stood(G g, int p, long from, long to) {
        if (to > from) {
            Sites.Site s = sites.get(g.site);
            s.readyNanos += to - from;
            s.longestReady = Math.max(s.longestReady, to - from);
            rules.forEach(r -> r.stood(g, p, from, to));
        }
    }

    private void yielded(G g, long t) {
        if (g.yields > 0) {
            rules.forEach(r -> r.yielded(g, t));
            g.yields = 0;
        }
    }

    // ---- Sink ----

    @Override
    public void proc(int p, long time, boolean busy) {
        clock(time);
        Proc proc = p(p);
        if (proc != null && !busy && !proc.blocked) {
            endSlice(proc, time);
        }
        settle();
    }

    @Override
    public void appear(int p, long time, long id, State state) {
        clock(time);
        if (!gs.containsKey(id)) {
            G g = g(id, state, time);
            Proc proc = p(p);
            if (state == State.RUNNING && proc != null) {
                endSlice(proc, time);
                g.p = p;
                proc.running = g;
                beginRun(proc, time);
            }
        }
        settle();
    }

    @Override
    public void create(int p, long time, long id, int stack) {
        clock(time);
        if (!gs.containsKey(id)) {
            G g = add(id, siteOf(stack), State.RUNNABLE, time);
            g.sinceKnown = true;
            g.madeBy = p;
        }
        settle();
    }

    @Override
    public void start(int p, long time, long id) {
        clock(time);
        G g = g(id, State.RUNNABLE, time);
        Proc old = p(g.p);
        if (g.state == State.RUNNING && old != null && old.running == g) {
            endSlice(old, time); // its stop was lost
        }
        Proc proc = p(p);
        if (proc != null) {
            endSlice(proc, time);
        }
        if (g.state == State.WAITING) {
            waited(g, time);
            g.sinceKnown = false; // when it became runnable was lost
        }
        boolean known = g.state == State.RUNNABLE && g.sinceKnown;
        g.readyFrom = known ? Math.min(g.since, time) : time;
        g.readyTo = time;
        enter(g, State.RUNNING, time);
        g.p = p;
        if (proc != null) {
            proc.running = g;
            beginRun(proc, time);
        }
        if (known) {
            long d = g.readyTo - g.readyFrom;
            latency.add(d);
            Proc from = p(g.madeBy);
            if (from != null) {
                from.queuedHere += d;
            }
            if (proc != null && g.yields == 0) {
                rules.forEach(r -> r.woken(g, proc, d));
            }
        }
        settle();
    }

    @Override
    public void stop(int p, long time, long id, Stop how, int reason, int stack) {
        clock(time);
        G g = g(id, State.RUNNING, time);
        if (how == Stop.BLOCK) {
            learn(g, stack);
        }
        Proc proc = p(p);
        long began = proc != null && proc.running == g ? proc.since : time;
        if (proc != null) {
            endSlice(proc, time);
        }
        if (how == Stop.YIELD) {
            if (g.yields++ == 0) {
                g.yieldsFrom = began;
                g.yieldsRan = 0;
                g.yieldsShort = 0;
            }
            g.yieldsRan += time - began;
            g.yieldsShort += time - began <= SpinRule.SHORT ? 1 : 0;
        } else {
            yielded(g, time);
        }
        switch (how) {
            case BLOCK -> {
                enter(g, State.WAITING, time);
                g.reason = reason;
                g.place = stack;
            }
            case YIELD, PREEMPT -> {
                enter(g, State.RUNNABLE, time);
                g.madeBy = p;
            }
            case LOST -> {
                lostStops++;
                enter(g, State.RUNNABLE, time);
                g.sinceKnown = false;
            }
            case END -> remove(g);
        }
        settle();
    }

    @Override
    public void ready(int p, long time, long id) {
        clock(time);
        G g = g(id, State.WAITING, time);
        Proc on = procs.get(g.p);
        if (g.state != State.RUNNING || on == null || on.running != g) {
            ready(g, p, time); // if it seemed to run, its stop was lost
        }
        settle();
    }

    @Override
    public void steal(int p, long time, int victim, int n) {
        clock(time);
    }

    @Override
    public void labels(int p, long time, long g, Map<String, String> labels) {
        clock(time);
    }

    @Override
    public void burns(int p, long time) {
        clock(time);
        Proc proc = p(p);
        if (proc != null) {
            proc.burns = true;
        }
    }

    @Override
    public void blocked(int p, long since, long time, int stack) {
        clock(time);
        Proc proc = p(p);
        if (proc != null && proc.running != null && !proc.blocked) {
            learn(proc.running, stack);
            long from = Math.max(proc.since, Math.min(since, time));
            endRun(proc, from);
            proc.blocked = true;
            holding++;
            proc.blockedSince = from;
            proc.blockedQueuedBefore = proc.queuedBefore + proc.queued;
            proc.blockedAt = stack;
        }
        settle();
    }

    @Override
    public void blockedEnd(int p, long time) {
        clock(time);
        Proc proc = p(p);
        if (proc != null) {
            endBlock(proc, time);
        }
        settle();
    }

    @Override
    public void procs(int p, long time, int n) {
        gomaxprocs = n;
    }

    @Override
    public void taskBegin(int p, long time, long task, long parent, String name) {}

    @Override
    public void taskEnd(int p, long time, long task) {}

    @Override
    public void region(int p, long time, long task, String name, boolean begin) {}

    @Override
    public void log(int p, long time, long task, String category, String message) {}

    @Override
    public void channel(int p, long time, ChannelOp op, ChannelState channel) {}

    @Override
    public void pause(Pause p) {
        long nanos = Math.max(0, p.end() - p.begin());
        collected += p.collects() ? nanos : 0;
        pausedOtherwise += p.collects() ? 0 : nanos;
        if (pauses.size() < MAX_PAUSES) {
            pauses.add(p);
        }
        rules.forEach(r -> r.paused(p));
    }

    @Override
    public void dropped(int p, long time, long n) {
        dropped += n;
        gaps++;
        runnable = 0; // see forget
        settle();
    }

    /** Nothing: the trace may have ended anywhere, see {@link #finish}. */
    @Override
    public void close() {}

    // ---- the end ----

    /** What has been found; call it once, after the last event. */
    public Report finish() {
        if (idle) {
            rules.forEach(r -> r.idle(idleSince, now));
        }
        for (Proc p : procs.values()) {
            endSlice(p, now);
        }
        for (G g : gs.values()) {
            forget(g);
            if (g.state == State.RUNNABLE && g.sinceKnown) {
                stood(g, g.madeBy, g.since, now);
            } else if (g.state == State.WAITING) {
                waited(g, now);
            }
            yielded(g, now);
        }
        List<Finding> findings = new ArrayList<>();
        for (Rule r : rules) {
            findings.addAll(r.findings(this));
        }
        if (dropped > 0 || lostStops > 0) {
            findings.add(lost());
        }
        findings.sort(
                Comparator.comparing(Finding::severity)
                        .thenComparing(Comparator.comparingLong(Finding::lost).reversed()));
        return new Report(
                findings,
                origin,
                now,
                gomaxprocs(),
                goroutines,
                gs.size(),
                dropped,
                lostStops,
                collected,
                pausedOtherwise,
                latency.count(),
                latency.quantile(.5),
                latency.quantile(.99),
                latency.max(),
                procs.values().stream()
                        .map(p -> new Report.P(p.id, p.ranNanos, p.heldNanos, p.slices))
                        .toList(),
                sites.all().stream().filter(s -> s.seen > 0).map(Report.Site::of).toList());
    }

    private Finding lost() {
        return new Finding(
                "lost-events",
                dropped > latency.count() / 10 ? Finding.Severity.HIGH : Finding.Severity.MEDIUM,
                dropped > 0
                        ? "Events were lost: " + dropped + " of them"
                        : "Events were lost: in "
                                + lostStops
                                + (lostStops == 1 ? " place" : " places")
                                + " what a goroutine did next is missing",
                0,
                "",
                -1,
                origin,
                now,
                Math.max(dropped, lostStops),
                now - origin,
                "The program made events faster than they could be written, or the trace has room"
                        + " for. Times of goroutines and Ps around the gaps are not right, and other"
                        + " findings may be missing.",
                "Record for less time, or give the recorder more memory: --flight=mb=N,"
                        + " -Djenny.traceMegabytes=N.",
                List.of());
    }
}
