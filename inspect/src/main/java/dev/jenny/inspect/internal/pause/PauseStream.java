package dev.jenny.inspect.internal.pause;

import dev.jenny.inspect.internal.Failures;
import dev.jenny.inspect.internal.Threads;
import dev.jenny.inspect.internal.jfr.JfrClock;
import java.time.Duration;
import java.util.List;
import jdk.jfr.FlightRecorder;
import jdk.jfr.consumer.RecordingStream;
import org.jspecify.annotations.Nullable;

/**
 * Tells of all pauses as they happen, up to two seconds late: a stream of the JDK's flight
 * recorder, on a thread of its own, which also starts the recorder. All methods may be called by
 * any thread.
 */
final class PauseStream implements AutoCloseable {
    private static final Duration MARKS = Duration.ofMillis(500);

    /** What takes the pauses. */
    interface Listener {
        /** All pauses that ended before {@code to} have been told now, with these. */
        void paused(PauseStream by, List<Pause> pauses, long to);
    }

    private final Listener listener;
    private @Nullable RecordingStream stream; // guarded by this
    private boolean closed; // guarded by this

    PauseStream(Listener listener) {
        this.listener = listener;
    }

    static PauseStream start(Listener listener) {
        PauseStream s = new PauseStream(listener);
        Threads.daemon("jenny-pauses", s::run).start();
        return s;
    }

    private void run() {
        if (!FlightRecorder.isAvailable()) {
            return;
        }
        try (RecordingStream s = new RecordingStream()) {
            SafepointEvents events = new SafepointEvents(); // the first registers event types
            SafepointEvents.enable(s::enable, MARKS);
            s.setMaxSize(8 << 20);
            s.setMaxAge(Duration.ofSeconds(30));
            SafepointEvents.NAMES.forEach(name -> s.onEvent(name, events::accept));
            s.onEvent(JfrClock.Mark.NAME, events::accept);
            s.onFlush(() -> flushed(events));
            synchronized (this) {
                if (closed) {
                    return;
                }
                stream = s;
            }
            s.start(); // until it is closed
        } catch (RuntimeException | Error e) {
            if (!isClosed()) { // else it may have been before the stream began
                Failures.tell("pauses other than the collector's are not told", e);
            }
        }
    }

    private synchronized boolean isClosed() {
        return closed;
    }

    private void flushed(SafepointEvents events) {
        List<Pause> pauses = events.take();
        if (!pauses.isEmpty() || events.lastMark() != Long.MIN_VALUE) {
            listener.paused(this, pauses, events.lastMark());
        }
    }

    @Override
    public void close() {
        RecordingStream s;
        synchronized (this) {
            closed = true;
            s = stream;
        }
        if (s != null) {
            s.close();
        }
    }
}
