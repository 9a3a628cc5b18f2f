package dev.jenny.inspect.internal.trace;

import dev.jenny.internal.event.Batch;
import dev.jenny.internal.event.Event;
import dev.jenny.internal.event.LabelSet;
import dev.jenny.internal.event.Stacks;
import dev.jenny.internal.event.Strings;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Puts the events of all Ps into one order that makes sense, and hands them to a {@link Sink}.
 *
 * <p>The events of one P are in order. Between Ps the clock decides, unless it must be wrong: a
 * goroutine's slices are numbered; it is not started before the event that made it runnable, nor
 * readied before it has parked. Such an event waits until the other P's events have caught up. If
 * they never do, because the rings were overwritten or the recording began in the middle, what is
 * missing is made up: a goroutine that starts while it is parked is readied first, and so on. So
 * the sink sees a consistent story, whatever was lost.
 *
 * <p>That a goroutine blocks its thread is noticed some time after it began, and by another thread;
 * where, still later. It is told once both are known, or the goroutine goes on. Nobody sees it go
 * on before it does something that is recorded: until then it counts as blocked.
 *
 * <p>For one thread.
 */
public final class Replay {
    private static final class Stream {
        final int p;
        final ArrayDeque<Batch> batches = new ArrayDeque<>();
        int at; // index in the first batch
        long last = Long.MIN_VALUE; // time of the last event handed to the sink
        long running; // the goroutine that runs, 0 for none
        long before; // the goroutine that ran when the recording began
        long started; // when it began to run
        boolean busy;
        boolean seen;
        long lost; // events, after the last that was read

        // the goroutine that runs blocks the thread
        boolean noticed; // and the sink does not know yet
        boolean blocked; // and the sink knows
        long blockedSince;
        long noticedAt;

        Stream(int p) {
            this.p = p;
        }

        boolean skipEmpty() {
            for (Batch b; (b = batches.peek()) != null; ) {
                if (at < b.size()) {
                    return true;
                }
                batches.remove();
                at = 0;
            }
            return false;
        }

        Batch head() {
            return batches.element();
        }

        long time() {
            return head().time(at);
        }
    }

    private static final class G {
        Sink.State state;
        int p; // where it runs
        int slice = -1; // the last that was started
        int labels; // the number of those that the sink knows
        long last; // time of its last event

        G(Sink.State state, int p) {
            this.state = state;
            this.p = p;
        }
    }

    /** For how long an event waits for one that must come before it. */
    static final long PATIENCE_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

    /** Slices are counted modulo this. */
    private static final int SLICES = 1 << 24;

    private final Sink sink;
    private final Map<Integer, Stream> streams = new TreeMap<>();
    private final List<Stream> order = new ArrayList<>();
    private final Map<Long, G> gs = new HashMap<>();
    private long dropped;
    private long madeUp;
    private long events;

    /** Hands everything to {@code sink}. */
    public Replay(Sink sink) {
        this.sink = sink;
    }

    /** How many events were lost before they could be read. */
    public long dropped() {
        return dropped;
    }

    /** How many events had to be made up for ones that are missing. */
    public long madeUp() {
        return madeUp;
    }

    /** How many events were handed on. */
    public long events() {
        return events;
    }

    /** Adds events that have been read; they follow on those added before. */
    public void add(List<Batch> batches) {
        for (Batch b : batches) {
            Stream s = stream(b.p());
            if (b.size() == 0) {
                s.lost += b.dropped();
            } else {
                s.batches.add(b);
            }
        }
    }

    /**
     * As {@link #add(List)}, without what happened before {@code since}; who ran then, runs from
     * the beginning.
     */
    public void add(List<Batch> batches, long since) {
        for (Batch b : batches) {
            Batch recent = b.since(since);
            if (recent.size() > 0) {
                add(List.of(recent));
            }
        }
    }

    /** Goroutine {@code id} runs on {@code p} when the recording begins. */
    public void running(int p, long time, long id) throws IOException {
        if (id == 0 || gs.containsKey(id)) {
            return; // not one goroutine, or one that has moved between two looks
        }
        Stream s = stream(p);
        s.before = id;
        s.seen = true;
        s.busy = true;
        sink.proc(p, time, true);
        s.last = time;
        s.running = id;
        s.started = time;
        G g = new G(Sink.State.RUNNING, p);
        g.last = time;
        gs.put(id, g);
        sink.appear(p, time, id, Sink.State.RUNNING);
    }

