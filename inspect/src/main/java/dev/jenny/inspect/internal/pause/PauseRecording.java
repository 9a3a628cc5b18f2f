package dev.jenny.inspect.internal.pause;

import dev.jenny.inspect.internal.Failures;
import dev.jenny.inspect.internal.Threads;
import dev.jenny.inspect.internal.jfr.JfrClock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
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
public final class PauseRecording implements AutoCloseable {
    private static final Duration MARKS = Duration.ofMillis(500);

    /** Of other recordings, that is, whose events lie in between. */
    private static final long MAX_BYTES = 64 << 20;

    /** Reading takes some ten milliseconds; more often it would be felt. */
    private static final long INTERVAL = TimeUnit.SECONDS.toNanos(2);

    private static final long PATIENCE = TimeUnit.SECONDS.toNanos(2);

    private final BeanPauses beans = new BeanPauses();
    private final SafepointEvents events = new SafepointEvents(); // guarded by this
    private final List<Pause> early = new ArrayList<>(); // guarded by this
    private final List<Path> files = new ArrayList<>(); // two, used in turn; guarded by this
    private @Nullable Piece piece; // that is being recorded; guarded by this
    private boolean closed; // guarded by this
    private long from; // since when it records, if it does; guarded by this
    private volatile boolean ready; // to be read without delay
    private volatile long next = System.nanoTime(); // when to read it again
    private volatile long rough = Long.MIN_VALUE; // until when only the beans were asked

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
        if (!FlightRecorder.isAvailable()) {
            return;
        }
        try {
            Piece first = new Piece(temporary());
            Path second = temporary();
            synchronized (this) {
                files.add(first.file);
                files.add(second);
                if (closed) {
                    first.end();
                    delete();
                    return;
                }
                piece = first;
                from = System.nanoTime();
            }
            // Reads it once for nothing, so that the classes for that are loaded when it counts.
            synchronized (this) {
                early.addAll(read(false));
            }
            ready = true;
        } catch (IOException | RuntimeException e) {
            failed(e);
        }
    }

    private static Path temporary() throws IOException {
        Path file = Files.createTempFile("jenny-", ".jfr");
        file.toFile().deleteOnExit(); // the program may end before the trace does
        return file;
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
                recording.setName("jenny pauses");
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

        /** Ends it, and waits until the file is complete. */
        void end() {
            try {
                recording.stop();
            } catch (IllegalStateException e) {
                // somebody else is at it, or has been
            }
            long patience = System.nanoTime() + PATIENCE;
            while (recording.getState() != RecordingState.CLOSED
                    && System.nanoTime() - patience < 0) {
                LockSupport.parkNanos(1_000_000);
            }
            recording.close();
        }
    }

    /** Whether only the beans tell of pauses so far. */
    boolean isRough() {
        return !ready;
    }

    /** Whether it costs little to {@link #take} now. */
    public boolean isDue() {
        return !ready || System.nanoTime() - next >= 0;
    }

    /** The pauses that have ended and were not taken before. */
    public List<Pause> take() {
        if (ready) {
            return all(false);
        }
        rough = System.nanoTime();
        return beans.take();
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
        exact.removeIf(p -> p.collects() && p.begin() < rough); // told already
        long since = isExact ? from : Long.MAX_VALUE;
        return Pauses.merge(exact, List.of(new Pauses.Span(since, Long.MAX_VALUE)), beans.take());
    }

    /** What this piece has; the next begins before it ends, so that nothing is missed. */
    private synchronized List<Pause> read(boolean isLast) throws IOException {
        Piece old = piece;
        if (old == null) {
            return List.of();
        }
        piece = null;
        try {
            if (!isLast) {
                piece = new Piece(files.get(old.file.equals(files.getFirst()) ? 1 : 0));
            }
        } finally {
            old.end();
        }
        try (RecordingFile all = new RecordingFile(old.file)) {
            while (all.hasMoreEvents()) {
                events.accept(all.readEvent());
            }
        }
        next = System.nanoTime() + INTERVAL;
        return events.take();
    }

    /** What the beans tell is still told. */
    private synchronized void failed(Exception e) {
        stop();
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
        for (Path file : files) {
            try {
                Files.deleteIfExists(file);
            } catch (IOException e) {
                // it is as the program ends
            }
        }
    }

    @Override
    public synchronized void close() {
        closed = true;
        beans.close();
        stop();
        delete();
    }
}
