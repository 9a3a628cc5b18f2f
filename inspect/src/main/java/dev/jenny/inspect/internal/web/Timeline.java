package dev.jenny.inspect.internal.web;

import dev.jenny.GoRuntime;
import dev.jenny.inspect.internal.Json;
import dev.jenny.inspect.internal.model.Frame;
import dev.jenny.inspect.internal.model.Model;
import dev.jenny.inspect.internal.pause.Pause;
import dev.jenny.internal.event.Batch;
import dev.jenny.internal.event.Event;
import dev.jenny.internal.event.Stacks;
import dev.jenny.internal.event.Strings;
import dev.jenny.internal.sched.Probe;
import dev.jenny.internal.sched.WaitReason;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;

/**
 * The events of all Ps in the order of time, in columns, as the dashboard draws them. Events of two
 * Ps with the same time, or nearly so, may change places.
 */
final class Timeline {
    /** The names of the types; {@link #code} gives the index. */
    static final List<String> TYPES =
            List.of(
                    "create",
                    "start",
                    "park",
                    "ready",
                    "yield",
                    "end",
                    "steal",
                    "idle",
                    "wake",
                    "stall",
                    "rejoin",
                    "region",
                    "regionEnd",
                    "task",
                    "taskEnd",
                    "log");

    /** The types whose events have one more number, in {@link #more}. */
    private static final List<String> WITH_MORE =
            List.of("park", "region", "regionEnd", "task", "taskEnd", "log");

    /** The reason of waits in JDK code, which no event tells. */
    static final String IN_JDK = "in JDK code";

    /** In the columns, and a number more for some. */
    static final int BYTES_PER_EVENT = 32;

    private static final int[] CODES = codes();
    private static final int NO_P = 0xffff;

    /** No more goroutines than so many are looked up for where they were started. */
    private static final int LOOK_UP = 200_000;

    private final int size;
    private final long[] time;
    private final long[] g;
    private final long[] arg;
    private final short[] p;
    private final byte[] type;
    private int[] more = new int[256]; // in the order of those events
    private int mores;
    private final StackTable stacks = new StackTable();
    private final long skipped;
    private final int procs;
    private final long whole; // from here on nothing is missing that other rings still have
    private final Map<String, Integer> sites = new LinkedHashMap<>();
    private final Map<String, Integer> texts = new LinkedHashMap<>();
    private final Spawned spawned = new Spawned();

    private static int[] codes() {
        int[] codes = new int[Event.TYPES];
        Arrays.fill(codes, -1);
        codes[Event.CREATE] = 0;
        codes[Event.START] = 1;
        codes[Event.BLOCK] = 2;
        codes[Event.READY] = 3;
        codes[Event.YIELD] = 4;
        codes[Event.END] = 5;
        codes[Event.STEAL] = 6;
        codes[Event.IDLE] = 7;
        codes[Event.BUSY] = 8;
        codes[Event.STALL] = 9;
        codes[Event.REJOIN] = 10;
        codes[Event.REGION_BEGIN] = 11;
        codes[Event.REGION_END] = 12;
        codes[Event.TASK_BEGIN] = 13;
        codes[Event.TASK_END] = 14;
        codes[Event.LOG] = 15;
        return codes;
    }

    /** The index in {@link #TYPES} of a type of {@link Event}; -1 if it is not shown. */
    static int code(int type) {
        return type < CODES.length ? CODES[type] : -1;
    }

    /** A place in the events of one P. */
    private static final class Place {
        final Batch batch;
        int i;
        long running;

        Place(Batch batch) {
            this.batch = batch;
        }
    }

    /**
     * Merges {@code batches}.
     *
     * @param from only events at this {@link System#nanoTime} or later
     * @param to only events at this time or earlier
     * @param limit of more events than so many, the newest
     */
    Timeline(List<Batch> batches, long from, long to, int limit) {
        List<Place> places = new ArrayList<>();
        int count = 0;
        int maxP = 0;
        long complete = from;
        for (Batch all : batches) {
            if (all.isCut() && all.size() > 0 && all.time(0) - complete > 0) {
                complete = all.time(0);
            }
            Batch b = all.since(from);
            places.add(new Place(b));
            maxP = Math.max(maxP, b.p() + 1);
            for (int i = 0; i < b.size(); i++) {
                long t = b.time(i);
                if (code(b.type(i)) >= 0 && t - from >= 0 && t - to <= 0) {
                    count++;
                }
            }
        }
        int skip = Math.max(0, count - limit);
        int n = count - skip;
        time = new long[n];
        g = new long[n];
        arg = new long[n];
        p = new short[n];
        type = new byte[n];
        skipped = skip;
        procs = maxP;
        whole = complete;
        int at = -skip;
        for (Place next; (next = earliest(places)) != null; next.i++) {
            long t = next.batch.time(next.i);
            boolean within = code(next.batch.type(next.i)) >= 0 && t - from >= 0 && t - to <= 0;
            take(next, within && at >= 0 ? at : -1);
            if (within) {
                at++;
            }
        }
        size = Math.max(0, at);
        lookUp();
    }

