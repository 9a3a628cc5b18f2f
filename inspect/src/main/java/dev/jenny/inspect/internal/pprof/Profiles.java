package dev.jenny.inspect.internal.pprof;

import dev.jenny.inspect.internal.issue.Issues;
import dev.jenny.inspect.internal.model.Depth;
import dev.jenny.inspect.internal.model.Frame;
import dev.jenny.inspect.internal.model.GoroutineGroup;
import dev.jenny.inspect.internal.model.GoroutineInfo;
import dev.jenny.inspect.internal.model.Groups;
import dev.jenny.inspect.internal.model.Model;
import dev.jenny.inspect.internal.model.Query;
import dev.jenny.inspect.internal.pprof.Profile.ValueType;
import dev.jenny.internal.event.BlockProfile;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Takes profiles. {@link Kind} says which there are.
 *
 * <p>Waits ({@code block} and its kin) and memory are recorded on demand only. With a duration, for
 * so long. Without one, waits are all that were recorded so far, and allocations are since somebody
 * first asked, or since {@link #sampleHeap}; if that is nothing yet, {@link #FIRST} is recorded.
 * Methods wait on the calling thread for as long as they record.
 */
public final class Profiles {
    /** How long is recorded if nothing has been so far, and no duration was given. */
    public static final Duration FIRST = Duration.ofSeconds(2);

    /** The longest duration. */
    public static final Duration MAX = Duration.ofMinutes(10);

    /** More goroutines than this are told apart by group, not by stack. */
    private static final int EXACT = 10_000;

    private static final int MAX_GROUPS = 10_000;

    /** The profiles that are there. */
    public enum Kind {
        ALLOCS(true, "A sampling of all past memory allocations"),
        BLOCK(
                true,
                "Stacks where goroutines waited for channels, select, locks and monitors, and how long"),
        CHAN(true, "Stacks where goroutines waited for channels and select, by channel"),
        GOROUTINE(true, "Stacks of all current goroutines; with very many, one for each group"),
        GOROUTINELEAK(
                false,
                "Stacks of goroutines that nothing could ever wake, proven by a garbage collection,"
                        + " which took them"),
        HEAP(true, "A sampling of memory allocations of live objects; gc=1 collects first"),
        MUTEX(
                true,
                "Stacks that unlocked mutexes for which others waited, and how long those had waited"),
        OFFCPU(
                true,
                "Stacks where goroutines waited for anything, input and sleep too, and how long"),
        PINNED(true, "Stacks of goroutines that held their thread while they waited"),
        PROFILE(false, "CPU profile; seconds says how long"),
        SCHED(
                true,
                "How long goroutines were runnable until they ran, by go statement; with seconds, by"
                        + " the stacks where they had waited"),
        THREADCREATE(true, "Platform threads, by name");

        private final boolean delta;
        private final String description;

        Kind(boolean delta, String description) {
            this.delta = delta;
            this.description = description;
        }

        /** Its name in Go and in URLs. */
        public String text() {
            return name().toLowerCase(java.util.Locale.ROOT);
        }

        /** One line for people. */
        public String description() {
            return description;
        }

        /** Whether there is such a thing as the difference of two. */
        boolean hasDelta() {
            return delta;
        }

        /** All names, for a message. */
        static String names() {
            return Arrays.stream(values()).map(Kind::text).collect(Collectors.joining(", "));
        }

        /** The kind that is called {@code text}. */
        public static Optional<Kind> of(String text) {
            for (Kind kind : values()) {
                if (kind.text().equals(text)) {
                    return Optional.of(kind);
                }
            }
            return Optional.empty();
        }
    }

    private static final HeapSampler HEAP = new HeapSampler();

    private Profiles() {}

    /** As {@link #take(Kind, Duration, Query, boolean)}, of all goroutines. */
    public static Profile take(Kind kind, @Nullable Duration duration)
            throws IOException, InterruptedException {
        return take(kind, duration, Query.ALL, false);
    }

    /**
     * Takes a profile.
     *
     * @param duration records for so long; null for all that is known. A CPU profile always
     *     records, 30 seconds unless said otherwise.
     * @param query which goroutines are in a goroutine profile
     * @param ids whether samples of a CPU profile are told apart by goroutine
     */
    public static Profile take(Kind kind, @Nullable Duration duration, Query query, boolean ids)
            throws IOException, InterruptedException {
        return take(kind, duration, query, ids, false);
    }

    /**
     * As {@link #take(Kind, Duration, Query, boolean)}.
     *
     * @param gc whether a collection comes before each look at the live objects of a heap profile
     */
    static Profile take(
            Kind kind, @Nullable Duration duration, Query query, boolean ids, boolean gc)
            throws IOException, InterruptedException {
        return switch (kind) {
            case PROFILE ->
                    CpuProfile.take(duration == null ? Duration.ofSeconds(30) : duration, ids);
            case PINNED -> PinnedProfile.take(duration == null ? FIRST : duration);
            case BLOCK, CHAN, MUTEX, OFFCPU -> {
                boolean off = BlockProfile.rate() == 0;
                Waits.acquire();
                try {
                    yield taken(kind, duration, query, off, false);
                } finally {
                    Waits.release();
                }
            }
            case ALLOCS, HEAP -> {
                boolean first = HEAP.acquire(duration == null);
                try {
                    yield taken(kind, duration, query, first, gc);
                } finally {
                    HEAP.release();
                }
            }
            case SCHED -> duration == null ? Waits.latencies() : Waits.wakeUps(duration);
            case GOROUTINE, THREADCREATE -> taken(kind, duration, query, false, false);
            case GOROUTINELEAK -> LeakProfile.take(Issues.findLeaks());
        };
    }

    private static Profile taken(
            Kind kind, @Nullable Duration duration, Query query, boolean first, boolean gc)
            throws IOException, InterruptedException {
        if (duration == null) {
            if (first) {
                Thread.sleep(FIRST);
            }
            if (first || gc) {
                settle(kind, gc);
            }
            return now(kind, query);
        }
        if (kind == Kind.GOROUTINE) {
            // a group's stack is that of one of its goroutines, another each time
            Detail detail = areFew() ? Detail.EACH : Detail.SITES;
            Profile before = goroutines(query, detail);
            Thread.sleep(duration);
            return goroutines(query, detail).minus(before);
        }
        settle(kind, gc);
        Profile before = now(kind, query);
        Thread.sleep(duration);
        settle(kind, gc);
        return now(kind, query).minus(before);
    }

    /** What is told of goroutines: each by its stack, or groups by some stacks or by their site. */
    enum Detail {
        EACH,
        GROUPS,
        SITES
    }

    private static boolean areFew() {
        return dev.jenny.GoRuntime.numGoroutine() <= EXACT;
    }

    private static void settle(Kind kind, boolean gc) throws InterruptedException {
        if (gc) {
            System.gc();
        }
        if (kind == Kind.ALLOCS || kind == Kind.HEAP) {
            HEAP.settle();
        }
    }

    /** Has memory sampled from now on, for those who ask later. */
    public static void sampleHeap() {
        HEAP.acquire(true);
        HEAP.release();
    }

    /** Ends all that records. */
    public static void stopAll() {
        HEAP.stop();
    }

    private static Profile now(Kind kind, Query query) throws IOException {
        return switch (kind) {
            case ALLOCS, HEAP -> HEAP.take(kind.text(), kind == Kind.HEAP);
            case BLOCK, CHAN, MUTEX, OFFCPU -> Waits.take(kind);
            case GOROUTINE -> goroutines(query, areFew() ? Detail.EACH : Detail.GROUPS);
            case THREADCREATE -> threads();
            case GOROUTINELEAK, PINNED, PROFILE, SCHED ->
                    throw new IllegalArgumentException(kind.text());
        };
    }

    static Profile counts(Kind kind) {
        ValueType type = ValueType.count(kind.text());
        return new Profile(kind.text(), List.of(type), type, 1);
    }

    static Profile goroutines(Query query, Detail detail) {
        Profile profile = counts(Kind.GOROUTINE).during(Instant.now(), Duration.ZERO);
        if (detail == Detail.EACH) {
            for (GoroutineInfo g :
                    Model.goroutines(query, Model.Order.ID, EXACT * 10, true).goroutines()) {
                profile.add(withSite(g.stack(), g.site()), withWait(g.labels(), g.status()), 1);
            }
            return profile;
        }
        Groups groups =
                Model.groups(query, MAX_GROUPS, detail == Detail.SITES ? Depth.ONE : Depth.ALL);
        for (GoroutineGroup group : groups.groups()) {
            if (detail == Detail.SITES) {
                // labels that all have in common are others as soon as one comes without
                profile.add(
                        withSite(List.of(), group.site()),
                        withWait(Map.of(), group.status()),
                        group.count());
            } else {
                addPlaces(profile, group);
            }
        }
        profile.comment(
                detail == Detail.SITES
                        ? "by go statement: of so many, single stacks are not compared"
                        : "of so many that are alike, the stacks of some stand for all");
        if (groups.omitted() > 0) {
            profile.comment(groups.omitted() + " groups are left out");
        }
        return profile;
    }

    /** Those whose stack was not read are where the others are, in the same shares. */
    private static void addPlaces(Profile profile, GoroutineGroup group) {
        long seen = 0;
        long told = 0;
        for (GoroutineGroup.Place p : group.places()) {
            seen += p.count();
            long upTo = Math.round((double) group.count() * seen / group.read());
            profile.add(
                    withSite(p.stack(), group.site()),
                    withWait(p.labels(), group.status()),
                    upTo - told);
            told = upTo;
        }
        if (told < group.count()) {
            profile.add(
                    withSite(List.of(), group.site()),
                    withWait(group.labels(), group.status()),
                    group.count() - told);
        }
    }

    /** A goroutine whose stack is not known is at least known by its go statement. */
    static List<Frame> withSite(List<Frame> stack, @Nullable Frame site) {
        return stack.isEmpty() && site != null
                ? List.of(new Frame("created by " + site.function(), site.file(), site.line()))
                : stack;
    }

    static Map<String, String> withWait(Map<String, String> labels, String status) {
        Map<String, String> all = new java.util.TreeMap<>(labels);
        all.put("wait", status);
        return all;
    }

    private static Profile threads() {
        Profile profile = counts(Kind.THREADCREATE).during(Instant.now(), Duration.ZERO);
        var bean = ManagementFactory.getThreadMXBean();
        for (var info : bean.getThreadInfo(bean.getAllThreadIds(), 0)) {
            if (info != null) {
                String name = info.getThreadName().replaceAll("[0-9]+", "N");
                profile.add(List.of(new Frame(name, "", 0)), Map.of(), 1);
            }
        }
        profile.comment(
                bean.getTotalStartedThreadCount() + " platform threads have been started so far");
        return profile;
    }
}