    private Stream stream(int p) {
        Stream s = streams.get(p);
        if (s == null) {
            s = new Stream(p);
            streams.put(p, s);
            order.add(s);
        }
        return s;
    }

    /**
     * Hands on what happened before {@code horizon}. What then still waits for an event of another
     * P is kept for the next call, if it is not older than {@code patience}.
     */
    public void advance(long horizon, long patience) throws IOException {
        merge(horizon, patience);
        for (Stream s : order) {
            if (s.noticed && s.noticedAt <= patience) {
                blocked(s, Stacks.NONE);
            }
        }
    }

    private void merge(long horizon, long patience) throws IOException {
        for (; ; ) {
            Stream oldest = null;
            Stream next = null;
            order.sort(Comparator.comparingLong(s -> s.skipEmpty() ? s.time() : Long.MAX_VALUE));
            for (Stream s : order) {
                if (!s.skipEmpty() || s.time() > horizon) {
                    break;
                }
                if (oldest == null) {
                    oldest = s;
                }
                if (isReady(s)) {
                    next = s;
                    break;
                }
            }
            if (next == null) {
                if (oldest == null || oldest.time() > patience) {
                    return;
                }
                next = oldest; // what it waits for is lost
            } else if (oldest != null && next.time() - oldest.time() > PATIENCE_NANOS) {
                next = oldest; // likewise: others must not run away from it
            }
            // Until another P's clock says otherwise, or an event must wait, it is this P's turn.
            long until = horizon;
            for (Stream s : order) {
                if (s != next && s.skipEmpty()) {
                    until = Math.min(until, s.time());
                }
            }
            do {
                apply(next);
            } while (next.skipEmpty() && next.time() <= until && isReady(next));
        }
    }

    /** Hands on all that is left. */
    public void finish() throws IOException {
        advance(Long.MAX_VALUE, Long.MAX_VALUE);
    }

    private boolean isReady(Stream s) {
        Batch b = s.head();
        int i = s.at;
        G g = gs.get(b.id(i));
        return switch (b.type(i)) {
            case Event.START -> {
                if (g == null) {
                    yield !Event.isFirst(b.extra(i));
                }
                yield g.state == Sink.State.RUNNABLE && ahead(b.aux(i), g) <= 0;
            }
            case Event.READY -> {
                if (g == null) {
                    yield true;
                }
                int ahead = ahead(b.aux(i), g);
                yield ahead < 0 || (ahead == 0 && g.state != Sink.State.RUNNING);
            }
            default -> true;
        };
    }

    /**
     * How far {@code slice} is ahead of the one that {@code g} runs next. A READY that is behind
     * comes from the second of two that readied it at the same time.
     */
    private static int ahead(int slice, G g) {
        if (g.slice < 0) {
            return 0;
        }
        int d = (slice - g.slice - 1) & (SLICES - 1);
        return d < SLICES / 2 ? d : d - SLICES;
    }

    /** The time of an event of {@code g} on {@code s}: neither's time goes backward. */
    private static long together(Stream s, G g, long time) {
        long t = Math.max(time, g.last);
        g.last = t;
        s.last = t;
        return t;
    }

