package dev.jenny.inspect.internal.pprof;

import dev.jenny.inspect.internal.Threads;
import dev.jenny.inspect.internal.model.Frame;
import dev.jenny.inspect.internal.pprof.Profile.ValueType;
import dev.jenny.internal.event.BoundedTable;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.lang.management.MemoryUsage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordedThread;
import jdk.jfr.consumer.RecordingStream;
import org.jspecify.annotations.Nullable;

/**
 * What is allocated and what stays, sampled by the JDK's flight recorder from {@link #acquire} on.
 *
 * <p>Allocations: the recorder picks some and says for how many bytes each stands. For how many
 * objects, is weight / size; sizes come from events without stacks, by class, as the mean of 1 /
 * size, which corrects for big objects being picked more often.
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

    private final BoundedTable<Site, Sums> sites =
            new BoundedTable<>(BoundedTable.LIMIT, new Sites(), Sums::new); // guarded by this
    private final Map<String, Sizes> sizes = new HashMap<>(); // guarded by this
    private Goroutines goroutines = new Goroutines(false); // guarded by this
    private Goroutines before = goroutines; // guarded by this
    private boolean looked; // since the last batch of events; guarded by this
    private @Nullable RecordingStream stream; // guarded by this
    private @Nullable Instant since; // guarded by this
    private int users; // guarded by this
    private boolean kept; // guarded by this

    /**
     * Has objects sampled until {@link #release}; true if they were not before.
     *
     * @param keep go on sampling for those who ask later
     */
    synchronized boolean acquire(boolean keep) {
        kept |= keep;
        users++;
        if (stream != null) {
            return false;
        }
        RecordingStream s = new RecordingStream();
        s.enable("jdk.ObjectAllocationSample").withStackTrace().with("throttle", RATE_LIMIT);
        s.enable("jdk.ObjectAllocationInNewTLAB").withoutStackTrace();
        s.enable("jdk.ObjectAllocationOutsideTLAB").withoutStackTrace();
        s.enable("jdk.OldObjectSample").withStackTrace().with("cutoff", "0 ns");
        s.setMaxSize(8 << 20);
        s.setMaxAge(Duration.ofSeconds(30));
        s.onEvent("jdk.ObjectAllocationSample", this::allocated);
        s.onEvent("jdk.ObjectAllocationInNewTLAB", this::sized);
        s.onEvent("jdk.ObjectAllocationOutsideTLAB", this::sized);
        s.onFlush(this::flushed);
        Threads.run("jenny-inspect-jfr", s::startAsync);
        stream = s;
        since = Instant.now();
        return true;
    }

    void release() {
        synchronized (this) {
            if (--users > 0 || kept) {
                return;
            }
        }
        stop();
    }

    /** Stops sampling and forgets all samples. */
    void stop() {
        RecordingStream s;
        synchronized (this) {
            s = stream;
            stream = null;
            kept = false;
            sites.clear();
            sizes.clear();
        }
        if (s != null) {
            s.close(); // waits for callbacks, which take the lock
        }
    }

    private synchronized void allocated(RecordedEvent e) {
        Site site =
                new Site(
                        JfrFrames.of(e.getStackTrace()),
                        e.getClass("objectClass").getName(),
                        labels(e.getThread()));
        Sums sums = sites.get(site);
        double bytes = e.getLong("weight");
        Sizes s = sizes.get(site.type);
        sums.bytes += bytes;
        sums.objects += s == null ? 1 : Math.max(1, bytes * s.inverses / s.count);
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

    private synchronized void flushed() {
        looked = false;
    }

    private synchronized void sized(RecordedEvent e) {
        if (sizes.size() < BoundedTable.LIMIT) {
            Sizes s = sizes.computeIfAbsent(e.getClass("objectClass").getName(), k -> new Sizes());
            s.count++;
            s.inverses += 1.0 / Math.max(16, e.getLong("allocationSize"));
        }
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
        double share = (double) liveBytes() / objects.size();
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

    /** Bytes in use after the last collection, or at all before the first. */
    static long liveBytes() {
        long afterGc = 0;
        for (MemoryPoolMXBean pool : ManagementFactory.getMemoryPoolMXBeans()) {
            MemoryUsage usage = pool.getCollectionUsage();
            if (pool.getType() == MemoryType.HEAP && usage != null) {
                afterGc += usage.getUsed();
            }
        }
        return afterGc > 0
                ? afterGc
                : ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }
}
