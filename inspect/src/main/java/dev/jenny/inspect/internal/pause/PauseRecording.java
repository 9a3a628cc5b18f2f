package dev.jenny.inspect.internal.pause;

import dev.jenny.inspect.internal.Failures;
import dev.jenny.inspect.internal.Threads;
import dev.jenny.inspect.internal.jfr.JfrClock;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import jdk.jfr.FlightRecorder;
import jdk.jfr.Recording;
import jdk.jfr.RecordingState;
import jdk.jfr.consumer.RecordingFile;
import org.jspecify.annotations.Nullable;

/**
 * The pauses while something is recorded, each whole and exact: of the JDK's flight recorder once
 * that runs, which takes a second the first time, and before as the beans tell of collections. A
 * recording, and no stream of it: that would tell them a second late, and a trace is written at
 * once. All methods may be called by any thread.
 */
public final class PauseRecording implements PauseSource, AutoCloseable {
    private static final Duration MARKS = Duration.ofMillis(500);

    /** Of other recordings, that is, whose events lie in between. */
    private static final long MAX_BYTES = 64 << 20;

    /** Reading takes some ten milliseconds; more often it would be felt. */
    private static final long INTERVAL = TimeUnit.SECONDS.toNanos(2);

    /** While somebody else records: each reading ends a chunk of that, too. */
    private static final long LONG_INTERVAL = TimeUnit.SECONDS.toNanos(10);

    static final String NAME = "jenny pauses";

    private static final TempFiles FILES = new TempFiles();

    private static final long PATIENCE = TimeUnit.SECONDS.toNanos(2);

    private final BeanPauses beans = new BeanPauses();
    private final List<Pause> early = new ArrayList<>(); // guarded by this
    private final List<Path> files = new ArrayList<>(); // two, used in turn; guarded by this
    private @Nullable SafepointEvents events; // guarded by this
    private @Nullable Piece piece; // that is being recorded; guarded by this
    private boolean closed; // guarded by this
    private long from; // since when it records, if it does; guarded by this
    private volatile boolean beginning = true;
    private volatile boolean ready; // to be read without delay
    private volatile long next = System.nanoTime(); // when to read it again
    private final Queue<Pause> rough = new ConcurrentLinkedQueue<>(); // that were told so

    private PauseRecording() {}

    /** Begins; the flight recorder is started by a thread that this starts. */
    public static PauseRecording start() {
        PauseRecording p = new PauseRecording();
        boolean started = false;
        try {
            Threads.daemon("jenny-pauses", p::begin).start();
            started = true;
        } finally {
            if (!started) {
                p.close(); // there are no more threads
            }
        }
        return p;
    }

    private void begin() {
        if (FlightRecorder.isAvailable()) {
            record();
        }
        beginning = false;
    }

    private void record() {
        List<Path> made = new ArrayList<>(2);
        Piece first = null;
        boolean taken = false;
        try {
            made.add(FILES.create());
            made.add(FILES.create());
            SafepointEvents reader = new SafepointEvents(); // the first registers event types
            first = new Piece(made.getFirst());
            taken = adopt(first, made, reader);
            // Reads it once for nothing, so that the classes for that are loaded when it counts.
            synchronized (this) {
                early.addAll(read(false));
            }
            ready = taken;
        } catch (IOException | RuntimeException | Error e) {
            failed(e);
        } finally {
            if (!taken) {
                if (first != null) {
                    first.end();
                }
                made.forEach(FILES::delete);
            }
        }
    }

    /** False if it has been closed meanwhile: then the caller is to clear up. */
    private synchronized boolean adopt(Piece first, List<Path> made, SafepointEvents reader) {
        if (closed) {
            return false;
        }
        files.addAll(made);
        events = reader;
        piece = first;
        from = System.nanoTime();
        return true;
    }

    /**
     * What is recorded goes to a file when that ends, whoever ends it: as the program does, the
     * recorder's own hook may be the first to.
     */
    private static final class Piece {
        final Recording recording = new Recording();
        final Path file;

