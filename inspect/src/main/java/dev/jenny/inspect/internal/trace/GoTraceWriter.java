package dev.jenny.inspect.internal.trace;

import dev.jenny.inspect.internal.pause.Pause;
import dev.jenny.inspect.internal.pause.PauseSource;
import dev.jenny.inspect.internal.trace.GoTables.BatchWriter;
import dev.jenny.internal.sched.WaitReason;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.StringJoiner;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Writes Go's execution trace, version 2, as {@code go tool trace}, {@code golang.org/x/exp/trace}
 * and gotraceui read it.
 *
 * <p>The format, as Go 1.23 has it: a header, then generations. A generation is a set of batches,
 * each of one thread's events in order, and tables of the strings and stacks that the events name.
 * What happens on different threads is put in order by sequence numbers: each START and READY of a
 * goroutine carries the next number of that goroutine, beginning with 1 in each generation. Before
 * a generation's first such event the goroutine's status is written, or, if it has never been seen
 * and this is not the first generation, its creation.
 *
 * <p>What we have and Go has not: a P never leaves its M, so they share a number. Threads without a
 * P have a thread of their own, and a P once they create a goroutine. Pauses are shown on a thread
 * "JVM": each is a stop of the world, those of the garbage collector a collection, too.
 *
 * <p>A goroutine that blocks its thread is in a system call, its P stolen. As the P goes nowhere
 * else, its own thread writes all of that, so it cannot come into a wrong order.
 */
public final class GoTraceWriter implements Sink {
    static final int EV_BATCH = 1;
    static final int EV_STACKS = 2;
    static final int EV_STACK = 3;
    static final int EV_STRINGS = 4;
    static final int EV_STRING = 5;
    static final int EV_FREQUENCY = 8;
    static final int EV_PROCS_CHANGE = 9;
    static final int EV_PROC_START = 10;
    static final int EV_PROC_STOP = 11;
    static final int EV_PROC_STEAL = 12;
    static final int EV_PROC_STATUS = 13;
    static final int EV_GO_CREATE = 14;
    static final int EV_GO_START = 16;
    static final int EV_GO_DESTROY = 17;
    static final int EV_GO_STOP = 19;
    static final int EV_GO_BLOCK = 20;
    static final int EV_GO_UNBLOCK = 21;
    static final int EV_GO_SYSCALL_BEGIN = 22;
    static final int EV_GO_SYSCALL_END_BLOCKED = 24;
    static final int EV_GO_STATUS = 25;
    static final int EV_STW_BEGIN = 26;
    static final int EV_STW_END = 27;
    static final int EV_GC_BEGIN = 29;
    static final int EV_GC_END = 30;
    static final int EV_GO_LABEL = 39;
    static final int EV_TASK_BEGIN = 40;
    static final int EV_TASK_END = 41;
    static final int EV_REGION_BEGIN = 42;
    static final int EV_REGION_END = 43;
    static final int EV_LOG = 44;
    static final int EV_GO_CREATE_BLOCKED = 47;

    static final int PROC_RUNNING = 1;
    static final int PROC_IDLE = 2;
    static final int GO_RUNNABLE = 1;
    static final int GO_RUNNING = 2;
    static final int GO_SYSCALL = 3;
    static final int GO_WAITING = 4;

    /** A generation is kept in memory by its readers. */
    private static final long GENERATION_BYTES = 8L << 20;

    private static final long MAX_GENERATION_BYTES = 64L << 20;

    /** What the trace tells in words, and {@link GoStory} reads again. */
    static final String YIELDED = "runtime.Gosched";

    static final String EVENTS_LOST = "events lost";
    static final String STALL = "jenny.stall";
    static final String BURNS = "burns CPU";
    static final String DROPPED = "jenny.dropped";
    static final String STEAL = "jenny.steal";
    static final String CHANNEL = "jenny.chan";

    /** So many steals are kept until the thief runs something. */
    private static final int MAX_STEALS = 16;

    /** A type, a time and four arguments, in bytes; rounded up. */
    private static final int MAX_EVENT = 64;

    private static final int BATCH = 60_000;
    private static final long NO_THREAD = -1;

    /**
     * Small, for {@code go tool trace} makes a lane for each P up to the last; few have so many.
     */
    static final int OUTSIDE_ID = 1000;

