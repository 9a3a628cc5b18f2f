package dev.jenny.inspect.internal.jfr;

import dev.jenny.inspect.Metric.Histogram;
import dev.jenny.inspect.internal.Threads;
import dev.jenny.inspect.internal.jfr.GoroutineEvents.ChanOp;
import dev.jenny.inspect.internal.jfr.GoroutineEvents.End;
import dev.jenny.inspect.internal.jfr.GoroutineEvents.Log;
import dev.jenny.inspect.internal.jfr.GoroutineEvents.Park;
import dev.jenny.inspect.internal.jfr.GoroutineEvents.ProcStart;
import dev.jenny.inspect.internal.jfr.GoroutineEvents.ProcStop;
import dev.jenny.inspect.internal.jfr.GoroutineEvents.Region;
import dev.jenny.inspect.internal.jfr.GoroutineEvents.SchedStats;
import dev.jenny.inspect.internal.jfr.GoroutineEvents.Stall;
import dev.jenny.inspect.internal.jfr.GoroutineEvents.Start;
import dev.jenny.inspect.internal.jfr.GoroutineEvents.Steal;
import dev.jenny.inspect.internal.jfr.GoroutineEvents.Task;
import dev.jenny.inspect.internal.metrics.JvmMetrics;
import dev.jenny.inspect.internal.metrics.SchedMetrics;
import dev.jenny.inspect.internal.trace.Channels;
import dev.jenny.inspect.internal.trace.Sink.ChannelOp;
import dev.jenny.inspect.internal.trace.Sink.ChannelState;
import dev.jenny.internal.event.Batch;
import dev.jenny.internal.event.ChannelOps;
import dev.jenny.internal.event.Cursor;
import dev.jenny.internal.event.Event;
import dev.jenny.internal.event.Recorder;
import dev.jenny.internal.event.Stacks;
import dev.jenny.internal.sched.Probe;
import dev.jenny.internal.sched.WaitReason;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import jdk.jfr.EventType;
import jdk.jfr.FlightRecorder;
import jdk.jfr.FlightRecorderListener;
import jdk.jfr.Recording;
import org.jspecify.annotations.Nullable;

/**
 * Copies what the scheduler records into the flight recorder, while a recording asks for it.
 *
 * <p>Goroutines do not know of it: the scheduler's own recording is switched on, and one thread
 * reads it every {@value #INTERVAL} ms. So the cost is that of tracing while one of the events is
 * enabled, and nothing otherwise.
 */
public final class JfrBridge {
    private static final long INTERVAL = 50; // ms
    private static final long RING = 4 << 20;

    /** Events of other Ps that come so late are still put into their right places. */
    private static final long HOLD_NANOS = 5_000_000;

    private static final int MAX_PARKED = 100_000;
    private static final List<Class<? extends jdk.jfr.Event>> SINGLE =
            List.of(
                    Start.class,
                    End.class,
                    Park.class,
                    Stall.class,
                    Steal.class,
                    ProcStart.class,
                    ProcStop.class,
                    Task.class,
                    Region.class,
                    Log.class,
                    ChanOp.class);

    private static boolean installed; // guarded by the class
    private static @Nullable Thread reader; // guarded by the class
    private static @Nullable ChannelOps channels; // guarded by the class
    private static int channelsOneIn; // guarded by the class
    private static volatile long lost;

    private record Wait(long since, int reason, int stack) {}

    private final Map<Long, Wait> parked = new HashMap<>();
    private final Map<Integer, Long> running; // by P
    private final UserEvents user = new UserEvents(this::millis);
    private List<Place> later = List.of(); // others may have to go before them
    private final long epoch; // what to add to a time for milliseconds since 1970, in nanoseconds
    private boolean starts;
    private boolean ends;
    private boolean parks;
    private boolean stalls;
    private boolean steals;
    private boolean procStarts;
    private boolean procStops;
    private boolean chanOps;

    private JfrBridge(long epoch, Map<Integer, Long> running) {
        this.epoch = epoch;
        this.running = running;
    }

    /** Makes the events known to the flight recorder. The second time does nothing. */
    public static synchronized void install() {
        if (installed || !FlightRecorder.isAvailable()) {
            return;
        }
        installed = true;
        SINGLE.forEach(FlightRecorder::register);
        FlightRecorder.addPeriodicEvent(SchedStats.class, JfrBridge::stats);
        FlightRecorder.addListener(
                new FlightRecorderListener() {
                    @Override
                    public void recordingStateChanged(Recording recording) {
                        update();
                    }
                });
        update();
    }