        Piece(Path file) throws IOException {
            this.file = file;
            boolean started = false;
            try {
                recording.setName(NAME);
                recording.setMaxSize(MAX_BYTES);
                recording.setDestination(file);
                SafepointEvents.enable(recording::enable, MARKS);
                recording.start();
                JfrClock.mark();
                started = true;
            } finally {
                if (!started) {
                    recording.close();
                }
            }
        }

        /** Ends it; false if the file is not complete, for the disk is full, say. */
        boolean end() {
            try {
                recording.stop(); // closes it if the file has been written
            } catch (IllegalStateException e) {
                await(); // somebody else is at it, or has been
            }
            boolean complete = recording.getState() == RecordingState.CLOSED;
            recording.close();
            return complete;
        }

        private void await() {
            long patience = System.nanoTime() + PATIENCE;
            while (recording.getState() != RecordingState.CLOSED
                    && System.nanoTime() - patience < 0) {
                LockSupport.parkNanos(1_000_000);
            }
        }
    }

    /** Whether only the beans tell of pauses so far. */
    boolean isRough() {
        return !ready;
    }

    @Override
    public boolean isDue() {
        return !ready || System.nanoTime() - next >= 0;
    }

    @Override
    public List<Pause> take() {
        boolean maybe = beginning; // first: after that it does not become ready
        if (ready) {
            return all(false);
        }
        List<Pause> told = beans.take();
        if (maybe) {
            rough.addAll(told);
        }
        return told;
    }

    /** As {@link #take}, for the last time. */
    public synchronized List<Pause> end() {
        List<Pause> last = all(true);
        close();
        return last;
    }

    private synchronized List<Pause> all(boolean isLast) {
        if (closed) {
            return List.of();
        }
        boolean isExact = piece != null;
        List<Pause> exact = new ArrayList<>(early);
        early.clear();
        try {
            exact.addAll(read(isLast));
        } catch (IOException | RuntimeException e) {
            failed(e);
            isExact = false;
        }
        Pauses.removeTold(exact, rough);
        rough.clear();
        long since = isExact ? from : Long.MAX_VALUE;
        return Pauses.merge(exact, List.of(new Pauses.Span(since, Long.MAX_VALUE)), beans.take());
    }

    /** What this piece has; the next begins before it ends, so that nothing is missed. */
    private synchronized List<Pause> read(boolean isLast) throws IOException {
        Piece old = piece;
        SafepointEvents reader = events;
        if (old == null || reader == null) {
            return List.of();
        }
        piece = null;
        boolean complete;
        try {
            if (!isLast) {
                piece = new Piece(files.get(old.file.equals(files.getFirst()) ? 1 : 0));
            }
        } finally {
            complete = old.end();
        }
        if (!complete) {
            throw new IOException("the JDK's flight recorder did not write " + old.file);
        }
        try (RecordingFile all = new RecordingFile(old.file)) {
            while (all.hasMoreEvents()) {
                reader.accept(all.readEvent());
            }
        }
        next = System.nanoTime() + interval(FlightRecorder.getFlightRecorder().getRecordings());
        return reader.take();
    }

    static long interval(List<Recording> all) {
        boolean isAlone =
                all.stream()
                        .filter(r -> r.getState() == RecordingState.RUNNING)
                        .allMatch(r -> r.getName().equals(NAME));
        return isAlone ? INTERVAL : LONG_INTERVAL;
    }

    /** What the beans tell is still told. */
    private synchronized void failed(Throwable e) {
        stop();
        delete();
        Failures.tell("pauses other than the collector's are not told", e);
    }

    private synchronized void stop() {
        Piece p = piece;
        piece = null;
        if (p != null) {
            p.end();
        }
    }

    private synchronized void delete() {
        files.forEach(FILES::delete);
        files.clear();
    }

    @Override
    public synchronized void close() {
        closed = true;
        beans.close();
        stop();
        delete();
    }
}