    static final int JVM_ID = OUTSIDE_ID + 1;
    private static final long JVM_G = (1L << 40) - 1;

    private final OutputStream out;
    private final PauseSource source;
    private final List<Pause> pauses = new ArrayList<>(); // not written yet
    private final GoTables tables = new GoTables();
    private final Map<Integer, Stream> streams = new TreeMap<>();
    private final Map<Long, G> gs = new HashMap<>();
    private final Set<Long> openTasks = new HashSet<>();
    private long gen = 1;
    private long genBytes;
    private long lastTime;
    private long base = Long.MIN_VALUE;
    private long gcSeq;
    private long
            droppedOutside; // events of threads without a P, of which the trace does not tell yet
    private int announcedProcs;
    private int procs;

    private record Region(long task, String name) {}

    private static final class G {
        int status;
        long seq;
        long gen; // in which the status has been written
        int waitStack;
        @Nullable String labels; // to be written when it runs
        final List<Region> regions = new ArrayList<>();

        G(int status, long gen) {
            this.status = status;
            this.gen = gen;
        }
    }

    /** One thread's events of this generation. */
    private final class Stream {
        final int id;
        final Bytes bytes = new Bytes();
        long batchTime;
        long last = 1;
        long gen; // in which the P's status has been written
        long procSeq;
        boolean exists;
        boolean hasProc; // whether there is a P of that number
        boolean busy;
        long running;
        long dropped; // events, of which the trace does not tell yet
        final List<String> steals = new ArrayList<>(); // likewise

        Stream(int id, boolean hasProc) {
            this.id = id;
            this.hasProc = hasProc;
        }

        /** Begins an event: its type and the time since the one before it. */
        Bytes event(int type, long time) throws IOException {
            long t = Math.max(last, time - base + 1);
            if (bytes.size() > BATCH) {
                flush();
            }
            if (bytes.size() == 0) {
                batchTime = t;
                last = t;
            }
            bytes.reserve(MAX_EVENT).put(type).varint(t - last);
            last = t;
            lastTime = Math.max(lastTime, t);
            return bytes;
        }

        void flush() throws IOException {
            if (bytes.size() > 0) {
                genBytes += bytes.size();
                batch(out, GoTraceWriter.this.gen, id, batchTime, bytes);
                bytes.clear();
            }
        }
    }

    /** Writes to {@code out}, which should be buffered, and closes it in the end. */
    public GoTraceWriter(OutputStream out) throws IOException {
        this(out, PauseSource.NONE);
    }

    GoTraceWriter(OutputStream out, PauseSource source) throws IOException {
        this.out = out;
        this.source = source;
        byte[] header = new byte[16];
        byte[] text = "go 1.23 trace".getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(text, 0, header, 0, text.length);
        out.write(header);
    }

    static void batch(OutputStream out, long gen, long thread, long time, Bytes body)
            throws IOException {
        Bytes head = new Bytes();
        head.put(EV_BATCH).varint(gen).varint(thread).varint(time).varint(body.size());
        head.writeTo(out);
        body.writeTo(out);
    }

    // ---- streams and generations ----

    private Stream stream(int p, long time) throws IOException {
        if (base == Long.MIN_VALUE) {
            base = time;
        }
        if (genBytes > (source.isDue() ? GENERATION_BYTES : MAX_GENERATION_BYTES)) {
            endGeneration();
            gen++;
        }
        int id = p == OUTSIDE ? OUTSIDE_ID : p < OUTSIDE_ID ? p : p + 2;
        Stream s = streams.get(id);
        if (s == null) {
            s = new Stream(id, p != OUTSIDE);
            streams.put(id, s);
        }
        status(s, time);
        return s;
    }

    /** Writes the status of a thread's P and of what runs on it, once for each generation. */
    private void status(Stream s, long time) throws IOException {
        if (s.gen == gen || !s.hasProc) {
            return;
        }
        boolean first = !s.exists;
        s.exists = true;
        s.gen = gen;
        s.procSeq = 0;
        if (first) {
            s.busy = true;
        }
        s.event(EV_PROC_STATUS, time).varint(s.id).varint(s.busy ? PROC_RUNNING : PROC_IDLE);
        if (s.running != 0) {
            G g = gs.get(s.running);
            if (g != null && g.gen != gen) {
                statusOf(s, time, s.running, g);
            }
        }
    }

