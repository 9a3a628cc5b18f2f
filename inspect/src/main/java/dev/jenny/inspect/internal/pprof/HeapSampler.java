package dev.jenny.inspect.internal.pprof;

import dev.jenny.inspect.internal.Threads;
import dev.jenny.inspect.internal.metrics.JvmMetrics;
import dev.jenny.inspect.internal.model.Frame;
import dev.jenny.inspect.internal.pprof.Profile.ValueType;
import dev.jenny.internal.event.BoundedTable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordedThread;
import jdk.jfr.consumer.RecordingStream;
import org.jspecify.annotations.Nullable;

/**
 * What is allocated and what stays, sampled by the JDK's flight recorder from {@link #acquire} on.
 *
 * <p>Allocations: the recorder picks some and says for how many bytes each stands, its weight. For
 * how many objects, is weight / size. The size is in another event, without a stack, which the
 * thread writes next. Where that is missing, the mean of 1 / size over the class is used, which
 * corrects for big objects being picked more often. A weight counts what the thread has allocated
 * since its last sample, which may have been for an earlier recording, or never: so the samples of
 * a batch, light ones first, get no more together than has been allocated since the start.
 *
 * <p>Live objects: the recorder keeps a sample of the objects that were allocated, evenly over
 * allocated bytes, and knows which still live. Each of those stands for an equal share of the heap
 * that was in use after the last collection. That is an estimate; what was allocated before the
 * start is not among the samples.
 *
 * <p>How many places are kept, and how many with labels, is bounded by a {@link BoundedTable}. All
 * methods may be called by any thread.
 */
final class HeapSampler {
    private static final long RATE = 524288; // Go's MemProfileRate, for the text form
    private static final String RATE_LIMIT = "500/s";
    private static final long SETTLE_NANOS = TimeUnit.SECONDS.toNanos(4);

    private record Site(List<Frame> stack, String type, Map<String, String> labels) {}

    private static final class Sites implements BoundedTable.Keys<Site> {
        @Override
        public boolean isDetailed(Site site) {
            return !site.labels.isEmpty();
        }

        @Override
        public Site plain(Site site) {
            return new Site(site.stack, site.type, Map.of());
        }

        @Override
        public Site rest(Site site) {
            return new Site(List.of(), "others", Map.of());
        }
    }

    private static final class Sums {
        double objects;
        double bytes;
    }

    private static final class Sizes {
        long count;
        double inverses;
    }

    private static final class Picked {
        final Site site;
        final long weight;
        double inverseSize; // 0 if unknown

        Picked(Site site, long weight) {
            this.site = site;
            this.weight = weight;
        }
    }

    private final BoundedTable<Site, Sums> sites =
            new BoundedTable<>(BoundedTable.LIMIT, new Sites(), Sums::new); // guarded by this
    private final Map<String, Sizes> sizes = new HashMap<>(); // guarded by this
    private final List<Picked> batch = new ArrayList<>(); // guarded by this

    /** Of the batch, by thread, those whose size is to come; guarded by this. */
    private final Map<Long, Picked> unsized = new HashMap<>();

    private long unexplained; // bytes allocated for which no sample stands yet; guarded by this
    private Goroutines goroutines = new Goroutines(false); // guarded by this
    private Goroutines before = goroutines; // guarded by this
    private boolean looked; // since the last batch of events; guarded by this
    private @Nullable RecordingStream stream; // guarded by this
    private @Nullable Instant since; // guarded by this
    private int users; // guarded by this
    private boolean kept; // guarded by this
    private long flushes; // batches of events that have come; guarded by this

    /**
     * Has objects sampled until {@link #release}; true if they were not before.
     *
     * @param keep go on sampling for those who ask later
     */
    synchronized boolean acquire(boolean keep) {
        boolean starts = stream == null;
        if (starts) {
            start();
        }
        kept |= keep;
        users++;
        return starts;
    }

