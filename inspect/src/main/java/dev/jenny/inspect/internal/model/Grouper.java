package dev.jenny.inspect.internal.model;

import dev.jenny.internal.sched.Probe;
import dev.jenny.internal.sched.Probe.Cursor;
import dev.jenny.internal.sched.SpawnSite;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Groups all goroutines without walking their stacks: one look at each, then the stacks of one of
 * each group, then those that {@link Places} picks of the groups that wait, until the time for that
 * is up. A million parked goroutines take a fraction of a second, and the goroutines that run are
 * not stopped for it.
 */
final class Grouper {
    private static final int IDS = 5;
    private static final long STACK_BUDGET = 200_000_000;
    private static final long REASON_BUDGET = 200_000_000;

    /**
     * More groups than this are counted, but not kept: the memory that a profile takes is bounded.
     */
    private static final int MAX_GROUPS = 10_000;

    private record Key(
            @Nullable SpawnSite site, Probe.State state, String reason, String objectKind) {}

    private static final class Group {
        final Key key;
        long count;
        long oldest;
        long newest = Long.MAX_VALUE;
        long total;
        @Nullable Map<String, String> labels;
        final List<Long> ids = new ArrayList<>(IDS);
        final Places places;

        Group(Key key, Places places) {
            this.key = key;
            this.places = places;
        }

        void add(Cursor g) {
            count++;
            long waited = g.waited();
            oldest = Math.max(oldest, waited);
            newest = Math.min(newest, waited);
            total += waited;
            if (ids.size() < IDS) {
                ids.add(g.id());
            }
            if (places.wants(count)) {
                places.add(g.view());
            }
            if (labels == null) {
                labels = g.labels();
            } else if (labels != g.labels() && !labels.isEmpty()) {
                labels = common(labels, g.labels());
            }
        }
    }

    private final Query query;
    private final Look look = new Look(REASON_BUDGET);
    private final Map<Key, Group> groups = new HashMap<>();
    private final Places.Room room;
    private final RandomGenerator random = new SplittableRandom();
    private @Nullable Subject subject;
    private @Nullable Group last;
    private long total;
    private long matched;
    private long uncounted;

    Grouper(Query query, Depth depth) {
        this.query = query;
        this.room = new Places.Room(depth);
    }

    Groups take(int limit) {
        long taken = Probe.now();
        Probe.scan(this::add);
        List<Group> sorted = new ArrayList<>(groups.values());
        sorted.sort(
                Comparator.<Group>comparingLong(g -> -g.count)
                        .thenComparing(g -> Frame.text(Look.frame(g.key.site))));
        sorted.subList(Math.min(limit, sorted.size()), sorted.size()).clear();
        readStacks(sorted);
        List<GoroutineGroup> shown = sorted.stream().map(Grouper::group).toList();
        int omitted = groups.size() - shown.size() + (uncounted > 0 ? 1 : 0);
        return new Groups(shown, total, matched, omitted, taken, Probe.now() - taken);
    }

    private void add(Cursor g) {
        if (subject == null) {
            subject = new CursorSubject(g, look);
        }
        total++;
        if (!query.test(subject)) {
            return;
        }
        matched++;
        String reason = look.reason(g);
        String kind = Objects.kind(g.on());
        Group l = last;
        if (l == null || !same(l.key, g, reason, kind)) {
            Key key = new Key(g.site(), g.state(), reason, kind);
            l = groups.get(key);
            if (l == null) {
                if (groups.size() == MAX_GROUPS) {
                    uncounted++;
                    return;
                }
                l = new Group(key, new Places(room, random));
                groups.put(key, l);
            }
            last = l;
        }
        l.add(g);
    }

    /** Neighbours in the registry are often alike: saves the look into the map. */
    private static boolean same(Key k, Cursor g, String reason, String kind) {
        return k.site == g.site()
                && k.state == g.state()
                && k.reason.equals(reason)
                && k.objectKind.equals(kind);
    }

    private static void readStacks(List<Group> shown) {
        long end = System.nanoTime() + STACK_BUDGET;
        for (Group g : shown) {
            if (System.nanoTime() >= end || !g.places.readNext()) {
                break;
            }
        }
        for (Group g : shown) { // where others stand changes while one looks
            while (g.key.state == Probe.State.WAITING
                    && System.nanoTime() < end
                    && g.places.readNext()) {}
        }
    }

    private static GoroutineGroup group(Group g) {
        Frame site = Look.frame(g.key.site);
        String state = g.key.state.text();
        return new GoroutineGroup(
                state + "|" + g.key.reason + "|" + g.key.objectKind + "|" + Frame.text(site),
                g.count,
                state,
                g.key.reason,
                g.key.objectKind,
                site,
                g.labels == null ? Map.of() : g.labels,
                g.oldest,
                g.newest == Long.MAX_VALUE ? 0 : g.newest,
                g.total,
                List.copyOf(g.ids),
                g.places.read(),
                g.places.places());
    }

    static Map<String, String> common(Map<String, String> a, Map<String, String> b) {
        Map<String, String> both = new HashMap<>(a);
        both.entrySet().retainAll(b.entrySet());
        return both.isEmpty() ? Map.of() : Map.copyOf(both);
    }
}