    private static @Nullable Place earliest(List<Place> places) {
        Place best = null;
        for (Place x : places) {
            if (x.i < x.batch.size()
                    && (best == null || x.batch.time(x.i) - best.batch.time(best.i) < 0)) {
                best = x;
            }
        }
        return best;
    }

    /** Puts an event at {@code at}; only looks at it, if that is -1. */
    private void take(Place place, int at) {
        Batch b = place.batch;
        int i = place.i;
        int what = b.type(i);
        long id = b.id(i);
        long waker = place.running;
        int proc = b.p() == Batch.OUTSIDE ? NO_P : b.p();
        long who = id;
        long other = 0;
        switch (what) {
            case Event.START -> place.running = id;
            case Event.BLOCK -> {
                int reason = Event.reason(b.extra(i));
                other = reason < 0 ? WaitReason.values().length : reason;
                place.running = 0;
                if (at >= 0) {
                    more(stacks.number(b.aux(i)));
                }
            }
            case Event.YIELD, Event.END -> place.running = 0;
            case Event.READY -> other = waker;
            case Event.CREATE -> {
                other = waker;
                if (at >= 0) {
                    List<StackTraceElement> stack = Stacks.frames(b.aux(i));
                    int site = stack.isEmpty() ? -1 : site(Frame.of(stack.getFirst()));
                    spawned.set(spawned.add(id), site, waker);
                }
            }
            case Event.STEAL -> {
                who = b.aux(i);
                other = id;
            }
            case Event.STALL, Event.REJOIN -> {
                if (proc == NO_P) {
                    proc = (int) id;
                }
                boolean stall = what == Event.STALL;
                who = stall ? Event.heldNanos(b.aux(i)) / 1000 : 0;
                other = !stall ? 0 : Event.burns(b.aux(i)) ? 1 : 2;
            }
            case Event.REGION_BEGIN,
                    Event.REGION_END,
                    Event.TASK_BEGIN,
                    Event.TASK_END,
                    Event.LOG -> {
                who = place.running;
                if (at >= 0) {
                    other = texts.computeIfAbsent(text(b, i), s -> texts.size());
                    more((int) id);
                }
            }
            default -> who = 0;
        }
        if (at >= 0) {
            time[at] = b.time(i);
            type[at] = (byte) code(what);
            p[at] = (short) proc;
            g[at] = who;
            arg[at] = other;
        }
    }

    /** The name of a task or region, or a message behind its category. */
    private static String text(Batch b, int i) {
        String name = Strings.name(b.aux(i));
        if (b.type(i) != Event.LOG || i + 1 == b.size() || b.type(i + 1) != Event.MORE) {
            return name;
        }
        String message = Strings.message(b.aux(i + 1));
        return name.isEmpty() ? message : name + ": " + message;
    }

    private void more(int number) {
        if (mores == more.length) {
            more = Arrays.copyOf(more, 2 * mores);
        }
        more[mores++] = number;
    }

    private int site(Frame frame) {
        return sites.computeIfAbsent(frame.toString(), s -> sites.size());
    }

    /** Where goroutines were started whose start lies before the recording. */
    private void lookUp() {
        for (int i = 0; i < size; i++) {
            if (type[i] == 1 || type[i] == 3) {
                spawned.add(g[i]);
            }
        }
        if (Probe.scheduler().goroutines() > LOOK_UP) {
            return;
        }
        Probe.goroutines(v -> {
            int k = spawned.find(v.id());
            Frame frame = k >= 0 && spawned.sites[k] < 0 ? Model.siteOf(v.site()) : null;
            if (frame != null) {
                spawned.set(k, site(frame), v.parent());
            }
        });
    }

    int size() {
        return size;
    }

    String type(int i) {
        return TYPES.get(type[i]);
    }

    long goroutine(int i) {
        return g[i];
    }

    /** Writes it in the format of {@code /api/v1/trace}, with those of {@code pauses} within it. */
    void write(OutputStream out, List<Pause> pauses) throws IOException {
        long start = size == 0 ? System.nanoTime() : time[0];
        long end = size == 0 ? start : time[size - 1];
        List<Pause> within =
                pauses.stream().filter(p -> p.end() - start >= 0 && p.begin() - end <= 0).toList();
        byte[] head = Json.string(j -> head(j, start, within)).getBytes(StandardCharsets.UTF_8);
        int padded = (12 + head.length + 7) / 8 * 8 - 12;
        ByteBuffer buffer = ByteBuffer.allocate(1 << 16).order(ByteOrder.LITTLE_ENDIAN);
        out.write("JTRC".getBytes(StandardCharsets.US_ASCII));
        buffer.putInt(1).putInt(padded);
        flush(buffer, out, 0);
        out.write(head);
        out.write(" ".repeat(padded - head.length).getBytes(StandardCharsets.US_ASCII));
        for (int i = 0; i < size; i++) {
            flush(buffer, out, 8);
            buffer.putDouble((double) (time[i] - start)); // exact up to 104 days
        }
        for (int i = 0; i < size; i++) {
            flush(buffer, out, 8);
            buffer.putInt((int) g[i]);
        }
        for (int i = 0; i < size; i++) {
            flush(buffer, out, 8);
            buffer.putInt((int) arg[i]);
        }
        for (int i = 0; i < size; i++) {
            flush(buffer, out, 8);
            buffer.putShort(p[i]);
        }
        flush(buffer, out, 0);
        out.write(type, 0, size);
        buffer.put(new byte[-(3 * size) & 3]); // p and type: to a multiple of 4
        for (int k = 0; k < mores; k++) {
            flush(buffer, out, 8);
            buffer.putInt(more[k]);
        }
        flush(buffer, out, 0);
    }

