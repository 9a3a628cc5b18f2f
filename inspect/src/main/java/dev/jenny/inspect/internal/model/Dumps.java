package dev.jenny.inspect.internal.model;

import dev.jenny.inspect.internal.Json;
import dev.jenny.internal.sched.Probe;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Goroutines as text and as JSON. Stacks are written as they are read, one after the other, and all
 * dumps have a limit.
 */
public final class Dumps {
    /** The format version of {@link #json}. */
    public static final int JSON_VERSION = 1;

    private static final int MAX_FRAMES = 100;

    private Dumps() {}

    /**
     * Goroutines one by one with their stacks, in Go's format ({@code debug=2}).
     *
     * @param exact whether to give waits to the millisecond, as in {@code [chan receive, 12.3s]};
     *     Go gives minutes, which is what Go's tools read
     * @return how many were left out because of the limit
     */
    public static long text(Appendable out, Query query, int limit, boolean exact)
            throws IOException {
        Model.Chosen chosen = Model.choose(query, Model.Order.ID, limit);
        for (Probe.GView g : chosen.goroutines()) {
            text(out, chosen.look().info(g, true, true), exact);
        }
        long omitted = chosen.matched() - chosen.goroutines().size();
        leftOut(out, omitted);
        return omitted;
    }

    /** As {@link #text(Appendable, Query, int, boolean)}, of goroutines that were listed before. */
    public static long text(Appendable out, Listing l, boolean exact) throws IOException {
        for (GoroutineInfo g : l.goroutines()) {
            text(out, g, exact);
        }
        long omitted = l.matched() - l.goroutines().size();
        leftOut(out, omitted);
        return omitted;
    }

    /** Writes one goroutine, and an empty line. */
    public static void text(Appendable out, GoroutineInfo g, boolean exact) throws IOException {
        String time = exact && g.waitNanos() > 0 ? ", " + Times.text(g.waitNanos()) : "";
        if (!exact && g.waitNanos() >= 60_000_000_000L) {
            time = ", " + g.waitNanos() / 60_000_000_000L + " minutes";
        }
        StringBuilder b = new StringBuilder();
        b.append("goroutine ").append(g.id()).append(" [").append(g.status()).append(time);
        b.append(']').append(Probe.labelText(g.labels())).append(":\n");
        frames(b, g.stack());
        createdBy(b, g.site(), g.parent());
        out.append(b.append('\n'));
    }

    /** Says that a dump is not complete, if {@code n} goroutines are not in it. */
    public static void leftOut(Appendable out, long n) throws IOException {
        if (n > 0) {
            out.append("... ").append(Long.toString(n)).append(" goroutines left out ...\n");
        }
    }

    /** Leaked goroutines in Go's format, marked {@code (leaked)}. */
    public static void leaks(Appendable out, LeakReport report) throws IOException {
        StringBuilder b = new StringBuilder();
        b.append(report.total()).append(report.total() == 1 ? " goroutine" : " goroutines");
        b.append(" leaked, of ").append(report.checked()).append(" that were parked\n\n");
        if (!report.missed().isEmpty()) {
            b.append(report.missed()).append("\n\n");
        }
        out.append(b);
        for (Leak l : report.leaks()) {
            b.setLength(0);
            b.append("[x").append(l.count()).append("] goroutine ");
            b.append(l.stackOf() != 0 ? l.stackOf() : l.goroutines().getFirst());
            b.append(" [").append(l.reason()).append(" (leaked)");
            if (l.oldestNanos() > 0) {
                b.append(", ").append(Times.text(l.oldestNanos()));
            }
            b.append(']').append(Probe.labelText(l.labels())).append(":\n");
            frames(b, l.stack());
            createdBy(b, l.site(), 0);
            out.append(b.append('\n'));
        }
    }

    /**
     * Goroutines as one JSON object: {@code version}, {@code goroutines}, {@code matched}, {@code
     * total}. It is streamed: the goroutines come in the order in which they are found.
     */
    public static void json(Appendable out, Query query, int limit, boolean stacks) {
        Json j = Json.to(out).object();
        j.field("version", JSON_VERSION).array("goroutines");
        Look look = new Look(200_000_000);
        long[] counts = new long[2];
        CursorSubject[] subject = new CursorSubject[1];
        Probe.scan(c -> {
            if (counts[0]++ == 0) {
                subject[0] = new CursorSubject(c, look);
            }
            if (query.test(subject[0]) && counts[1]++ < limit) {
                ModelJson.goroutine(j, look.info(c.view(), true, stacks));
            }
        });
        j.end().field("matched", counts[1]).field("total", counts[0]).end();
    }

    /**
     * What has changed from {@code before} to {@code after}: groups that grew, shrank, or are new;
     * place by place where all stacks of a group are known.
     */
    public static List<GroupChange> diff(Groups before, Groups after) {
        Map<String, GoroutineGroup> then = new TreeMap<>();
        before.groups().forEach(g -> then.put(g.key(), g));
        List<GroupChange> changes = new ArrayList<>();
        for (GoroutineGroup g : after.groups()) {
            diff(then.remove(g.key()), g, changes);
        }
        then.values().forEach(g -> diff(g, null, changes));
        changes.sort((a, b) -> Long.compare(Math.abs(b.delta()), Math.abs(a.delta())));
        return changes;
    }

    private static void diff(
            @Nullable GoroutineGroup before,
            @Nullable GoroutineGroup after,
            List<GroupChange> changes) {
        GoroutineGroup either = after != null ? after : before;
        if (either == null) {
            return;
        }
        if ((before == null || before.isExact()) && (after == null || after.isExact())) {
            Map<List<Frame>, GoroutineGroup> then = byStack(before);
            byStack(after)
                    .forEach((stack, g) -> {
                        GoroutineGroup old = then.remove(stack);
                        add(changes, g, old == null ? 0 : old.count(), g.count());
                    });
            then.values().forEach(g -> add(changes, g, g.count(), 0));
            return;
        }
        add(
                changes,
                either,
                before == null ? 0 : before.count(),
                after == null ? 0 : after.count());
    }

    private static void add(List<GroupChange> changes, GoroutineGroup g, long before, long after) {
        if (before != after) {
            changes.add(new GroupChange(g, before, after));
        }
    }

    private static Map<List<Frame>, GoroutineGroup> byStack(@Nullable GoroutineGroup g) {
        Map<List<Frame>, GoroutineGroup> all = new LinkedHashMap<>();
        if (g != null) {
            Places.byStack(g.places()).forEach(p -> all.put(p.stack(), g.at(p)));
        }
        return all;
    }

    private static void frames(StringBuilder b, List<Frame> stack) {
        int n = stack.size();
        for (int i = 0; i < n; i++) {
            if (n > MAX_FRAMES && i == MAX_FRAMES / 2) {
                int elided = n - MAX_FRAMES;
                b.append("...").append(elided).append(" frames elided...\n");
                i += elided;
            }
            Frame f = stack.get(i);
            b.append(f.function()).append("(...)\n\t").append(f.location()).append('\n');
        }
    }

    private static void createdBy(StringBuilder b, @Nullable Frame site, long parent) {
        if (site == null) {
            if (parent != 0) {
                b.append("created by java.lang.Thread.start in goroutine ").append(parent);
                b.append('\n');
            }
            return;
        }
        b.append("created by ").append(site.function());
        if (parent != 0) {
            b.append(" in goroutine ").append(parent);
        }
        b.append("\n\t").append(site.location()).append('\n');
    }
}