    /** True if some recording wants events of single goroutines. */
    private static boolean wanted() {
        for (Class<? extends jdk.jfr.Event> type : SINGLE) {
            if (isEnabled(type)) {
                return true;
            }
        }
        return false;
    }

    /** Starts and stops the reader. Called when recordings start and end. */
    private static synchronized void update() {
        updateChannels();
        boolean wanted = wanted();
        Thread old = reader;
        if (!wanted && old != null) {
            old.interrupt();
            reader = null;
        }
        if (wanted && old == null) { // else it goes on: it knows who waits
            Recorder recorder = Recorder.start(RING);
            try {
                reader = startReader(recorder);
            } finally {
                if (reader == null) {
                    recorder.close(); // there is no memory, or no thread
                }
            }
        }
    }

    private static Thread startReader(Recorder recorder) {
        Map<Integer, Long> running = running();
        Cursor cursor = recorder.cursor();
        long epoch = System.currentTimeMillis() * 1_000_000 - System.nanoTime();
        JfrBridge bridge = new JfrBridge(epoch, running);
        Thread t = Threads.daemon("jenny-inspect-jfr-events", () -> bridge.read(recorder, cursor));
        t.start();
        return t;
    }

    /** Has operations on channels recorded while some recording wants them. */
    private static synchronized void updateChannels() {
        int oneIn = isEnabled(ChanOp.class) ? OneIn.current() : 0;
        if (oneIn != channelsOneIn) {
            ChannelOps before = channels;
            channels = oneIn == 0 ? null : ChannelOps.record(oneIn);
            channelsOneIn = oneIn;
            if (before != null) {
                before.close();
            }
        }
    }

    /** Who has begun to run before the recording may do something in it. */
    private static Map<Integer, Long> running() {
        Map<Integer, Long> running = new HashMap<>();
        for (Probe.PView p : Probe.ps()) {
            Probe.Running g = Probe.running(p.id());
            if (g != null) {
                running.put(p.id(), g.id());
            }
        }
        return running;
    }

    private void read(Recorder recorder, Cursor cursor) {
        try (recorder) {
            boolean interrupted = false;
            while (!interrupted) {
                try {
                    Thread.sleep(INTERVAL);
                } catch (InterruptedException e) {
                    interrupted = true; // what has happened up to now is still copied
                }
                try {
                    if (!interrupted) {
                        look();
                        updateChannels();
                    }
                    long until = interrupted ? Long.MAX_VALUE : System.nanoTime() - HOLD_NANOS;
                    copy(cursor.read(), until);
                    lost = cursor.dropped();
                } catch (OutOfMemoryError e) {
                    // the program's heap is full: these events are lost, later ones need not be
                }
            }
        }
    }

    /** Which of the events some recording wants now. */
    private void look() {
        starts = isEnabled(Start.class);
        ends = isEnabled(End.class);
        parks = isEnabled(Park.class);
        if (!parks) {
            parked.clear(); // they may go on unseen
        }
        stalls = isEnabled(Stall.class);
        steals = isEnabled(Steal.class);
        procStarts = isEnabled(ProcStart.class);
        procStops = isEnabled(ProcStop.class);
        chanOps = isEnabled(ChanOp.class);
        user.want(isEnabled(Task.class), isEnabled(Region.class), isEnabled(Log.class));
    }

    private static boolean isEnabled(Class<? extends jdk.jfr.Event> type) {
        return EventType.getEventType(type).isEnabled();
    }

    private record Place(Batch batch, int index) {
        long time() {
            return batch.time(index);
        }
    }

    /**
     * Copies what is new.
     *
     * @param until what happened later is kept for the next call, if the order matters: what came
     *     before it on another P may not have been read yet
     */
    private void copy(List<Batch> batches, long until) {
        if (!parks && !user.needsOrder() && later.isEmpty()) {
            for (Batch b : batches) {
                for (int i = 0; i < b.size(); i++) {
                    copy(b, i);
                }
            }
            return;
        }
        // A goroutine parks on one P and starts on another: in the order of time.
        List<Place> places = new ArrayList<>(later);
        for (Batch b : batches) {
            for (int i = 0; i < b.size(); i++) {
                places.add(new Place(b, i));
            }
        }
        places.sort(Comparator.comparingLong(Place::time));
        later = new ArrayList<>();
        for (Place p : places) {
            if (p.time() <= until) {
                copy(p.batch, p.index);
            } else {
                later.add(p);
            }
        }
    }