    private synchronized void start() {
        RecordingStream s = new RecordingStream();
        s.enable("jdk.ObjectAllocationSample").withStackTrace().with("throttle", RATE_LIMIT);
        s.enable("jdk.ObjectAllocationInNewTLAB").withoutStackTrace();
        s.enable("jdk.ObjectAllocationOutsideTLAB").withoutStackTrace();
        s.enable("jdk.OldObjectSample").withStackTrace().with("cutoff", "0 ns");
        s.setMaxSize(8 << 20);
        s.setMaxAge(Duration.ofSeconds(30));
        s.onEvent("jdk.ObjectAllocationSample", e -> of(s, () -> allocated(e)));
        s.onEvent(
                "jdk.ObjectAllocationInNewTLAB", e -> of(s, () -> sized(e, e.getLong("tlabSize"))));
        s.onEvent(
                "jdk.ObjectAllocationOutsideTLAB",
                e -> of(s, () -> sized(e, e.getLong("allocationSize"))));
        s.onFlush(() -> of(s, this::flushed));
        boolean started = false;
        try {
            Threads.run("jenny-inspect-jfr", s::startAsync);
            started = true;
        } finally {
            if (!started) {
                s.close();
            }
        }
        stream = s;
        since = Instant.now();
    }

    void release() {
        RecordingStream s = null;
        synchronized (this) {
            if (--users == 0 && !kept) {
                s = end();
            }
        }
        if (s != null) {
            s.close(); // waits for callbacks, which take the lock
        }
    }

    /** Stops sampling and forgets all samples. */
    void stop() {
        RecordingStream s;
        synchronized (this) {
            kept = false;
            s = end();
        }
        if (s != null) {
            s.close();
        }
    }

    private synchronized @Nullable RecordingStream end() {
        RecordingStream s = stream;
        stream = null;
        sites.clear();
        sizes.clear();
        batch.clear();
        unsized.clear();
        unexplained = 0;
        return s;
    }

    /** Waits until what has happened by now is counted: events come up to two seconds late. */
    synchronized void settle() throws InterruptedException {
        long end = System.nanoTime() + SETTLE_NANOS;
        long wanted = flushes + 2; // the next may have begun before now
        for (long left; flushes < wanted && (left = end - System.nanoTime()) > 0; ) {
            TimeUnit.NANOSECONDS.timedWait(this, left);
        }
    }

    /** Does what {@code s} brings, unless that has ended meanwhile. */
    private synchronized void of(RecordingStream s, Runnable action) {
        if (s == stream) {
            action.run();
        }
    }

    private synchronized void allocated(RecordedEvent e) {
        Site site =
                new Site(
                        JfrFrames.of(e.getStackTrace()),
                        e.getClass("objectClass").getName(),
                        labels(e.getThread()));
        Picked picked = new Picked(site, e.getLong("weight"));
        batch.add(picked);
        if (e.getThread() != null) {
            unsized.put(e.getThread().getJavaThreadId(), picked);
        }
    }

    /**
     * The goroutine's labels, as of the batch of events, which come a second late: one that has
     * ended meanwhile has those of the batch before, or none.
     */
    private Map<String, String> labels(@Nullable RecordedThread thread) {
        if (thread == null || !thread.isVirtual()) {
            return Map.of();
        }
        if (!looked) {
            looked = true;
            if (Goroutines.areFew()) {
                before = goroutines;
                goroutines = new Goroutines(false);
                goroutines.look();
            }
        }
        Map<String, String> labels = goroutines.labels(thread);
        return labels.isEmpty() ? before.labels(thread) : labels;
    }

    private synchronized void sized(RecordedEvent e, long allocated) {
        unexplained += allocated;
        String type = e.getClass("objectClass").getName();
        double inverse = 1.0 / Math.max(8, e.getLong("allocationSize"));
        if (sizes.size() < BoundedTable.LIMIT || sizes.containsKey(type)) {
            Sizes s = sizes.computeIfAbsent(type, k -> new Sizes());
            s.count++;
            s.inverses += inverse;
        }
        if (!unsized.isEmpty() && e.getThread() != null) {
            Picked picked = unsized.remove(e.getThread().getJavaThreadId());
            if (picked != null && picked.site.type.equals(type)) {
                picked.inverseSize = inverse;
            }
        }
    }

    /** At the end of a batch of events. */
    private synchronized void flushed() {
        looked = false;
        flushes++;
        notifyAll();
        batch.sort(Comparator.comparingLong(p -> p.weight));
        try {
            batch.forEach(this::count);
        } finally { // whatever there was no memory for
            batch.clear();
            unsized.clear();
        }
    }

