package dev.jenny.inspect.internal.pprof;

import dev.jenny.inspect.internal.Threads;
import dev.jenny.inspect.internal.jfr.JfrClock;
import dev.jenny.inspect.internal.metrics.JvmMetrics;
import dev.jenny.inspect.internal.model.Frame;
import dev.jenny.inspect.internal.pprof.LiveLabels.Allocation;
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
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import jdk.jfr.Category;
import jdk.jfr.Enabled;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
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
 * allocated bytes, and knows which still live. What each of those stands for in the heap that was
 * in use after the last collection, {@link LiveHeap} estimates; the rest is an entry of its own,
 * {@link #BEFORE}.
 *
 * <p>Labels are those of the time of the sample: of the allocation, for live objects, too.
 *
 * <p>How many places are kept, and how many with labels, is bounded by a {@link BoundedTable}. All
 * methods may be called by any thread.
 */
final class HeapSampler {
    private static final long RATE = 524288; // Go's MemProfileRate, for the text form
    private static final String RATE_LIMIT = "500/s";
    private static final long SETTLE_NANOS = TimeUnit.SECONDS.toNanos(4);

    /** Stands in for the stacks of what was allocated before {@link #acquire}. */
    static final String BEFORE = "(allocated before heap sampling began)";

    private static final Duration CLOCK_PERIOD = Duration.ofSeconds(1);

    /** So many changes of labels are remembered until the samples of their time come. */
    private static final int MAX_CHANGES = 1 << 18;

    /** How much later than those of a batch events of the next may not be: they are in order. */
    private static final Duration LATE = Duration.ofSeconds(1);

    /** Enabled as soon as the stream records; never written. */
    @Name("jenny.HeapSampling")
    @Label("Heap Sampling")
    @Category("Jenny")
    @Enabled(false)
    private static final class Sampling extends Event {}

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
        final List<Frame> stack;
        final String type;
        final Instant time;
        final long goroutine; // the number of its thread; 0 if it is none
        final long weight;
        double inverseSize; // 0 if unknown

        Picked(RecordedEvent e) {
            stack = JfrFrames.of(e.getStackTrace());
            type = e.getClass("objectClass").getName();
            time = e.getStartTime();
            goroutine = HeapSampler.goroutine(e);
            weight = e.getLong("weight");
        }
    }

    private final BoundedTable<Site, Sums> sites =
            new BoundedTable<>(BoundedTable.LIMIT, new Sites(), Sums::new); // guarded by this
    private final Map<String, Sizes> sizes = new HashMap<>(); // guarded by this
    private final List<Picked> batch = new ArrayList<>(); // guarded by this

    /** Of the batch, by thread, those whose size is to come; guarded by this. */
    private final Map<Long, Picked> unsized = new HashMap<>();

    private long unexplained; // bytes allocated for which no sample stands yet; guarded by this
    private JfrClock clock = new JfrClock(); // guarded by this
    private LiveHeap heap = new LiveHeap(0); // guarded by this
    private @Nullable LabelHistory labels; // while there is a stream; guarded by this
    private LiveLabels liveLabels = new LiveLabels(0, 0); // guarded by this
    private Instant last = Instant.MIN; // of the times of events; guarded by this
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
        s.enable("jdk.GarbageCollection");
        s.enable(JfrClock.Mark.class).withPeriod(CLOCK_PERIOD);
        s.enable(Sampling.class);
        s.setMaxSize(8 << 20);
        s.setMaxAge(Duration.ofSeconds(30));
        s.onEvent("jdk.ObjectAllocationSample", e -> of(s, () -> allocated(e)));
        s.onEvent(
                "jdk.ObjectAllocationInNewTLAB", e -> of(s, () -> sized(e, e.getLong("tlabSize"))));
        s.onEvent(
                "jdk.ObjectAllocationOutsideTLAB",
                e -> of(s, () -> sized(e, e.getLong("allocationSize"))));
        s.onEvent("jdk.GarbageCollection", e -> of(s, () -> collected(e)));
        s.onEvent(JfrClock.Mark.NAME, e -> of(s, () -> marked(e)));
        s.onFlush(() -> of(s, this::flushed));
        clock = new JfrClock();
        heap = new LiveHeap(JvmMetrics.heapUsed());
        last = Instant.MIN;
        LabelHistory history = new LabelHistory(MAX_CHANGES);
        liveLabels = new LiveLabels(LiveLabels.MOST_CHANGES, System.nanoTime());
        boolean started = false;
        try {
            begin(s);
            started = true;
        } finally {
            if (!started) {
                history.close();
                s.close();
            }
        }
        JfrClock.mark();
        labels = history;
        stream = s;
        since = Instant.now();
    }

    /** Not {@code startAsync}: the thread that this makes would keep the program from its end. */
    private static void begin(RecordingStream s) {
        AtomicReference<@Nullable RuntimeException> failure = new AtomicReference<>();
        Thread thread =
                Threads.daemon(
                        "jenny-inspect-heap",
                        () -> {
                            try {
                                s.start(); // until it is closed
                            } catch (RuntimeException e) {
                                failure.set(e);
                            }
                        });
        thread.start();
        while (thread.isAlive() && !new Sampling().isEnabled()) {
            LockSupport.parkNanos(1_000_000);
        }
        RuntimeException e = failure.get();
        if (e != null) {
            throw e;
        }
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
        if (labels != null) {
            labels.close();
            labels = null;
        }
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
        Picked picked = new Picked(e);
        batch.add(picked);
        if (e.getThread() != null) {
            unsized.put(e.getThread().getJavaThreadId(), picked);
        }
    }

    private synchronized void collected(RecordedEvent e) {
        heap.collected(e.getEndTime(), JvmMetrics.heapLive());
    }

    private synchronized void marked(RecordedEvent e) {
        clock.accept(e);
        last = e.getStartTime();
    }

    private synchronized void sized(RecordedEvent e, long allocated) {
        unexplained += allocated;
        heap.allocated(allocated);
        String type = e.getClass("objectClass").getName();
        double inverse = 1.0 / Math.max(8, e.getLong("allocationSize"));
        if (sizes.size() < BoundedTable.LIMIT || sizes.containsKey(type)) {
            Sizes s = sizes.computeIfAbsent(type, k -> new Sizes());
            s.count++;
            s.inverses += inverse;
        }
        if (!unsized.isEmpty() && e.getThread() != null) {
            Picked picked = unsized.remove(e.getThread().getJavaThreadId());
            if (picked != null && picked.type.equals(type)) {
                picked.inverseSize = inverse;
            }
        }
    }

    /** At the end of a batch of events. */
    private synchronized void flushed() {
        flushes++;
        notifyAll();
        LabelHistory history = labels;
        if (history != null) {
            history.fetch();
        }
        batch.sort(Comparator.comparingLong(p -> p.weight));
        try {
            batch.forEach(this::count);
        } finally { // whatever there was no memory for
            batch.clear();
            unsized.clear();
        }
        if (history != null && clock.isSet()) {
            long old = clock.nanoTime(last.minus(LATE));
            liveLabels.trim(history, old, System.nanoTime(), this::allocations);
            clock.forget(liveLabels.begin());
        }
    }

    private synchronized List<Allocation> allocations() {
        List<Live> objects = new ArrayList<>();
        // The recorder tells nothing in a thread that reads its stream.
        Threads.run(
                "jenny-inspect-live",
                () -> {
                    try {
                        objects.addAll(live());
                    } catch (IOException e) {
                        objects.clear(); // no room for a file: then what lives has no labels
                    }
                });
        return objects.stream().map(this::allocation).toList();
    }

    private synchronized Allocation allocation(Live object) {
        return new Allocation(object.goroutine, object.ticks, clock.nanoTime(object.allocated));
    }

    private synchronized Map<String, String> labels(Live object) {
        return labels == null || !clock.isSet()
                ? Map.of()
                : liveLabels.of(allocation(object), labels);
    }

    private Map<String, String> labels(Picked p) {
        return labels == null || p.goroutine == 0 || !clock.isSet()
                ? Map.of()
                : labels.at(p.goroutine, clock.nanoTime(p.time));
    }

    private synchronized void count(Picked p) {
        Sizes s = sizes.get(p.type);
        double inverse = p.inverseSize;
        if (inverse == 0 && s != null) {
            inverse = s.inverses / s.count;
        }
        long bytes = Math.clamp(unexplained, 0, p.weight);
        unexplained -= bytes;
        Sums sums = sites.get(new Site(p.stack, p.type, labels(p)));
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
                            withClass(site.labels, site.type),
                            Math.round(sums.objects),
                            Math.round(sums.bytes),
                            0,
                            0));
            profile.comment("allocations sampled since " + since);
            if (labels != null && labels.unknown() > 0) {
                profile.comment(Goroutines.unknown(labels.unknown()));
            }
        }
        if (live) {
            addLive(profile);
        }
        return profile;
    }

    private static Map<String, String> withClass(Map<String, String> labels, String type) {
        Map<String, String> all = new HashMap<>(labels);
        all.put("class", className(type));
        return all;
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

    private record Live(
            List<Frame> stack,
            String type,
            double size,
            Instant allocated,
            long ticks,
            long goroutine) {
        Live(RecordedEvent e) {
            this(
                    JfrFrames.of(e.getStackTrace()),
                    HeapSampler.type(e),
                    Math.max(16.0, (double) e.getLong("objectSize")),
                    e.getInstant("allocationTime"),
                    e.getLong("allocationTime"),
                    HeapSampler.goroutine(e));
        }
    }

    private void addLive(Profile profile) throws IOException {
        List<Live> objects = live();
        objects.sort(Comparator.comparing(Live::allocated));
        long live = JvmMetrics.heapLive();
        double[] shares;
        double sampled = 0;
        long before;
        boolean collected;
        synchronized (this) {
            shares = heap.shares(objects.stream().map(Live::allocated).toList());
            for (int i = 0; i < shares.length; i++) {
                shares[i] = shares[i] == 0 ? 0 : Math.max(shares[i], objects.get(i).size);
                sampled += shares[i];
            }
            before = heap.before(live, sampled);
            collected = heap.hasCollected();
            if (labels != null) {
                labels.fetch();
            }
        }
        int samples = 0;
        for (int i = 0; i < shares.length; i++) {
            if (shares[i] > 0) {
                samples++;
                Live object = objects.get(i);
                add(profile, object, labels(object), shares[i] * (live - before) / sampled);
            }
        }
        if (before > 0) {
            profile.add(List.of(new Frame(BEFORE, "", 0)), Map.of(), 0, 0, 0, before);
        }
        profile.comment(
                !collected
                        ? "nothing has been collected since sampling began: what lives is as of the"
                                + " last collection (gc=1 collects)"
                        : samples == 0
                                ? "no sampled object has survived a collection yet"
                                : "live objects estimated from " + samples + " samples");
    }

    private static void add(
            Profile profile, Live object, Map<String, String> labels, double bytes) {
        profile.add(
                object.stack,
                withClass(labels, object.type),
                0,
                0,
                Math.max(1, Math.round(bytes / object.size)),
                Math.round(bytes));
    }

    /** The sampled objects that live. */
    private static List<Live> live() throws IOException {
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
                            objects.add(new Live(e));
                        }
                    });
        } finally {
            Files.deleteIfExists(file);
        }
        return objects;
    }

    /** The number of the event's thread, if it may be a goroutine; else 0. */
    private static long goroutine(RecordedEvent e) {
        RecordedThread thread = e.getThread();
        return thread != null && thread.isVirtual() ? thread.getJavaThreadId() : 0;
    }

    private static String type(RecordedEvent e) {
        jdk.jfr.consumer.RecordedObject object = e.getValue("object");
        jdk.jfr.consumer.RecordedClass type = object == null ? null : object.getClass("type");
        return type == null ? "unknown" : type.getName();
    }
}