    /** Empties {@code buffer} if it has less room than {@code room}, or if that is 0. */
    private static void flush(ByteBuffer buffer, OutputStream out, int room) throws IOException {
        if (room == 0 || buffer.remaining() < room) {
            out.write(buffer.array(), buffer.arrayOffset(), buffer.position());
            buffer.clear();
        }
    }

    private void head(Json j, long start, List<Pause> pauses) {
        j.object();
        names(j);
        j.array("more");
        WITH_MORE.forEach(j::value);
        j.end();
        stacks.write(j);
        j.array("texts");
        texts.keySet().forEach(j::value);
        j.end().object("pauses").array("begin");
        pauses.forEach(p -> j.value(Math.max(0, p.begin() - start)));
        j.end().array("end");
        pauses.forEach(p -> j.value(p.end() - start));
        j.end().array("name");
        pauses.forEach(p -> j.value(p.name()));
        j.end().array("gc");
        pauses.forEach(p -> j.value(p.collects() ? 1 : 0));
        j.end().end();
        j.field("count", size)
                .field("procs", procs)
                .field("gomaxprocs", GoRuntime.gomaxprocs())
                .field("dropped", skipped)
                .field("whole", Math.max(0, whole - start))
                .field("start", Moments.of(start))
                .field("wall", Moments.started() + Moments.of(start) / 1_000_000)
                .end();
    }

    private void names(Json j) {
        j.array("types");
        TYPES.forEach(j::value);
        j.end().array("reasons");
        for (WaitReason r : WaitReason.values()) {
            j.value(r.text());
        }
        j.value(IN_JDK).end().array("sites");
        sites.keySet().forEach(j::value);
        j.end().object("goroutines").array("id");
        for (int k = 0; k < spawned.size; k++) {
            j.value(spawned.ids[k]); // all of it: the events have the last 32 bits
        }
        j.end().array("site");
        for (int k = 0; k < spawned.size; k++) {
            j.value(spawned.sites[k]);
        }
        j.end().array("parent");
        for (int k = 0; k < spawned.size; k++) {
            j.value(spawned.parents[k]);
        }
        j.end().end();
    }

    /**
     * Where goroutines were started, in the order in which they appear: a hash table without boxes,
     * for it is asked about millions of events.
     */
    private static final class Spawned {
        int size;
        long[] ids = new long[512];
        int[] sites = new int[512]; // -1: not known
        long[] parents = new long[512];
        private int[] places = new int[1024]; // index + 1; 0 is free

        private int place(long id) {
            int mask = places.length - 1;
            int at = Long.hashCode(id * 0x9E3779B97F4A7C15L) & mask;
            while (places[at] != 0 && ids[places[at] - 1] != id) {
                at = (at + 1) & mask;
            }
            return at;
        }

        /** The index of {@code id}; -1 if there is none. */
        int find(long id) {
            return places[place(id)] - 1;
        }

        /** The index of {@code id}, which is added if there is none. */
        int add(long id) {
            int at = place(id);
            if (places[at] == 0) {
                if (size == ids.length) {
                    grow();
                    at = place(id);
                }
                ids[size] = id;
                sites[size] = -1;
                places[at] = ++size;
            }
            return places[at] - 1;
        }

        void set(int k, int site, long parent) {
            sites[k] = site;
            parents[k] = parent;
        }

        private void grow() {
            ids = Arrays.copyOf(ids, 2 * size);
            sites = Arrays.copyOf(sites, 2 * size);
            parents = Arrays.copyOf(parents, 2 * size);
            places = new int[4 * size];
            for (int k = 0; k < size; k++) {
                places[place(ids[k])] = k + 1;
            }
        }
    }

    /**
     * Writes a short one as JSON, only with the events of goroutines that {@code shown} lets
     * through, and of Ps: the members {@code head} and {@code rows}.
     */
    void writeRows(Json j, LongPredicate shown) {
        long start = size == 0 ? 0 : time[0];
        j.object("head");
        names(j);
        j.field("procs", procs).end().array("rows");
        for (int i = 0; i < size; i++) {
            if (type[i] > 10) {
                continue; // a program's own, of which lessons have none
            }
            boolean ofG = type[i] <= 5;
            if (ofG && !shown.test(g[i])) {
                continue;
            }
            long other = ofG && type[i] != 2 && !shown.test(arg[i]) ? 0 : arg[i];
            j.array().value(time[i] - start).value(type(i));
            j.value((p[i] & 0xffff) == NO_P ? -1 : p[i]).value(g[i]).value(other).end();
        }
        j.end();
    }
}