    private void copy(Batch b, int i) {
        switch (b.type(i)) {
            case Event.CREATE -> {
                if (starts) {
                    Start e = new Start();
                    fill(e, b, i);
                    e.site = top(b.aux(i));
                    e.commit();
                }
            }
            case Event.START -> {
                running.put(b.p(), b.id(i));
                if (parks) {
                    started(b, i);
                }
            }
            case Event.YIELD -> running.remove(b.p());
            case Event.BLOCK -> {
                running.remove(b.p());
                if (parks && parked.size() < MAX_PARKED) {
                    parked.put(b.id(i), new Wait(b.time(i), b.extra(i), b.aux(i)));
                }
            }
            case Event.END -> {
                running.remove(b.p());
                user.copy(b, i, b.id(i));
                if (ends) {
                    End e = new End();
                    fill(e, b, i);
                    e.commit();
                }
            }
            case Event.STEAL -> {
                if (steals) {
                    Steal e = new Steal();
                    e.time = millis(b.time(i));
                    e.thief = b.p();
                    e.victim = (int) b.id(i);
                    e.count = b.aux(i);
                    e.commit();
                }
            }
            case Event.STALL -> {
                if (stalls) {
                    Stall e = new Stall();
                    e.time = millis(b.time(i));
                    e.p = (int) b.id(i);
                    e.goroutine = running.getOrDefault(e.p, 0L);
                    e.burns = Event.burns(b.aux(i));
                    e.commit();
                }
            }
            case Event.BUSY -> {
                if (procStarts) {
                    ProcStart e = new ProcStart();
                    e.time = millis(b.time(i));
                    e.p = b.p();
                    e.commit();
                }
            }
            case Event.IDLE -> {
                if (procStops) {
                    ProcStop e = new ProcStop();
                    e.time = millis(b.time(i));
                    e.p = b.p();
                    e.commit();
                }
            }
            case Event.CHAN_SEND -> channel(ChannelOp.SEND, b, i);
            case Event.CHAN_RECV -> channel(ChannelOp.RECEIVE, b, i);
            case Event.CHAN_CLOSE -> channel(ChannelOp.CLOSE, b, i);
            default -> user.copy(b, i, running.getOrDefault(b.p(), 0L));
        }
    }

    private void channel(ChannelOp op, Batch b, int i) {
        ChannelState state = chanOps ? Channels.after(b, i) : null;
        if (state == null) {
            return;
        }
        ChanOp e = new ChanOp();
        e.time = millis(b.time(i));
        e.goroutine = running.getOrDefault(b.p(), 0L);
        e.operation = op.text();
        e.channel = state.name();
        e.length = state.len();
        e.capacity = state.cap();
        e.passed = state.passed();
        e.commit();
    }

    private void started(Batch b, int i) {
        Wait wait = parked.remove(b.id(i));
        if (wait == null) {
            return;
        }
        Park e = new Park();
        e.waited = b.time(i) - wait.since;
        fill(e, b, i);
        e.reason = wait.reason == 0 ? "JDK code" : WaitReason.of(wait.reason - 1).text();
        e.where = top(wait.stack);
        e.commit();
    }

    private void fill(GoroutineEvents.Single e, Batch b, int i) {
        e.time = millis(b.time(i));
        e.goroutine = b.id(i);
    }

    private long millis(long nanos) {
        return (nanos + epoch) / 1_000_000;
    }

    private static String top(int stack) {
        List<StackTraceElement> frames = Stacks.frames(stack);
        return frames.isEmpty() ? "" : frames.getFirst().toString();
    }

    private static void stats() {
        SchedStats e = new SchedStats();
        e.gomaxprocs = (int) SchedMetrics.gomaxprocs();
        e.goroutines = SchedMetrics.goroutines();
        e.created = SchedMetrics.created();
        e.runnable = SchedMetrics.runnable();
        e.running = SchedMetrics.running();
        e.waiting = SchedMetrics.waiting();
        e.globalQueue = SchedMetrics.globalQueue();
        e.idlePs = SchedMetrics.idleProcs();
        e.spinningPs = SchedMetrics.spinningProcs();
        e.steals = SchedMetrics.steals();
        e.yields = SchedMetrics.yields();
        e.wakeups = SchedMetrics.wakeups();
        e.burnt = SchedMetrics.burnt();
        e.blocked = SchedMetrics.blocked();
        Histogram latencies = SchedMetrics.latencies();
        e.latencyP50 = (long) (latencies.quantile(0.5) * 1e9);
        e.latencyP99 = (long) (latencies.quantile(0.99) * 1e9);
        e.lost = lost;
        e.heapUsed = JvmMetrics.heapUsed();
        e.commit();
    }
}