    private void statusOf(Stream s, long time, long id, G g) throws IOException {
        g.gen = gen;
        g.seq = 0;
        boolean here = g.status == GO_RUNNING || g.status == GO_SYSCALL;
        long thread = here ? s.id : NO_THREAD;
        s.event(EV_GO_STATUS, time).varint(id).varint(thread).varint(g.status);
    }

    private void endGeneration() throws IOException {
        writePauses();
        for (Stream s : streams.values()) {
            status(s, base + lastTime - 1); // so that no state is lost over a generation
            s.flush();
        }
        BatchWriter w = new BatchWriter(out, gen, lastTime);
        tables.write(w);
        w.begin();
        w.bytes().put(EV_FREQUENCY).varint(1_000_000_000L);
        w.end();
        tables.clear();
        genBytes = 0;
    }

    /** Ends the trace. The file can be read only after that. */
    @Override
    public void close() throws IOException {
        try (out) {
            if (base == Long.MIN_VALUE) {
                stream(0, System.nanoTime());
            }
            endGeneration();
        }
    }

    /** Before the first START or READY in a generation of a goroutine that is not running. */
    private G known(Stream s, long time, long id, int statusIfNew) throws IOException {
        G g = gs.get(id);
        if (g == null) {
            g = new G(statusIfNew, 0);
            gs.put(id, g);
            if (gen > 1) {
                procFor(s, time);
                int type = statusIfNew == GO_WAITING ? EV_GO_CREATE_BLOCKED : EV_GO_CREATE;
                s.event(type, time).varint(id).varint(0).varint(0);
                g.gen = gen;
                return g;
            }
        }
        if (g.gen != gen) {
            statusOf(s, time, id, g);
        }
        return g;
    }

    /** A thread that creates a goroutine has a P. */
    private void procFor(Stream s, long time) throws IOException {
        if (!s.hasProc) {
            s.hasProc = true;
            status(s, time);
        }
    }

    // ---- Sink ----

    @Override
    public void proc(int p, long time, boolean busy) throws IOException {
        Stream s = stream(p, time);
        if (busy && !s.busy) {
            s.busy = true;
            s.event(EV_PROC_START, time).varint(s.id).varint(++s.procSeq);
        } else if (!busy && s.busy) {
            s.busy = false;
            s.event(EV_PROC_STOP, time);
        }
    }

    @Override
    public void appear(int p, long time, long g, State state) throws IOException {
        Stream s = stream(p, time);
        switch (state) {
            case RUNNABLE -> known(s, time, g, GO_RUNNABLE);
            case WAITING -> known(s, time, g, GO_WAITING);
            case RUNNING -> {
                if (gen == 1) {
                    known(s, time, g, GO_RUNNING);
                    s.running = g;
                } else {
                    known(s, time, g, GO_RUNNABLE);
                    start(p, time, g);
                }
            }
        }
    }

    @Override
    public void create(int p, long time, long g, int stack) throws IOException {
        Stream s = stream(p, time);
        procFor(s, time);
        gs.put(g, new G(GO_RUNNABLE, gen));
        int site = tables.stack(stack);
        s.event(EV_GO_CREATE, time).varint(g).varint(tables.spawned(stack)).varint(site);
    }

    @Override
    public void start(int p, long time, long id) throws IOException {
        Stream s = stream(p, time);
        G g = known(s, time, id, GO_RUNNABLE);
        g.status = GO_RUNNING;
        s.running = id;
        s.event(EV_GO_START, time).varint(id).varint(++g.seq);
        if (procs != announcedProcs) {
            announcedProcs = procs;
            s.event(EV_PROCS_CHANGE, time).varint(procs).varint(0);
        }
        long dropped = s.dropped + droppedOutside;
        if (dropped > 0) {
            log(p, time, 0, DROPPED, dropped + " events");
            s.dropped = 0;
            droppedOutside = 0;
        }
        for (String steal : s.steals) {
            log(p, time, 0, STEAL, steal);
        }
        s.steals.clear();
        writeLabels(s, time, g);
    }

    @Override
    public void labels(int p, long time, long id, Map<String, String> labels) throws IOException {
        Stream s = stream(p, time);
        G g = gs.get(id);
        if (g != null) {
            g.labels = labelText(labels);
            if (s.running == id) {
                writeLabels(s, time, g);
            }
        }
    }

