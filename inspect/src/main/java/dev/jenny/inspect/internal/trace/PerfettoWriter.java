package dev.jenny.inspect.internal.trace;

import dev.jenny.inspect.internal.pause.Pause;
import dev.jenny.internal.event.Stacks;
import dev.jenny.internal.sched.WaitReason;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Writes Perfetto's trace format, as <a href="https://ui.perfetto.dev">ui.perfetto.dev</a> and
 * {@code trace_processor} read it: {@code TracePacket}s with {@code TrackEvent}s.
 *
 * <p>A track for each P, with a slice for each stretch of running; arrows lead from where a
 * goroutine was readied to where it runs, and from P to P where goroutines were stolen. The first
 * {@value #GOROUTINE_TRACKS} goroutines that wait have tracks of their own, with their waits and
 * regions. More would make the page unusable. A task has a track for as long as it lasts; they all
 * have one name, under which the page shows them together. GOMAXPROCS and the number of runnable
 * goroutines are counters; so are the lengths of channels, and how many values have passed through
 * them, if operations on channels are recorded.
 */
public final class PerfettoWriter implements Sink {
    /** So many goroutines have tracks of their own. */
    static final int GOROUTINE_TRACKS = 2000;

    /** Of tasks that last at the same time, so many have tracks. */
    static final int TASK_TRACKS = 2000;

    /** So many channels have counters. */
    static final int CHANNEL_TRACKS = 1000;

    // field numbers of perfetto_trace.proto
    static final int TRACE_PACKET = 1;
    static final int PACKET_TIMESTAMP = 8;
    static final int PACKET_SEQUENCE = 10;
    static final int PACKET_EVENT = 11;
    static final int PACKET_DESCRIPTOR = 60;
    static final int DESCRIPTOR_UUID = 1;
    static final int DESCRIPTOR_NAME = 2;
    static final int DESCRIPTOR_PROCESS = 3;
    static final int DESCRIPTOR_PARENT = 5;
    static final int DESCRIPTOR_COUNTER = 8;
    static final int PROCESS_PID = 1;
    static final int PROCESS_NAME = 6;
    static final int EVENT_ANNOTATION = 4;
    static final int EVENT_TYPE = 9;
    static final int EVENT_TRACK = 11;
    static final int EVENT_NAME = 23;
    static final int EVENT_CATEGORY = 22;
    static final int EVENT_COUNTER = 30;
    static final int EVENT_FLOW = 47;
    static final int EVENT_FLOW_END = 48;
    static final int ANNOTATION_STRING = 6;
    static final int ANNOTATION_NAME = 10;
    static final int ANNOTATION_ENTRY = 11;

    static final int SLICE_BEGIN = 1;
    static final int SLICE_END = 2;
    static final int INSTANT = 3;
    static final int COUNTER = 4;

    private static final int VARINT = 0;
    private static final int FIXED64 = 1;
    private static final int LENGTH = 2;

    private static final long PROCESS = 1;
    private static final long OUTSIDE_TRACK = 2;
    private static final long JVM_TRACK = 3;
    private static final long PROCS_TRACK = 4;
    private static final long RUNNABLE_TRACK = 5;
    private static final String RUNNABLE = "runnable goroutines";
    private static final long FIRST_P = 1000;
    private static final long FIRST_TASK = 1_000_000;
    private static final long FIRST_CHANNEL = 2_000_000; // two tracks for each
    private static final long FIRST_G = 10_000_000;

    private final OutputStream out;
    private final Bytes packet = new Bytes();
    private final Bytes message = new Bytes();
    private final Bytes inner = new Bytes();
    private final Set<Long> tracks = new HashSet<>();
    private final Map<Long, Long> flows = new HashMap<>(); // goroutine, the flow to its next start
    private final Map<Long, String> names = new HashMap<>();
    private final Map<Long, Map<String, String>> labels = new HashMap<>();
    private final Set<Long> waiting = new HashSet<>();
    private final Map<Integer, Long> running = new HashMap<>();
    private final Set<Long> runnable = new HashSet<>();
    private final Map<Long, Long> tasks = new HashMap<>(); // those that last, and their tracks
    private final BitSet taskTracks = new BitSet(); // those that are in use
    private final Map<Long, Long> last = new HashMap<>(); // a counter's or task's track, its time
    private final Map<Long, Channel> channels = new HashMap<>();
    private int goroutineTracks;
    private long nextFlow;

    /** What is known of a channel that has counters. */
    private static final class Channel {
        final long track;
        long passed;

        Channel(long track) {
            this.track = track;
        }
    }

    /** Writes to {@code out}, which should be buffered, and closes it in the end. */
    public PerfettoWriter(OutputStream out) throws IOException {
        this.out = out;
        inner.clear();
        field(inner, PROCESS_PID, ProcessHandle.current().pid());
        field(inner, PROCESS_NAME, "jenny");
        message.clear();
        field(message, DESCRIPTOR_UUID, PROCESS);
        field(message, DESCRIPTOR_PROCESS, inner);
        packet.clear();
        field(packet, PACKET_DESCRIPTOR, message);
        endPacket();
    }

    // ---- protobuf ----

    private static void tag(Bytes b, int field, int wire) {
        b.varint(((long) field << 3) | wire);
    }

    private static void field(Bytes b, int field, long v) {
        tag(b, field, VARINT);
        b.varint(v);
    }

    private static void field(Bytes b, int field, String v) {
        byte[] utf8 = v.getBytes(StandardCharsets.UTF_8);
        tag(b, field, LENGTH);
        b.varint(utf8.length).put(utf8);
    }

    private static void field(Bytes b, int field, Bytes v) {
        tag(b, field, LENGTH);
        b.varint(v.size()).put(v);
    }

    private static void fixed64(Bytes b, int field, long v) {
        tag(b, field, FIXED64);
        for (int i = 0; i < Long.SIZE; i += Byte.SIZE) {
            b.put((int) (v >>> i));
        }
    }

    private void endPacket() throws IOException {
        field(packet, PACKET_SEQUENCE, 1);
        Bytes head = new Bytes();
        tag(head, TRACE_PACKET, LENGTH);
        head.varint(packet.size());
        head.writeTo(out);
        packet.writeTo(out);
    }

    private void begin(int type, long track, String name, String category) {
        message.clear();
        field(message, EVENT_TYPE, type);
        field(message, EVENT_TRACK, track);
        if (!name.isEmpty()) {
            field(message, EVENT_NAME, name);
        }
        if (!category.isEmpty()) {
            field(message, EVENT_CATEGORY, category);
        }
    }

    private void annotate(String name, String value) {
        inner.clear();
        field(inner, ANNOTATION_NAME, name);
        field(inner, ANNOTATION_STRING, value);
        field(message, EVENT_ANNOTATION, inner);
    }

    /** Labels are entries of one annotation: a dot in a name would not survive. */
    private void annotateLabels(long g) {
        Map<String, String> of = labels.isEmpty() ? null : labels.get(g);
        if (of == null) {
            return;
        }
        Bytes all = new Bytes();
        field(all, ANNOTATION_NAME, "labels");
        of.forEach((name, value) -> {
            inner.clear();
            field(inner, ANNOTATION_NAME, name);
            field(inner, ANNOTATION_STRING, value);
            field(all, ANNOTATION_ENTRY, inner);
        });
        field(message, EVENT_ANNOTATION, all);
    }

    private void end(long time) throws IOException {
        packet.clear();
        field(packet, PACKET_TIMESTAMP, time);
        field(packet, PACKET_EVENT, message);
        endPacket();
    }

    private long track(long uuid, String name) throws IOException {
        return track(uuid, name, false);
    }

    private long track(long uuid, String name, boolean counter) throws IOException {
        if (tracks.add(uuid)) {
            message.clear();
            field(message, DESCRIPTOR_UUID, uuid);
            field(message, DESCRIPTOR_NAME, name);
            field(message, DESCRIPTOR_PARENT, PROCESS);
            if (counter) {
                inner.clear();
                field(message, DESCRIPTOR_COUNTER, inner);
            }
            packet.clear();
            field(packet, PACKET_DESCRIPTOR, message);
            endPacket();
        }
        return uuid;
    }

    /** {@code time}, or the last that was asked for on that track, which several Ps write to. */
    private long inOrder(long track, long time) {
        return last.merge(track, time, Math::max);
    }

    private void count(long uuid, String name, long time, long value) throws IOException {
        begin(COUNTER, track(uuid, name, true), "", "");
        field(message, EVENT_COUNTER, value);
        end(inOrder(uuid, time));
    }

    private void runnable(long time, long g, boolean is) throws IOException {
        if (is ? runnable.add(g) : runnable.remove(g)) {
            count(RUNNABLE_TRACK, RUNNABLE, time, runnable.size());
        }
    }

    private long procTrack(int p) throws IOException {
        return p == OUTSIDE ? track(OUTSIDE_TRACK, "no P") : track(FIRST_P + p, "P" + p);
    }

    private String name(long g) {
        String site = names.get(g);
        return site == null ? "G" + g : "G" + g + " " + site;
    }

    /** The goroutine's own track; 0 if it has none. */
    private long goroutineTrack(long g) throws IOException {
        if (!tracks.contains(FIRST_G + g)) {
            if (goroutineTracks >= GOROUTINE_TRACKS) {
                return 0;
            }
            goroutineTracks++;
        }
        return track(FIRST_G + g, name(g));
    }

    // ---- Sink ----

    @Override
    public void proc(int p, long time, boolean busy) throws IOException {
        begin(INSTANT, procTrack(p), busy ? "busy" : "idle", "proc");
        end(time);
    }

    @Override
    public void appear(int p, long time, long g, State state) throws IOException {
        switch (state) {
            case RUNNING -> start(p, time, g);
            case RUNNABLE -> runnable(time, g, true);
            case WAITING -> {}
        }
    }

    @Override
    public void create(int p, long time, long g, int stack) throws IOException {
        List<StackTraceElement> site = Stacks.frames(stack);
        if (!site.isEmpty()) {
            StackTraceElement f = site.getFirst();
            String type = f.getClassName();
            type = type.substring(type.lastIndexOf('.') + 1);
            names.put(g, type + "." + f.getMethodName() + ":" + f.getLineNumber());
        }
        flow(p, time, g, "go " + name(g));
        runnable(time, g, true);
    }

    /** An arrow from here to where {@code g} next runs. */
    private void flow(int p, long time, long g, String what) throws IOException {
        long id = ++nextFlow;
        flows.put(g, id);
        begin(INSTANT, procTrack(p), what, "ready");
        fixed64(message, EVENT_FLOW, id);
        end(time);
    }

    @Override
    public void start(int p, long time, long g) throws IOException {
        running.put(p, g);
        begin(SLICE_BEGIN, procTrack(p), name(g), "run");
        Long flow = flows.remove(g);
        if (flow != null) {
            fixed64(message, EVENT_FLOW_END, flow);
        }
        annotateLabels(g);
        end(time);
        runnable(time, g, false);
    }

    @Override
    public void labels(int p, long time, long g, Map<String, String> now) throws IOException {
        if (now.isEmpty()) {
            labels.remove(g);
        } else {
            labels.put(g, now);
        }
        Long runs = running.get(p);
        if (runs != null && runs == g) { // its slice has begun with others
            begin(INSTANT, procTrack(p), now.isEmpty() ? "no labels" : "labels", "labels");
            annotateLabels(g);
            end(time);
        }
    }

    @Override
    public void stop(int p, long time, long g, Stop how, int reason, int stack) throws IOException {
        running.remove(p);
        String why =
                switch (how) {
                    case BLOCK -> reason < 0 ? "LockSupport.park" : WaitReason.of(reason).text();
                    case YIELD -> "yield";
                    case PREEMPT -> "preempted";
                    case END -> "end";
                    case LOST -> "events lost";
                };
        begin(SLICE_END, procTrack(p), "", "");
        annotate("stopped by", why);
        end(time);
        if (how == Stop.END) {
            names.remove(g);
            labels.remove(g);
        } else if (how == Stop.BLOCK) {
            long track = goroutineTrack(g);
            if (track != 0) {
                waiting.add(g);
                begin(SLICE_BEGIN, track, why, "wait");
                List<StackTraceElement> at = Stacks.frames(stack);
                if (!at.isEmpty()) {
                    annotate("at", at.getFirst().toString());
                }
                annotateLabels(g);
                end(time);
            }
        } else {
            runnable(time, g, true);
        }
    }

    @Override
    public void ready(int p, long time, long g) throws IOException {
        if (waiting.remove(g)) {
            begin(SLICE_END, goroutineTrack(g), "", "");
            end(time);
        }
        flow(p, time, g, "ready " + name(g));
        runnable(time, g, true);
    }

    @Override
    public void steal(int p, long time, int victim, int n) throws IOException {
        long id = ++nextFlow;
        begin(INSTANT, procTrack(victim), n + " stolen by P" + p, "steal");
        fixed64(message, EVENT_FLOW, id);
        end(time);
        begin(INSTANT, procTrack(p), "steal " + n + " from P" + victim, "steal");
        fixed64(message, EVENT_FLOW_END, id);
        end(time);
    }

    @Override
    public void burns(int p, long time) throws IOException {
        begin(INSTANT, procTrack(p), "stall: burns CPU", "stall");
        end(time);
    }

    @Override
    public void blocked(int p, long since, long time, int stack) throws IOException {
        begin(SLICE_BEGIN, procTrack(p), "blocks its thread", "syscall");
        List<StackTraceElement> at = Stacks.frames(stack);
        if (!at.isEmpty()) {
            annotate("at", at.getFirst().toString());
        }
        end(since);
        begin(INSTANT, procTrack(p), "stall: blocks its thread", "stall");
        end(time);
    }

    @Override
    public void blockedEnd(int p, long time) throws IOException {
        begin(SLICE_END, procTrack(p), "", "");
        end(time);
    }

    @Override
    public void procs(int p, long time, int n) throws IOException {
        count(PROCS_TRACK, "GOMAXPROCS", time, n);
    }

    private long userTrack(int p) throws IOException {
        Long g = running.get(p);
        long own = g == null ? 0 : goroutineTrack(g);
        return own == 0 ? procTrack(p) : own;
    }

    @Override
    public void taskBegin(int p, long time, long task, long parent, String name)
            throws IOException {
        int free = taskTracks.nextClearBit(0);
        if (free >= TASK_TRACKS || tasks.containsKey(task)) {
            begin(INSTANT, userTrack(p), "task " + task + " " + name + " begins", "task");
            end(time);
            return;
        }
        taskTracks.set(free);
        long track = track(FIRST_TASK + free, "tasks");
        tasks.put(task, track);
        begin(SLICE_BEGIN, track, name.isEmpty() ? "task " + task : name, "task");
        annotate("task", String.valueOf(task));
        if (parent != 0) {
            annotate("part of task", String.valueOf(parent));
        }
        Long g = running.get(p);
        if (g != null) {
            annotate("begun by", name(g));
        }
        end(inOrder(track, time));
    }

    @Override
    public void taskEnd(int p, long time, long task) throws IOException {
        Long track = tasks.remove(task);
        if (track == null) { // it began before the trace
            begin(INSTANT, userTrack(p), "task " + task + " ends", "task");
            end(time);
            return;
        }
        taskTracks.clear((int) (track - FIRST_TASK));
        begin(SLICE_END, track, "", "");
        end(inOrder(track, time));
    }

    @Override
    public void region(int p, long time, long task, String name, boolean begin) throws IOException {
        Long g = running.get(p);
        if (g != null && goroutineTrack(g) != 0) { // a P's track would mix goroutines
            begin(begin ? SLICE_BEGIN : SLICE_END, goroutineTrack(g), begin ? name : "", "region");
            end(time);
        }
    }

    @Override
    public void log(int p, long time, long task, String category, String message)
            throws IOException {
        begin(INSTANT, userTrack(p), category.isEmpty() ? "log" : category, "log");
        annotate("message", message);
        end(time);
    }

    @Override
    public void channel(int p, long time, ChannelOp op, ChannelState state) throws IOException {
        if (op == ChannelOp.CLOSE) {
            begin(INSTANT, userTrack(p), "close " + state.name(), "chan");
            end(time);
        }
        Channel ch = channels.get(state.number());
        if (ch == null) {
            if (channels.size() >= CHANNEL_TRACKS) {
                return;
            }
            ch = new Channel(FIRST_CHANNEL + 2L * channels.size());
            channels.put(state.number(), ch);
        }
        if (state.cap() > 0) {
            count(ch.track, state.name() + " len", time, state.len());
        }
        if (state.passed() > ch.passed) { // else it was told late, by another P
            ch.passed = state.passed();
            count(ch.track + 1, state.name() + " passed", time, ch.passed);
        }
    }

    @Override
    public void pause(Pause p) throws IOException {
        track(JVM_TRACK, "JVM");
        begin(SLICE_BEGIN, JVM_TRACK, p.name(), p.collects() ? "gc" : "pause");
        end(p.begin());
        begin(SLICE_END, JVM_TRACK, "", "");
        end(p.end());
    }

    @Override
    public void dropped(int p, long time, long n) throws IOException {
        if (!runnable.isEmpty()) { // one whose next step is lost would be counted for ever
            runnable.clear();
            count(RUNNABLE_TRACK, RUNNABLE, time, 0);
        }
        if (n > 0) {
            begin(INSTANT, procTrack(p), n + " events lost", "lost");
            end(time);
        }
    }

    @Override
    public void close() throws IOException {
        out.close();
    }
}
