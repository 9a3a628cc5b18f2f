package dev.jenny.inspect.internal.web;

import dev.jenny.GoRuntime;
import dev.jenny.inspect.internal.metrics.Drops;
import dev.jenny.inspect.internal.pause.Pauses;
import dev.jenny.internal.event.Batch;
import dev.jenny.internal.event.Recorder;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The flight recorder as the dashboard uses it: on while that costs little, so that it has what led
 * to something, or while somebody wants it. Any thread may call.
 */
final class Recording {
    private static final long DEFAULT = 8 << 20;
    private static final @Nullable Integer SET = Integer.getInteger("jenny.traceMegabytes");

    /** For each P: half a million events, if not set otherwise and the heap is not small. */
    private static final long BYTES_PER_P =
            SET == null ? DEFAULT : (long) Math.clamp(SET, 1, 512) << 20;

    /**
     * Recording costs 60 to 120 ns a switch. At so many switches a second that is 1.5 to 3 % of one
     * core; beyond it nothing is recorded unless somebody asks for it.
     */
    static final double BUSY = 250_000;

    /**
     * What the rings may take of the heap, if it is not set: one part of so many. Who looks at them
     * takes as much again for a copy, and twice as much for what is made of it.
     */
    private static final int SMALL_PART = 32;

    /** {@code -Djenny.record=watched}: nothing is recorded while nobody watches. */
    private static final boolean WATCHED_ONLY =
            "watched".equals(System.getProperty("jenny.record"));

    /** With fewer seconds than this there may be nothing to see. */
    private static final long LEAST = 2;

    private static @Nullable Recorder recorder; // guarded by the class

    /** There is one as long as that; guarded by the class. */
    private static Pauses.@Nullable Keeper pauses;

    private static long wantedUntil = System.nanoTime(); // guarded by the class
    private static boolean busy; // guarded by the class
    private static final AtomicLong DROPPED = new AtomicLong();
    private static final ReentrantLock READING = new ReentrantLock();

    private Recording() {}

    /**
     * Records for the next {@code seconds}, however much there is to record.
     *
     * @return since when it has been recorded, on the scale of {@link System#nanoTime}
     */
    static synchronized long want(long seconds) {
        long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds + 1);
        if (until - wantedUntil > 0) {
            wantedUntil = until;
        }
        return begin().since();
    }

    /**
     * What happened in the last {@code seconds}. If nothing has been recorded so far, it has yet to
     * happen: waits for all of it. If a recording, whoever makes it, has only just begun, waits for
     * the rest of its first {@link #LEAST} seconds; of an older one there is something to show at
     * once.
     */
    static <T> T last(long seconds, Function<List<Batch>, T> use) throws InterruptedException {
        try (Recorder recorder = waitFor(seconds)) {
            return read(recorder, use);
        }
    }

    /** Waits as {@link #last} does, for who reads and closes it then. */
    static Recorder waitFor(long seconds) throws InterruptedException {
        try (Recorder before = Recorder.join()) {
            // A recording of its own: the others may end while this waits.
            Recorder own = Recorder.start(bytesPerP());
            try {
                want(seconds);
                long since = (before != null ? before : own).since();
                long wait = before != null ? Math.min(seconds, LEAST) : seconds;
                long complete = since + TimeUnit.SECONDS.toNanos(wait);
                TimeUnit.NANOSECONDS.sleep(complete - System.nanoTime()); // not if that is past
                return own;
            } catch (InterruptedException | RuntimeException | Error e) {
                own.close();
                throw e;
            }
        }
    }

    /**
     * Records if that costs little.
     *
     * @param switches how often the Ps went to another goroutine in the last second
     */
    static synchronized void watched(double switches) {
        // Below half of it, so that recording, which slows a busy program, does not go on and off.
        busy = switches > (busy ? BUSY / 2 : BUSY);
        if (!busy) {
            begin();
        } else if (System.nanoTime() - wantedUntil > 0) {
            end();
        }
    }

    /** Nobody watches: records if that costs little memory, too. */
    static synchronized void unwatched(double switches) {
        if (isSmall(GoRuntime.gomaxprocs(), Runtime.getRuntime().maxMemory())) {
            watched(switches);
            return;
        }
        busy = false;
        if (System.nanoTime() - wantedUntil > 0) {
            end();
        }
    }

    static boolean isSmall(int ps, long heap) {
        return !WATCHED_ONLY && ps * BYTES_PER_P <= heap / SMALL_PART;
    }

    private static long bytesPerP() {
        return SET != null
                ? BYTES_PER_P
                : bytesPerP(GoRuntime.gomaxprocs(), Runtime.getRuntime().maxMemory());
    }

    /** How large each P's ring is, unless it is set; a recorder rounds that down. */
    static long bytesPerP(int ps, long heap) {
        return Math.min(DEFAULT, heap / SMALL_PART / ps);
    }

    /**
     * Whether events are recorded: {@code on}, {@code off}, or {@code busy} if not for the cost.
     */
    static synchronized String state() {
        return recorder != null ? "on" : busy ? "busy" : "off";
    }

    private static synchronized Recorder begin() {
        Recorder r = recorder;
        if (r == null) {
            r = Recorder.start(bytesPerP());
            recorder = r;
            pauses = Pauses.keep();
        }
        return r;
    }

    /** Ends, whoever wanted it. */
    static synchronized void stop() {
        wantedUntil = System.nanoTime();
        end();
    }

    private static synchronized void end() {
        Recorder r = recorder;
        recorder = null;
        if (r != null) {
            r.close();
        }
        Pauses.Keeper p = pauses;
        pauses = null;
        if (p != null) {
            p.close();
        }
    }

    /** What is in the rings, at the oldest from the beginning of this recording. */
    static <T> T snapshot(Function<List<Batch>, T> use) {
        Recorder r;
        synchronized (Recording.class) {
            r = recorder;
        }
        return read(r, use);
    }

    /**
     * What is in the rings, whoever records: the dashboard, a flight recorder, a trace. Nothing if
     * nobody does.
     */
    static <T> T past(Function<List<Batch>, T> use) {
        try (Recorder r = Recorder.join()) {
            return read(r, use);
        }
    }

    /** For one at a time: what is read is a copy of all rings. */
    static <T> T read(@Nullable Recorder r, Function<List<Batch>, T> use) {
        if (r == null) {
            return use.apply(List.of());
        }
        READING.lock();
        try {
            return use.apply(snapshot(r));
        } finally {
            READING.unlock();
        }
    }

    private static List<Batch> snapshot(Recorder r) {
        List<Batch> batches = r.snapshot();
        long lost = 0;
        for (Batch b : batches) {
            if (b.p() == Batch.OUTSIDE) {
                lost += b.dropped();
            }
        }
        DROPPED.addAndGet(lost);
        Drops.addEvents(lost);
        return batches;
    }

    /** How many events of threads without a P were lost because they came too fast. */
    static long dropped() {
        return DROPPED.get();
    }
}
