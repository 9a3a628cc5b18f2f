package dev.jenny.inspect.internal.web;

import com.sun.management.OperatingSystemMXBean;
import dev.jenny.inspect.internal.Failures;
import dev.jenny.inspect.internal.Json;
import dev.jenny.inspect.internal.Threads;
import dev.jenny.inspect.internal.metrics.Drops;
import dev.jenny.inspect.internal.metrics.JvmMetrics;
import dev.jenny.inspect.internal.model.Frame;
import dev.jenny.inspect.internal.model.Model;
import dev.jenny.inspect.internal.pause.BeanPauses;
import dev.jenny.inspect.internal.pause.Pause;
import dev.jenny.inspect.internal.pause.Pauses;
import dev.jenny.internal.event.Counters;
import dev.jenny.internal.event.Events;
import dev.jenny.internal.event.TimeHistogram;
import dev.jenny.internal.sched.Probe;
import dev.jenny.internal.sched.Probe.PView;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Looks at the scheduler ten times a second while somebody watches, and twice a second otherwise,
 * and keeps what it saw of the last two minutes. A look reads fields and stops nobody; it is
 * encoded once, whoever wants it.
 *
 * <p>{@link #look} and all fields are guarded by this; other threads get finished samples.
 */
final class Sampler implements Runnable, AutoCloseable {
    private static final long TICK = 100_000_000;
    private static final long SLOW_TICK = 500_000_000;

    /** Between two ticks, so many short looks tell how busy each P is. */
    private static final int GLANCES = 5;

    /** After so long without anybody it goes back to two looks a second. */
    private static final long WATCHED = 10_000_000_000L;

    private static final int MANY_PS = 64;

    /** Of many steals in one tick, those that took the most are shown. */
    private static final int MAX_MARKS = 12;

    /** Of many pauses, which come a second's at once, the longest. */
    static final int MAX_PAUSES = 60;

    private final Samples samples = new Samples(125_000_000_000L, 12L << 20);
    private final Thread thread = Threads.daemon("jenny-inspect-sampler", this);
    private final OperatingSystemMXBean system =
            ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
    private final CpuLimit limit = new CpuLimit();
    private final BeanPauses collections = new BeanPauses();
    private final List<Pause> collected = new ArrayList<>(); // since the last sample
    private long lastPause = System.nanoTime(); // the begin of the last in a sample
    private final Feed feed;
    private volatile long watched = Long.MIN_VALUE / 2;
    private volatile long viewed = Long.MIN_VALUE / 2;

    private final Map<Integer, Track> tracks = new HashMap<>();
    private final Deque<long[]> latencies = new ArrayDeque<>();
    private final Map<Integer, long[]> stolen = new HashMap<>();
    private final SiteLoads loads = new SiteLoads();
    private int glances;
    private long lastCpu;
    private long lastCpuAt;
    private double cores = -1;
    private int procs = -1;
    private long nextLatency;
    private long lastSwitches = -1;
    private long lastSwitchesAt;
    private volatile double switchesPerSecond;
    private long lateLooks; // looks that were to be, but the machine had no time for them

    /** What is remembered of a P from look to look. */
    private static final class Track {
        long switches;
        int lastSwitches;
        long slices;
        int lastSlices;
        int busy;
        long current;
        long since;
        String status = "";
        @Nullable String site;
        @Nullable Object siteKey;
    }

    Sampler(Feed feed) {
        this.feed = feed;
    }

    /** Begins. */
    void start() {
        thread.start();
    }

    @Override
    public void close() {
        thread.interrupt();
        collections.close();
    }

    /** Somebody looks: for the next seconds there is a sample each tenth of a second. */
    void watch() {
        long now = Moments.now();
        boolean slept = now - watched > WATCHED;
        watched = now;
        if (slept) {
            LockSupport.unpark(thread);
        }
    }

    boolean isWatched() {
        return Moments.now() - watched <= WATCHED;
    }

    /** Whether the dashboard is open. */
    boolean isViewed() {
        return Moments.now() - viewed <= WATCHED;
    }

    /** How often the Ps went to another goroutine, lately. */
    double switchesPerSecond() {
        return switchesPerSecond;
    }

    /** What goroutines cost, by their go statements. */
    synchronized List<SiteLoads.Load> loads() {
        return loads.loads(Moments.now());
    }

    Samples samples() {
        return samples;
    }

    @Override
    public void run() {
        long last = 0;
        boolean told = false;
        while (!Thread.interrupted()) {
            long begin = System.nanoTime();
            boolean quick = isWatched();
            long tick = !quick ? SLOW_TICK : tracks.size() > MANY_PS ? 2 * TICK : TICK;
            if (last != 0) {
                late((begin - last) / tick - 1);
            }
            last = quick ? begin : 0;
            try {
                sample(quick);
            } catch (RuntimeException | Error e) { // a full heap, say
                late(1);
                if (!told) {
                    told = true;
                    Failures.tell("inspect: a sample is missing from the dashboard", e);
                }
            }
            long rest = tick - (System.nanoTime() - begin);
            if (rest > 0) {
                LockSupport.parkNanos(this, rest);
            }
        }
    }

    private void sample(boolean quick) {
        if (quick) {
            for (int i = 1; i < GLANCES; i++) {
                glance();
                LockSupport.parkNanos(TICK / GLANCES);
            }
        }
        feed.publish(look());
    }

    private synchronized void late(long ticks) {
        lateLooks += Math.max(0, ticks);
        Drops.addSamples(Math.max(0, ticks));
    }

    /** Takes a sample now. */
    synchronized Samples.Doc look() {
        glance();
        long t = Moments.now();
        List<PView> ps = Probe.ps();
        Samples.Doc doc = doc(t, ps, marks(ps, t, true));
        samples.add(doc);
        for (Track track : tracks.values()) {
            track.busy = 0;
        }
        glances = 0;
        return doc;
    }

    /** What is now, for one who asks: the next sample, which is for all, lacks nothing for it. */
    synchronized Samples.Doc now() {
        glance();
        long t = Moments.now();
        List<PView> ps = Probe.ps();
        return doc(t, ps, marks(ps, t, false));
    }

    /**
     * The samples of the last {@code nanos}, and what is now. That is without marks: they come with
     * the next sample, which follows this history at who listens to the stream as well.
     */
    synchronized List<Samples.Doc> history(long nanos) {
        glance();
        long t = Moments.now();
        List<Samples.Doc> docs = samples.since(t - nanos);
        docs.add(doc(t, Probe.ps(), List.of()));
        return docs;
    }

    private Samples.Doc doc(long t, List<PView> ps, List<Mark> marks) {
        if (feed.clients() > 0) {
            viewed = t;
        }
        byte[] json = Json.string(j -> write(j, t, ps, marks)).getBytes(StandardCharsets.UTF_8);
        return new Samples.Doc(t, json);
    }

    private synchronized void glance() {
        long now = Moments.now();
        loads.look(now);
        for (PView p : Probe.ps()) {
            Track track = tracks.computeIfAbsent(p.id(), id -> new Track());
            // The counters wrap at 2^32; the differences do not mind.
            int moved = p.switches() - track.lastSwitches;
            track.switches += Integer.toUnsignedLong(moved);
            track.lastSwitches = p.switches();
            track.slices += Integer.toUnsignedLong(p.slices() - track.lastSlices);
            track.lastSlices = p.slices();
            if (moved != 0 || p.current() != track.current) {
                track.since = now;
                track.current = p.current();
            }
            if (p.current() != 0) {
                track.busy++;
                Probe.Running g = p.status().equals("active") ? Probe.running(p.id()) : null;
                if (g != null && g.site() != null) {
                    loads.running(g.site());
                }
            }
        }
        glances++;
    }

    private void write(Json j, long t, List<PView> ps, List<Mark> marks) {
        Probe.SchedView s = Probe.scheduler();
        long running = 0;
        long queued = 0;
        long switches = 0;
        long slices = 0;
        for (PView p : ps) {
            running += p.current() != 0 ? 1 : 0;
            queued += p.queued() + (p.next() != 0 ? 1 : 0);
            Track track = tracks.computeIfAbsent(p.id(), id -> new Track());
            switches += track.switches;
            slices += track.slices;
        }
        countSwitches(switches, t);
        long live = Math.max(0, s.goroutines());
        long runnable = Math.min(live, queued + s.globalQueue());
        running = Math.min(running, live - runnable);
        Runtime vm = Runtime.getRuntime();
        long steals = 0;
        for (Counters c : Events.counters()) {
            steals += c.steals();
        }
        j.object()
                .field("t", t)
                .field("procs", s.gomaxprocs())
                .field("cpus", vm.availableProcessors())
                .field("idle", s.idlePs())
                .field("spin", s.spinningPs())
                .field("gq", s.globalQueue())
                .field("timers", s.timers())
                .field("nextTimer", Probe.untilNextTimer())
                .field("live", live)
                .field("running", running)
                .field("runnable", runnable)
                .field("waiting", live - running - runnable)
                .field("created", s.created())
                .field("sw", switches)
                .field("steals", steals)
                .field("handoffs", Math.max(0, switches - slices))
                .field("wakes", Counters.wakeups());
        writeLatency(j, t);
        j.field("cpu", cpu(t))
                .field("heap", vm.totalMemory() - vm.freeMemory())
                .field("heapMax", vm.maxMemory())
                .field("gcCount", JvmMetrics.gcCycles());
        limit.write(j, t);
        j.array("p");
        for (PView p : ps) {
            writeP(j, p, t);
        }
        j.end().array("marks");
        shown(marks).forEach(m -> m.write(j));
        j.end()
                .object("drops")
                .field("events", Recording.dropped())
                .field("samples", lateLooks)
                .field("clients", feed.missed())
                .end()
                .field("clients", feed.clients())
                .field("pace", Feed.paceMillis(feed.clients()))
                .field("rec", Recording.state())
                .end();
    }

    static List<Mark> shown(List<Mark> marks) {
        Stream<Mark> pauses =
                marks.stream()
                        .filter(Mark::isPause)
                        .sorted(Comparator.comparingLong(m -> -m.nanos))
                        .limit(MAX_PAUSES);
        Stream<Mark> others =
                marks.stream()
                        .filter(m -> !m.isPause())
                        .sorted(
                                Comparator.comparing((Mark m) -> m.type.equals("steal"))
                                        .thenComparingLong(m -> -m.n))
                        .limit(MAX_MARKS);
        return Stream.concat(pauses, others).toList();
    }

    private void countSwitches(long switches, long t) {
        if (lastSwitches < 0 || t - lastSwitchesAt >= 400_000_000) {
            if (lastSwitches >= 0) {
                switchesPerSecond = 1e9 * (switches - lastSwitches) / (t - lastSwitchesAt);
            }
            lastSwitches = switches;
            lastSwitchesAt = t;
        }
    }

    private void writeP(Json j, PView p, long t) {
        Track track = tracks.computeIfAbsent(p.id(), id -> new Track());
        Probe.Running g = Probe.running(p.id());
        String state = state(p, g);
        j.object().field("id", p.id()).field("st", state).field("m", "jenny-m" + p.id());
        if (!p.held().isEmpty()) {
            j.field("held", p.held());
        }
        if (g != null) {
            j.field("g", g.id());
            if (g.site() != null) {
                if (g.site() != track.siteKey) {
                    Frame frame = Model.siteOf(g.site());
                    track.site = frame == null ? null : frame.toString();
                    track.siteKey = g.site();
                }
                j.field("site", track.site);
            }
            if (g.id() == track.current) {
                j.field("ran", Math.max(0, t - track.since));
            }
        }
        double busy = glances == 0 ? 0 : Math.min(1.0, (double) track.busy / glances);
        j.field("q", p.queued())
                .field("next", p.next() != 0 ? 1 : 0)
                .field("sw", track.switches)
                .field("steals", steals(p.id()))
                .field("busy", state.equals("stalled") ? 1.0 : Math.round(busy * 100) / 100.0)
                .end();
    }

    private static String state(PView p, Probe.@Nullable Running g) {
        return switch (p.status()) {
            case "active" ->
                    g != null
                            ? "running"
                            : p.spinning() ? "spinning" : p.idle() ? "idle" : "running";
            default -> p.status();
        };
    }

    private static long steals(int p) {
        for (Counters c : Events.counters()) {
            if (c.p() == p) {
                return c.steals();
            }
        }
        return 0;
    }

    private void writeLatency(Json j, long t) {
        long[] now = new long[TimeHistogram.BUCKETS];
        for (Counters c : Events.counters()) {
            c.latency().addTo(now);
        }
        long[] before = latencies.isEmpty() ? new long[now.length] : latencies.getFirst();
        long[] delta = new long[now.length];
        long total = 0;
        for (int i = 0; i < now.length; i++) {
            delta[i] = now[i] - before[i];
            total += delta[i];
        }
        if (t >= nextLatency) {
            nextLatency = t + 250_000_000;
            latencies.addLast(now);
            if (latencies.size() > 5) {
                latencies.removeFirst();
            }
        }
        if (total > 0) {
            j.field("p50", TimeHistogram.quantile(delta, .5))
                    .field("p99", TimeHistogram.quantile(delta, .99));
        }
    }

    private double cpu(long t) {
        if (t - lastCpuAt >= 400_000_000 || cores < 0) {
            long used = system.getProcessCpuTime();
            if (lastCpuAt > 0 && used >= 0) {
                cores = Math.max(0, (double) (used - lastCpu) / (t - lastCpuAt));
            }
            lastCpu = used;
            lastCpuAt = t;
        }
        return cores < 0 ? 0 : Math.round(cores * 100) / 100.0;
    }

    /**
     * What has happened since the last sample.
     *
     * @param sampled whether it goes into a sample now, and is not to come again
     */
    private List<Mark> marks(List<PView> ps, long t, boolean sampled) {
        List<Mark> marks = new ArrayList<>();
        for (PView p : ps) {
            addStall(marks, p, t, sampled);
        }
        int now = Probe.scheduler().gomaxprocs();
        if (procs >= 0 && procs != now) {
            marks.add(new Mark(t, "procs", -1, -1, 0, now, 0, ""));
        }
        addSteals(marks, t, sampled);
        collected.addAll(collections.take());
        collected.forEach(p -> marks.add(Mark.of("gc", p)));
        List<Pause> others = Pauses.others(lastPause);
        others.forEach(p -> marks.add(Mark.of("pause", p)));
        if (sampled) {
            procs = now;
            collected.clear();
            if (!others.isEmpty()) {
                lastPause = others.getLast().begin();
            }
        }
        return marks;
    }

    private void addStall(List<Mark> marks, PView p, long t, boolean sampled) {
        Track track = tracks.computeIfAbsent(p.id(), id -> new Track());
        Probe.Running g = Probe.running(p.id());
        String state = state(p, g);
        if (state.equals("stalled") && !track.status.equals("stalled")) {
            marks.add(new Mark(t, "stall", p.id(), -1, g == null ? 0 : g.id(), 1, 0, ""));
        }
        if (sampled) {
            track.status = state;
        }
    }

    /** Steals between each two Ps. */
    private void addSteals(List<Mark> marks, long t, boolean sampled) {
        List<Counters> all = Events.counters();
        int n = all.size();
        for (Counters thief : all) {
            long[] seen = stolen.computeIfAbsent(thief.p(), p -> new long[0]);
            if (seen.length < n) {
                boolean fresh = seen.length == 0;
                seen = Arrays.copyOf(seen, n);
                stolen.put(thief.p(), seen);
                if (fresh) {
                    for (int v = 0; v < n; v++) {
                        seen[v] = thief.stolenFrom(v);
                    }
                }
            }
            for (int v = 0; v < seen.length; v++) {
                long now = thief.stolenFrom(v);
                if (now > seen[v]) {
                    marks.add(new Mark(t, "steal", thief.p(), v, 0, now - seen[v], 0, ""));
                }
                if (sampled) {
                    seen[v] = now;
                }
            }
        }
    }

    /** Something that happened between two samples. */
    record Mark(long t, String type, int p, int q, long g, long n, long nanos, String name) {
        static Mark of(String type, Pause p) {
            long t = Math.max(0, Moments.of(p.begin()));
            return new Mark(t, type, -1, -1, 0, 1, p.end() - p.begin(), p.name());
        }

        boolean isPause() {
            return type.equals("gc") || type.equals("pause");
        }

        void write(Json j) {
            j.object().field("t", t).field("type", type);
            if (p >= 0) {
                j.field("p", p);
            }
            if (q >= 0) {
                j.field("q", q);
            }
            if (g != 0) {
                j.field("g", g);
            }
            j.field("n", n);
            if (nanos > 0) {
                j.field("d", nanos);
            }
            if (!name.isEmpty()) {
                j.field("name", name);
            }
            j.end();
        }
    }
}
