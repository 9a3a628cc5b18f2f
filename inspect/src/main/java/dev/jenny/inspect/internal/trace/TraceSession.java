package dev.jenny.inspect.internal.trace;

import dev.jenny.GoRuntime;
import dev.jenny.inspect.Trace;
import dev.jenny.inspect.internal.Threads;
import dev.jenny.inspect.internal.pause.Pause;
import dev.jenny.inspect.internal.pause.PauseRecording;
import dev.jenny.inspect.internal.pause.PauseSource;
import dev.jenny.inspect.internal.pause.Pauses;
import dev.jenny.internal.event.Batch;
import dev.jenny.internal.event.ChannelOps;
import dev.jenny.internal.event.Cursor;
import dev.jenny.internal.event.Recorder;
import dev.jenny.internal.sched.Probe;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A trace that is being taken: a recording, and a thread that reads the rings every few
 * milliseconds, puts the events in order and writes them.
 */
public final class TraceSession {
    private static final long RING_BYTES = 8L << 20;
    private static final long POLL_MILLIS = 5;

    /** Events of other Ps that are this late are still put into their right places. */
    private static final long HOLD_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

    private final Recorder recorder;
    private final Cursor cursor;
    private final Replay replay;
    private final Sink writer;
    private final PauseRecording pauses;
    private final Pauses.Keeper keeper;
    private final IOException outOfMemory =
            new IOException("the trace is cut off: there was no memory to go on");
    private final CountDownLatch stop = new CountDownLatch(1);
    private final Thread thread;
    private @Nullable ChannelOps channels; // guarded by this
    private boolean over; // guarded by this
    private volatile @Nullable IOException failure;
    private volatile long events;
    private volatile long dropped;

    private TraceSession(
            OutputStream out, Trace.Format format, PauseRecording pauses, Pauses.Keeper keeper)
            throws IOException {
        this.pauses = pauses;
        this.keeper = keeper;
        Recorder r = null;
        Cursor c = null;
        try {
            writer = sink(out, format, pauses);
            replay = new Replay(writer);
            writer.procs(0, System.nanoTime(), GoRuntime.gomaxprocs());
            thread = Threads.daemon("jenny-trace", this::run);
            r = Recorder.start(RING_BYTES);
            appear();
            c = r.cursor();
        } finally {
            if (c == null && r != null) { // there is no memory, say
                r.stop();
            }
        }
        recorder = r;
        cursor = c;
    }

    /** Who has begun to run before the recording may never stop in it. */
    private void appear() throws IOException {
        for (Probe.PView p : Probe.ps()) {
            Probe.Running g = Probe.running(p.id());
            if (g != null) {
                replay.running(p.id(), System.nanoTime(), g.id());
            }
        }
    }

    /** Begins a trace into {@code out}. */
    public static TraceSession start(OutputStream out, Trace.Format format) throws IOException {
        Pauses.Keeper keeper = Pauses.keep();
        PauseRecording pauses = null;
        TraceSession s = null;
        boolean started = false;
        try {
            pauses = PauseRecording.start();
            s = new TraceSession(out, format, pauses, keeper);
            s.thread.start();
            started = true;
        } finally {
            if (!started) { // there is no memory, or there are no more threads
                close(s, pauses, keeper);
            }
        }
        return s;
    }

    private static void close(
            @Nullable TraceSession s, @Nullable PauseRecording pauses, Pauses.Keeper keeper) {
        if (s != null) {
            s.recorder.stop();
        }
        if (pauses != null) {
            pauses.close();
        }
        keeper.close();
    }

    /**
     * Writes events that have been recorded, from {@code since} on, as a trace of their own, with
     * the pauses of that time that are known.
     */
    public static void write(List<Batch> batches, long since, OutputStream out, Trace.Format format)
            throws IOException {
        try (Sink sink = sink(out, format, PauseSource.NONE)) {
            Replay replay = new Replay(sink);
            sink.procs(0, since, GoRuntime.gomaxprocs());
            for (Pause p : Pauses.seen()) {
                if (p.begin() - since >= 0) {
                    sink.pause(p);
                }
            }
            replay.add(batches, since);
            replay.finish();
        }
    }