    /** {@code go tool trace} puts a label behind the goroutine's name, and has one for each. */
    static String labelText(Map<String, String> labels) {
        StringJoiner j = new StringJoiner(" ");
        labels.forEach((name, value) -> j.add(name + "=" + value));
        return j.toString();
    }

    private void writeLabels(Stream s, long time, G g) throws IOException {
        String labels = g.labels;
        if (labels != null) {
            g.labels = null;
            s.event(EV_GO_LABEL, time).varint(tables.string(labels));
        }
    }

    @Override
    public void stop(int p, long time, long id, Stop how, int reason, int stack)
            throws IOException {
        Stream s = stream(p, time);
        G g = gs.get(id);
        if (g == null || s.running != id) {
            return;
        }
        s.running = 0;
        switch (how) {
            case BLOCK -> {
                g.status = GO_WAITING;
                g.waitStack = stack;
                int why = tables.string(reasonText(reason));
                s.event(EV_GO_BLOCK, time).varint(why).varint(tables.stack(stack));
            }
            case YIELD, PREEMPT, LOST -> {
                g.status = GO_RUNNABLE;
                String why =
                        switch (how) {
                            case YIELD -> YIELDED;
                            case PREEMPT -> "preempted";
                            default -> EVENTS_LOST;
                        };
                s.event(EV_GO_STOP, time).varint(tables.string(why)).varint(0);
            }
            case END -> {
                gs.remove(id);
                s.event(EV_GO_DESTROY, time);
            }
        }
    }

    /** The words that {@code go tool trace} sorts its profiles by. */
    static String reasonText(int reason) {
        if (reason < 0) {
            return "sync"; // JDK code: a lock, a future, a socket
        }
        WaitReason r = WaitReason.of(reason);
        return switch (r) {
            case CHAN_RECEIVE, CHAN_SEND, SELECT, SLEEP -> r.text();
            case SELECT_NO_CASES -> "forever";
            case COND_WAIT -> "sync.(*Cond).Wait";
            case IO_WAIT -> "network";
            default -> "sync";
        };
    }

    @Override
    public void ready(int p, long time, long id) throws IOException {
        Stream s = stream(p, time);
        G g = known(s, time, id, GO_WAITING);
        g.status = GO_RUNNABLE;
        s.event(EV_GO_UNBLOCK, time).varint(id).varint(++g.seq).varint(tables.readied(g.waitStack));
    }

    @Override
    public void steal(int p, long time, int victim, int n) throws IOException {
        // Go's trace has no such event, and a log needs a running goroutine, which a thief is not:
        // it is written with the next start, which is that of one of the stolen.
        List<String> steals = stream(p, time).steals;
        if (steals.size() < MAX_STEALS) { // more only if starts are lost
            steals.add(n + (n == 1 ? " goroutine" : " goroutines") + " of P" + victim);
        }
    }

    @Override
    public void burns(int p, long time) throws IOException {
        log(p, time, 0, STALL, BURNS);
    }

    @Override
    public void blocked(int p, long since, long time, int stack) throws IOException {
        Stream s = stream(p, since);
        G g = gs.get(s.running);
        if (g == null) {
            return;
        }
        log(p, since, 0, STALL, "blocks its thread");
        g.status = GO_SYSCALL;
        s.event(EV_GO_SYSCALL_BEGIN, since).varint(++s.procSeq).varint(tables.stack(stack));
        s.busy = false;
        s.event(EV_PROC_STEAL, time).varint(s.id).varint(++s.procSeq).varint(s.id);
    }

    @Override
    public void blockedEnd(int p, long time) throws IOException {
        Stream s = stream(p, time);
        G g = gs.get(s.running);
        if (g == null || g.status != GO_SYSCALL) {
            return;
        }
        s.busy = true;
        s.event(EV_PROC_START, time).varint(s.id).varint(++s.procSeq);
        s.event(EV_GO_SYSCALL_END_BLOCKED, time);
        g.status = GO_RUNNING;
        s.event(EV_GO_START, time).varint(s.running).varint(++g.seq);
    }

    @Override
    public void procs(int p, long time, int n) {
        procs = n; // is written with the next start: it needs a running goroutine
    }

