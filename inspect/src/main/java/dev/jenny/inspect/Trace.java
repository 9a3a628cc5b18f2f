package dev.jenny.inspect;

import dev.jenny.inspect.internal.trace.TraceSession;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * An execution trace: all that the scheduler does, from start to stop, into a file. {@code go tool
 * trace FILE} opens it, and so does <a href="https://ui.perfetto.dev">ui.perfetto.dev</a>.
 *
 * {@snippet :
 * try (Trace trace = Trace.start(Path.of("app.trace"))) {
 *     work();
 * }
 * }
 *
 * <p>While it runs, a program that does nothing but switch goroutines takes about twice as long
 * (1.4 to 2.9 times as measured); others lose less. Events are collected in memory, 16 bytes each,
 * and written by a thread of the trace's own. If that cannot keep up, the oldest events are lost,
 * and {@link #dropped} says how many.
 *
 * <p>Several traces may run at the same time. In fallback mode a trace is empty. All methods may be
 * called from any thread.
 */
public final class Trace implements AutoCloseable {
    /** A file format. */
    public enum Format {
        /** Go's execution trace, for {@code go tool trace} and gotraceui. */
        GO,
        /** Perfetto's, for ui.perfetto.dev and {@code trace_processor}. */
        PERFETTO
    }

    private final TraceSession session;
    private volatile @Nullable Thread hook;

    private Trace(TraceSession session) {
        this.session = session;
    }

    /**
     * Begins to trace into {@code file}, which is replaced if it is there. The format is Perfetto's
     * if the name ends in {@code .pftrace} or {@code .perfetto-trace}, else Go's.
     *
     * @throws IOException if the file cannot be written
     */
    public static Trace start(Path file) throws IOException {
        return start(Files.newOutputStream(file), format(file));
    }

    /** As {@link #start(Path)}, to a stream, which is closed in the end. */
    public static Trace start(OutputStream out, Format format) throws IOException {
        return new Trace(TraceSession.start(new BufferedOutputStream(out, 1 << 16), format));
    }

    /**
     * As {@link #start(Path)}, and stops by itself when the program ends, also by {@link
     * System#exit}, a panic or a deadlock report.
     */
    public static Trace toFile(Path file) throws IOException {
        Trace trace = start(file);
        Thread hook = new Thread(trace::stopAtExit, "jenny-trace-exit");
        boolean added = false;
        try {
            Runtime.getRuntime().addShutdownHook(hook);
            added = true;
        } finally {
            if (!added) {
                trace.stop(); // the program is ending already
            }
        }
        trace.hook = hook;
        return trace;
    }

    /**
     * Traces for {@code duration}; returns when it is over and all is written.
     *
     * @throws InterruptedException if interrupted; what was recorded until then has been written
     */
    public static Trace record(Duration duration, OutputStream out, Format format)
            throws IOException, InterruptedException {
        try (Trace trace = start(out, format)) {
            Thread.sleep(duration);
            return trace;
        }
    }

    /**
     * From now on the trace has operations on channels, too: one in {@code oneIn} sends, receives
     * and closings by goroutines, with the channel's name in {@code jenny chans} and its length
     * afterwards. Each is two events, so with 1, which is all of them, a program that does little
     * else may be too fast for the trace.
     *
     * <p>Those who record at the same time get them, too. {@code -Djenny.traceChannels=N} is for
     * all recordings of a program.
     *
     * @throws IllegalArgumentException if {@code oneIn} is not 1 to 1,000,000
     */
    public void channels(int oneIn) {
        session.channels(oneIn);
    }

    /** The format that a file's name asks for. */
    public static Format format(Path file) {
        String name = file.toString();
        boolean perfetto = name.endsWith(".pftrace") || name.endsWith(".perfetto-trace");
        return perfetto ? Format.PERFETTO : Format.GO;
    }

    /**
     * Ends the trace and completes the file. Calls after the first do nothing.
     *
     * @throws IOException if something could not be written, now or before
     */
    public void stop() throws IOException {
        Thread h = hook;
        hook = null;
        if (h != null) { // which holds what has been recorded
            try {
                Runtime.getRuntime().removeShutdownHook(h);
            } catch (IllegalStateException e) {
                // it runs
            }
        }
        session.stop();
    }

    @Override
    public void close() throws IOException {
        stop();
    }

    /** How many events have been written so far. */
    public long events() {
        return session.events();
    }

    /** How many events were lost because they came faster than they could be written. */
    public long dropped() {
        return session.dropped();
    }

    private void stopAtExit() {
        try {
            stop();
            if (dropped() > 0) {
                System.err.println("jenny: trace: " + dropped() + " events were lost");
            }
        } catch (IOException e) {
            System.err.println("jenny: trace: " + e);
        }
    }
}