    /**
     * Writes a trace with events of every kind to nowhere: afterwards all classes that writing
     * takes are loaded and initialized.
     */
    public static void rehearse(Trace.Format format) throws IOException {
        long t = System.nanoTime();
        try (Sink sink = sink(OutputStream.nullOutputStream(), format, PauseSource.NONE)) {
            sink.procs(0, t, 2);
            sink.proc(0, t, true);
            sink.appear(0, t, 2, Sink.State.RUNNABLE);
            sink.appear(0, t, 3, Sink.State.WAITING);
            sink.appear(1, t, 4, Sink.State.RUNNING);
            sink.create(1, t, 5, Names.NONE);
            sink.start(0, t, 2);
            sink.labels(0, t, 2, Map.of("rehearsal", "1"));
            sink.taskBegin(0, t, 1, 0, "rehearsal");
            sink.region(0, t, 1, "rehearsal", true);
            sink.log(0, t, 1, "rehearsal", "");
            sink.channel(0, t, Sink.ChannelOp.SEND, new Sink.ChannelState(1, 1, 1, 1));
            sink.region(0, t, 1, "rehearsal", false);
            sink.taskEnd(0, t, 1);
            sink.ready(0, t, 3);
            sink.blocked(0, t, t, Names.NONE);
            sink.blockedEnd(0, t);
            sink.stop(0, t, 2, Sink.Stop.BLOCK, 0, Names.NONE);
            sink.start(0, t, 3);
            sink.burns(0, t);
            sink.stop(0, t, 3, Sink.Stop.YIELD, -1, Names.NONE);
            sink.stop(1, t, 4, Sink.Stop.END, -1, Names.NONE);
            sink.steal(1, t, 0, 1);
            sink.pause(new Pause(t, t, true, "rehearsal"));
            sink.dropped(0, t, 1);
        }
    }

    private static Sink sink(OutputStream out, Trace.Format format, PauseSource pauses)
            throws IOException {
        return format == Trace.Format.PERFETTO
                ? new PerfettoWriter(out)
                : new GoTraceWriter(out, pauses);
    }

    /**
     * From now on one in {@code oneIn} operations on channels is in the trace.
     *
     * @throws IllegalArgumentException if that is not 1 to {@link ChannelOps#MAX}
     */
    public synchronized void channels(int oneIn) {
        ChannelOps wish = ChannelOps.record(oneIn);
        endChannels();
        channels = wish;
        if (over) {
            endChannels();
        }
    }

    private void endChannels() {
        ChannelOps wish = channels;
        channels = null;
        if (wish != null) {
            wish.close();
        }
    }

    private synchronized void over() {
        over = true;
        endChannels();
    }

    /** Ends the trace. */
    public void stop() throws IOException {
        stop.countDown();
        Threads.join(thread); // the file is completed, interrupted or not
        IOException f = failure;
        if (f != null) {
            throw f;
        }
    }

    /** How many events have been written. */
    public long events() {
        return events;
    }

    /** How many were lost. */
    public long dropped() {
        return dropped;
    }

    private void run() {
        try (recorder;
                keeper;
                pauses;
                writer) {
            boolean last;
            do {
                last = stop.await(POLL_MILLIS, TimeUnit.MILLISECONDS);
                long now = System.nanoTime();
                replay.add(cursor.read());
                replay.advance(now - HOLD_NANOS, now - Replay.PATIENCE_NANOS);
                events = replay.events();
                dropped = cursor.dropped();
            } while (!last);
            replay.finish();
            for (Pause p : pauses.end()) {
                writer.pause(p);
            }
            events = replay.events();
        } catch (IOException e) {
            failure = e;
        } catch (InterruptedException e) {
            failure = new IOException("the thread that writes the trace was interrupted", e);
        } catch (OutOfMemoryError e) {
            failure = outOfMemory;
        } catch (RuntimeException | Error e) {
            failure = new IOException("the trace is cut off: " + e, e);
        } finally {
            over();
        }
    }
}