    private synchronized void count(Picked p) {
        Sizes s = sizes.get(p.site.type);
        double inverse = p.inverseSize;
        if (inverse == 0 && s != null) {
            inverse = s.inverses / s.count;
        }
        long bytes = Math.clamp(unexplained, 0, p.weight);
        unexplained -= bytes;
        Sums sums = sites.get(p.site);
        sums.bytes += bytes;
        sums.objects += Math.max(1, bytes * inverse);
    }

    /**
     * The allocations so far.
     *
     * @param live whether to ask for live objects too
     */
    Profile take(String name, boolean live) throws IOException {
        Profile profile =
                new Profile(
                        name,
                        List.of(
                                ValueType.count("alloc_objects"),
                                ValueType.bytes("alloc_space"),
                                ValueType.count("inuse_objects"),
                                ValueType.bytes("inuse_space")),
                        ValueType.bytes("space"),
                        RATE);
        profile.showFirst(live ? "inuse_space" : "alloc_space");
        synchronized (this) {
            sites.forEach((site, sums) ->
                    profile.add(
                            site.stack,
                            withClass(site),
                            Math.round(sums.objects),
                            Math.round(sums.bytes),
                            0,
                            0));
            profile.comment("allocations sampled since " + since);
        }
        if (live) {
            addLive(profile);
        }
        return profile;
    }

    private static Map<String, String> withClass(Site site) {
        Map<String, String> labels = new HashMap<>(site.labels);
        labels.put("class", className(site.type));
        return labels;
    }

    /** {@code byte[]} for the JVM's {@code [B}. */
    static String className(String name) {
        int dimensions = 0;
        while (dimensions < name.length() && name.charAt(dimensions) == '[') {
            dimensions++;
        }
        if (dimensions == 0) {
            return name;
        }
        String element = name.substring(dimensions);
        String readable =
                switch (element.isEmpty() ? ' ' : element.charAt(0)) {
                    case 'B' -> "byte";
                    case 'C' -> "char";
                    case 'D' -> "double";
                    case 'F' -> "float";
                    case 'I' -> "int";
                    case 'J' -> "long";
                    case 'S' -> "short";
                    case 'Z' -> "boolean";
                    case 'L' -> element.substring(1, element.length() - 1);
                    default -> element;
                };
        return readable + "[]".repeat(dimensions);
    }

    private record Live(List<Frame> stack, String type, double size) {}

    private void addLive(Profile profile) throws IOException {
        List<Live> objects = new ArrayList<>();
        Path file = Files.createTempFile("jenny-", ".jfr");
        // The recorder tells which of its objects live when a recording ends; the sample itself
        // goes on in the stream's recording.
        try (Recording recording = new Recording()) {
            recording.setName("jenny heap profile");
            recording.enable("jdk.OldObjectSample").withStackTrace().with("cutoff", "0 ns");
            Threads.run("jenny-inspect-jfr", recording::start);
            recording.stop();
            recording.dump(file);
            JfrRecording.read(
                    file,
                    e -> {
                        if (e.getEventType().getName().equals("jdk.OldObjectSample")) {
                            objects.add(
                                    new Live(
                                            JfrFrames.of(e.getStackTrace()),
                                            type(e),
                                            Math.max(16.0, (double) e.getLong("objectSize"))));
                        }
                    });
        } finally {
            Files.deleteIfExists(file);
        }
        if (objects.isEmpty()) {
            profile.comment("no sampled object is known to be live yet");
            return;
        }
        double share = (double) JvmMetrics.heapLive() / objects.size();
        for (Live object : objects) {
            profile.add(
                    object.stack,
                    Map.of("class", className(object.type)),
                    0,
                    0,
                    Math.max(1, Math.round(share / object.size)),
                    Math.round(Math.max(share, object.size)));
        }
        profile.comment("live objects estimated from " + objects.size() + " samples");
    }

    private static String type(RecordedEvent e) {
        jdk.jfr.consumer.RecordedObject object = e.getValue("object");
        jdk.jfr.consumer.RecordedClass type = object == null ? null : object.getClass("type");
        return type == null ? "unknown" : type.getName();
    }
}