    @Override
    public void taskBegin(int p, long time, long task, long parent, String name)
            throws IOException {
        Stream s = stream(p, time);
        if (s.running != 0 && openTasks.add(task)) {
            Bytes b = s.event(EV_TASK_BEGIN, time).varint(task).varint(parent);
            b.varint(tables.string(name)).varint(0);
        }
    }

    @Override
    public void taskEnd(int p, long time, long task) throws IOException {
        Stream s = stream(p, time);
        if (s.running != 0) {
            openTasks.remove(task);
            s.event(EV_TASK_END, time).varint(task).varint(0);
        }
    }

    @Override
    public void region(int p, long time, long task, String name, boolean begin) throws IOException {
        Stream s = stream(p, time);
        G g = gs.get(s.running);
        if (g == null) {
            return;
        }
        Region r = new Region(task, name);
        if (begin) {
            g.regions.add(r);
        } else if (g.regions.contains(r)) {
            // Go's reader refuses a file whose regions do not nest: end the inner ones, too
            while (!g.regions.getLast().equals(r)) {
                Region inner = g.regions.removeLast();
                regionEvent(s, EV_REGION_END, time, inner);
            }
            g.regions.removeLast();
        } else {
            return; // began before the trace, or ended with an outer one
        }
        regionEvent(s, begin ? EV_REGION_BEGIN : EV_REGION_END, time, r);
    }

    private void regionEvent(Stream s, int type, long time, Region r) throws IOException {
        s.event(type, time).varint(r.task).varint(tables.string(r.name)).varint(0);
    }

    @Override
    public void log(int p, long time, long task, String category, String message)
            throws IOException {
        Stream s = stream(p, time);
        if (s.running != 0) {
            Bytes b = s.event(EV_LOG, time).varint(task).varint(tables.string(category));
            b.varint(tables.string(message)).varint(0);
        }
    }

    @Override
    public void channel(int p, long time, ChannelOp op, ChannelState ch) throws IOException {
        String state = " len=" + ch.len() + " cap=" + ch.cap(); // few: each text is kept
        log(p, time, 0, CHANNEL, op.text() + " " + ch.name() + state);
    }

    @Override
    public void pause(Pause p) {
        pauses.add(p);
    }

    /** Those of this generation: a reader puts what comes in a later one behind this one's end. */
    private void writePauses() throws IOException {
        pauses.addAll(source.take());
        pauses.sort(Comparator.comparingLong(Pause::begin));
        long end = base + lastTime;
        for (Pause p : pauses) {
            if (p.begin() >= base && p.begin() <= end) {
                write(p);
            }
        }
        pauses.removeIf(p -> p.begin() <= end);
    }

    private void write(Pause p) throws IOException {
        long begin = p.begin();
        Stream s = jvm(begin);
        s.event(EV_STW_BEGIN, begin).varint(tables.string(p.name())).varint(0);
        if (p.collects()) {
            s.event(EV_GC_BEGIN, begin).varint(++gcSeq).varint(0);
            s.event(EV_GC_END, p.end()).varint(++gcSeq);
        }
        s.event(EV_STW_END, p.end());
    }

    /** A thread of the JVM's, with a P and a goroutine for the pauses to be on. */
    private Stream jvm(long begin) throws IOException {
        Stream s = streams.get(JVM_ID);
        if (s == null) {
            s = new Stream(JVM_ID, true);
            streams.put(JVM_ID, s);
            status(s, begin);
            if (gen > 1) {
                s.event(EV_GO_CREATE, begin).varint(JVM_G).varint(0).varint(0);
                gs.put(JVM_G, new G(GO_RUNNABLE, gen));
                s.event(EV_GO_START, begin).varint(JVM_G).varint(1);
            } else {
                gs.put(JVM_G, new G(GO_RUNNING, gen));
                s.event(EV_GO_STATUS, begin).varint(JVM_G).varint(JVM_ID).varint(GO_RUNNING);
            }
            s.running = JVM_G;
            G g = gs.get(JVM_G);
            if (g != null) {
                g.status = GO_RUNNING;
            }
        }
        status(s, begin);
        return s;
    }

    @Override
    public void dropped(int p, long time, long n) throws IOException {
        // Is written with the next start, for a log needs a goroutine; threads without a P have
        // none.
        if (p == OUTSIDE) {
            droppedOutside += n;
        } else {
            stream(p, time).dropped += n;
        }
    }
}
