package dev.jenny.inspect.internal.model;

import dev.jenny.inspect.internal.model.Creator.Creation;
import dev.jenny.internal.sched.Probe;
import dev.jenny.internal.sched.Probe.Cursor;
import dev.jenny.internal.sched.Probe.GView;
import dev.jenny.internal.sched.SpawnSite;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The questions that the tools ask. All methods may be called from any thread; they take their time
 * and memory from the caller, and stop no goroutine for longer than its stack is read, which is
 * some 10 µs.
 */
public final class Model {
    /** In which order goroutines are listed. */
    public enum Order {
        /** By number, the lowest first. */
        ID,
        /** By how long they have waited, the longest first. */
        AGE
    }

    private static final long REASON_BUDGET = 200_000_000;

    private Model() {}

    /**
     * Goroutines one by one.
     *
     * @param query which ones
     * @param order which first
     * @param limit no more than so many
     * @param stacks whether to read their stacks
     */
    public static Listing goroutines(Query query, Order order, int limit, boolean stacks) {
        Chosen chosen = choose(query, order, limit);
        Look look = chosen.look;
        List<GoroutineInfo> infos =
                chosen.goroutines.stream().map(g -> look.info(g, true, stacks)).toList();
        return new Listing(infos, chosen.matched, chosen.total, chosen.taken);
    }

    /** Goroutines without their stacks, for {@code look} to read one after the other. */
    record Chosen(List<GView> goroutines, Look look, long matched, long total, long taken) {}

    /** The goroutines of {@link #goroutines}. */
    static Chosen choose(Query query, Order order, int limit) {
        long taken = Probe.now();
        Comparator<GView> first =
                order == Order.ID
                        ? Comparator.comparingLong(GView::id)
                        : Comparator.comparingLong(GView::waited)
                                .reversed()
                                .thenComparingLong(GView::id);
        Look look = new Look(REASON_BUDGET);
        PriorityQueue<GView> best = new PriorityQueue<>(first.reversed());
        long[] counts = new long[2];
        CursorSubject[] subject = new CursorSubject[1];
        Probe.scan(c -> {
            if (counts[0]++ == 0) {
                subject[0] = new CursorSubject(c, look);
            }
            if (query.test(subject[0])) {
                counts[1]++;
                GView last = best.size() < limit ? null : best.peek();
                if (limit > 0 && (last == null || before(order, c, last))) {
                    best.add(c.view());
                    if (best.size() > limit) {
                        best.poll();
                    }
                }
            }
        });
        List<GView> sorted = new ArrayList<>(best);
        sorted.sort(first);
        return new Chosen(sorted, look, counts[1], counts[0], taken);
    }

    private static boolean before(Order order, Cursor c, GView last) {
        if (order == Order.AGE && c.waited() != last.waited()) {
            return c.waited() > last.waited();
        }
        return c.id() < last.id();
    }

    /** The goroutine with the number {@code id}, with its stack; null if there is none. */
    public static @Nullable GoroutineInfo goroutine(long id) {
        GView g = Probe.goroutine(id);
        return g == null ? null : new Look(REASON_BUDGET).info(g, true, true);
    }

    /** As {@link #groups(Query, int, Depth)}, with one stack of each group. */
    public static Groups groups(Query query, int limit) {
        return groups(query, limit, Depth.ONE);
    }

    /**
     * Goroutines grouped by spawn site, state, wait reason and kind of object.
     *
     * @param query which goroutines
     * @param limit no more groups than so many
     * @param depth of how many the stacks are read, while there is time for it
     */
    public static Groups groups(Query query, int limit, Depth depth) {
        return new Grouper(query, depth).take(limit);
    }

    /**
     * Goroutines by who created them.
     *
     * @param query which goroutines; who created them is part of it, whether it matches or not
     * @param limit no more nodes than so many
     */
    public static Ancestry ancestry(Query query, int limit) {
        return AncestryBuilder.take(query, limit);
    }

    /**
     * Who waits for whom.
     *
     * @param query which waiting goroutines; those in cycles are always part of it
     * @param limit no more objects than so many
     */
    public static WaitGraph graph(Query query, int limit) {
        return new Graph(query, limit).build();
    }

    /** Goroutines and threads that wait for each other's locks in a circle. Takes some 20 ms. */
    public static List<WaitGraph.Cycle> cycles() {
        return Cycles.find();
    }

    /** Why the goroutine with the number {@code id} does not go on; null if there is none. */
    public static @Nullable Why why(long id) {
        GView g = Probe.goroutine(id);
        return g == null ? null : new Explain(g).why();
    }

    /**
     * Who created these goroutines, who created those, and so on.
     *
     * @param recorded how goroutines that have ended were created, as far as that is known
     */
    public static Creators creators(
            List<GoroutineInfo> list, Function<Set<Long>, Map<Long, Creation>> recorded) {
        return new Creators(list.stream().map(GoroutineInfo::parent).toList(), recorded);
    }

    /**
     * All that is known of the goroutine with the number {@code id}; null if there is none.
     *
     * @param recorded how goroutines that have ended were created, as far as that is known
     */
    public static @Nullable Detail detail(
            long id, Function<Set<Long>, Map<Long, Creation>> recorded) {
        GView g = Probe.goroutine(id);
        if (g == null) {
            return null;
        }
        Why why = new Explain(g).why();
        List<Creator> creators = new Creators(List.of(g.parent()), recorded).of(g.parent());
        return new Detail(why.goroutine(), why, creators, ContextWait.of(g));
    }

    /**
     * What goroutines wait on at this moment, that with the most waiters first.
     *
     * @param limit no more than so many
     */
    public static ObjectList objects(int limit) {
        return new Waited(true).objects(limit);
    }

    /**
     * Like {@link #objects(int)}, without what takes long: monitors, and who holds locks.
     *
     * @param limit no more than so many
     */
    public static List<ObjectDetail> objectsWithoutHolders(int limit) {
        return new Waited(false).objects(limit).objects();
    }

    /** Why leaks cannot be proven in this JVM, and what to do about it; null if they can. */
    public static @Nullable String leaksUnsupported() {
        return LeakFinder.whyNot();
    }

    /**
     * Searches for leaked goroutines, which takes a full garbage collection. What is found is gone
     * afterwards; its memory is free.
     *
     * @throws IllegalStateException if leaks cannot be proven in this JVM; the message says why,
     *     and what to do
     */
    public static LeakReport leaks() {
        return LeakFinder.find();
    }

    /**
     * As {@link #leaks()}, among goroutines that have the label {@code name} with {@code value}. A
     * goroutine that hangs on a leaked one without it is not found.
     */
    public static LeakReport leaks(String name, String value) {
        return LeakFinder.find(labels -> value.equals(labels.get(name)));
    }

    /** A spawn site as a frame. */
    public static @Nullable Frame siteOf(@Nullable SpawnSite site) {
        return Look.frame(site);
    }
}