    private void apply(Stream s) throws IOException {
        Batch b = s.head();
        int i = s.at++;
        int type = b.type(i);
        long time = Math.max(s.last, b.time(i));
        s.last = time;
        events++;
        goesOn(s, time);
        long lost = s.lost + (i == 0 ? b.dropped() : 0);
        if (lost > 0 || (i == 0 && b.isCut())) {
            s.lost = 0;
            dropped += lost;
            if (s.running != 0) {
                stopLost(s, time);
            }
            sink.dropped(s.p, time, lost);
        }
        if (!s.seen) {
            s.seen = true;
            s.busy = type != Event.BUSY;
            if (s.p != Batch.OUTSIDE && s.busy) {
                sink.proc(s.p, time, true);
            }
        }
        switch (type) {
            case Event.IDLE -> {
                if (s.running != 0) {
                    stopLost(s, time);
                }
                if (s.busy) {
                    s.busy = false;
                    sink.proc(s.p, time, false);
                }
                return;
            }
            case Event.BUSY -> {
                busy(s, time);
                return;
            }
            default -> busy(s, time);
        }
        long id = b.id(i);
        switch (type) {
            case Event.CREATE -> {
                if (!gs.containsKey(id)) {
                    G g = new G(Sink.State.RUNNABLE, 0);
                    g.last = time;
                    gs.put(id, g);
                    sink.create(s.p, time, id, b.aux(i));
                }
            }
            case Event.START -> {
                int labels = Event.labels(b.extra(i));
                if (labels == Event.LABELS_FOLLOW && s.skipEmpty()) {
                    Batch next = s.head();
                    labels = next.type(s.at) == Event.LABELS ? next.aux(s.at) : labels;
                }
                start(s, time, id, b.aux(i), labels);
            }
            case Event.LABELS -> {
                G g = gs.get(id);
                if (g != null && s.running == id) {
                    labels(s, time, id, g, b.aux(i));
                }
            }
            case Event.BLOCK ->
                    stop(s, time, id, Sink.Stop.BLOCK, Event.reason(b.extra(i)), b.aux(i));
            case Event.YIELD -> stop(s, time, id, Sink.Stop.YIELD, -1, 0);
            case Event.END -> stop(s, time, id, Sink.Stop.END, -1, 0);
            case Event.READY -> ready(s, time, id, b.aux(i));
            case Event.STEAL -> sink.steal(s.p, time, (int) id, b.aux(i));
            case Event.STALL -> stalled((int) id, b.time(i), time, b.aux(i));
            case Event.STALL_AT -> {
                Stream held = streams.get((int) id);
                if (held != null && held.noticed) {
                    blocked(held, b.aux(i));
                }
            }
            case Event.PROCS -> sink.procs(s.p, time, (int) id);
            default -> user(s, b, i, type, time, id);
        }
    }

    private void user(Stream s, Batch b, int i, int type, long time, long id) throws IOException {
        boolean more = s.skipEmpty() && s.head().type(s.at) == Event.MORE;
        if (s.running == 0) {
            return; // its start was lost
        }
        String name = Strings.name(b.aux(i));
        switch (type) {
            case Event.TASK_BEGIN ->
                    sink.taskBegin(s.p, time, id, more ? s.head().id(s.at) : 0, name);
            case Event.TASK_END -> sink.taskEnd(s.p, time, id);
            case Event.REGION_BEGIN -> sink.region(s.p, time, id, name, true);
            case Event.REGION_END -> sink.region(s.p, time, id, name, false);
            case Event.LOG -> {
                if (more) {
                    sink.log(s.p, time, id, name, Strings.message(s.head().aux(s.at)));
                }
            }
            case Event.CHAN_SEND -> channel(s, time, Sink.ChannelOp.SEND, b, i);
            case Event.CHAN_RECV -> channel(s, time, Sink.ChannelOp.RECEIVE, b, i);
            case Event.CHAN_CLOSE -> channel(s, time, Sink.ChannelOp.CLOSE, b, i);
            default -> {} // MORE, which the event before it has used; TIMER and REJOIN
        }
    }

    private void channel(Stream s, long time, Sink.ChannelOp op, Batch b, int i)
            throws IOException {
        Sink.ChannelState state = Channels.after(b, i);
        if (state != null) {
            sink.channel(s.p, time, op, state);
        }
    }

    /** The monitor has seen at {@code seen} what the goroutine on P {@code p} does. */
    private void stalled(int p, long seen, long time, int how) throws IOException {
        Stream held = streams.get(p);
        if (held == null || held.running == 0 || held.started > seen || held.noticed) {
            return; // that goroutine has gone already, or its start was lost
        }
        long before = held.last;
        held.last = Math.max(before, time);
        if (Event.burns(how)) {
            sink.burns(held.p, held.last);
        } else if (!held.blocked) {
            held.noticed = true;
            held.noticedAt = held.last;
            held.blockedSince = Math.max(before, seen - Event.heldNanos(how));
        }
    }

    private void blocked(Stream s, int stack) throws IOException {
        s.noticed = false;
        s.blocked = true;
        sink.blocked(s.p, s.blockedSince, s.noticedAt, stack);
    }

    /** If the goroutine on {@code s} blocked its thread, it does so no longer. */
    private void goesOn(Stream s, long time) throws IOException {
        if (s.noticed) {
            blocked(s, Stacks.NONE);
        }
        if (s.blocked) {
            s.blocked = false;
            sink.blockedEnd(s.p, time);
        }
    }

    private void labels(Stream s, long time, long id, G g, int number) throws IOException {
        if (g.labels == number) {
            return;
        }
        Map<String, String> labels = LabelSet.of(number);
        if (labels != null) {
            g.labels = number;
            sink.labels(s.p, time, id, labels);
        }
    }

    private void busy(Stream s, long time) throws IOException {
        if (!s.busy) {
            s.busy = true;
            if (s.p != Batch.OUTSIDE) {
                sink.proc(s.p, time, true);
            }
        }
    }

    private void start(Stream s, long at, long id, int slice, int labels) throws IOException {
        long time = at;
        if (s.running != 0) {
            stopLost(s, time);
        }
        G g = gs.get(id);
        if (g == null) {
            g = new G(Sink.State.RUNNABLE, 0);
            gs.put(id, g);
            sink.appear(s.p, time, id, Sink.State.RUNNABLE);
        } else if (g.state == Sink.State.WAITING) {
            madeUp++;
            time = together(s, g, time);
            sink.ready(s.p, time, id);
        } else if (g.state == Sink.State.RUNNING) {
            stopElsewhere(g, time);
        }
        time = together(s, g, time);
        g.state = Sink.State.RUNNING;
        g.slice = slice;
        g.p = s.p;
        s.running = id;
        s.started = time;
        if (labels != Event.LABELS_FOLLOW) {
            labels(s, time, id, g, labels);
        }
        sink.start(s.p, time, id);
    }

    private void stop(Stream s, long time, long id, Sink.Stop how, int reason, int stack)
            throws IOException {
        if (s.running != id) {
            if (s.running != 0) {
                stopLost(s, time);
            }
            if (gs.containsKey(id)) {
                madeUp++;
                start(s, time, id, -1, Event.LABELS_FOLLOW);
            } else {
                gs.put(id, new G(Sink.State.RUNNING, s.p));
                s.running = id;
                s.started = time;
                sink.appear(s.p, time, id, Sink.State.RUNNING);
            }
        }
        G g = gs.get(id);
        long t = g == null ? time : together(s, g, time);
        sink.stop(s.p, t, id, how, reason, stack);
        s.running = 0;
        if (how == Sink.Stop.END) {
            gs.remove(id);
        } else if (g != null) {
            boolean parked = how == Sink.Stop.BLOCK;
            g.state = parked ? Sink.State.WAITING : Sink.State.RUNNABLE;
        }
    }

    private void ready(Stream s, long time, long id, int slice) throws IOException {
        G g = gs.get(id);
        if (g != null && ahead(slice, g) < 0) {
            return;
        }
        if (g == null) {
            g = new G(Sink.State.WAITING, 0);
            gs.put(id, g);
            sink.appear(s.p, time, id, Sink.State.WAITING);
        } else if (g.state == Sink.State.RUNNING) {
            stopElsewhere(g, time);
            return; // it is runnable now
        } else if (g.state == Sink.State.RUNNABLE) {
            return;
        }
        g.state = Sink.State.RUNNABLE;
        sink.ready(s.p, together(s, g, time), id);
    }

    private void stopElsewhere(G g, long time) throws IOException {
        Stream other = streams.get(g.p);
        if (other != null && other.running != 0) {
            other.last = Math.max(other.last, time);
            stopLost(other, other.last);
        }
    }

    private void stopLost(Stream s, long time) throws IOException {
        goesOn(s, time);
        // It may have stopped before the first event that was read: then none was lost.
        boolean before = s.before == s.running;
        s.before = 0;
        madeUp += before ? 0 : 1;
        @Nullable G g = gs.get(s.running);
        if (g != null) {
            g.state = before ? Sink.State.WAITING : Sink.State.RUNNABLE;
        }
        sink.stop(s.p, time, s.running, before ? Sink.Stop.BLOCK : Sink.Stop.LOST, -1, 0);
        s.running = 0;
    }
}
