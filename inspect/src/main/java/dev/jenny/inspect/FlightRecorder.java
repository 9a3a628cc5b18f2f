package dev.jenny.inspect;

import dev.jenny.GoRuntime;
import dev.jenny.inspect.internal.OwnerOnly;
import dev.jenny.inspect.internal.Threads;
import dev.jenny.inspect.internal.issue.Issues;
import dev.jenny.inspect.internal.pause.Pauses;
import dev.jenny.inspect.internal.trace.TraceSession;
import dev.jenny.internal.event.Counters;
import dev.jenny.internal.event.Events;
import dev.jenny.internal.event.Recorder;
import dev.jenny.internal.event.TimeHistogram;
import dev.jenny.internal.sched.Runtimes;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Always keeps the scheduler's last events, and writes them to a file when something goes wrong, or
 * on request: then the file shows what led up to it.
 *
 * {@snippet :
 * FlightRecorder recorder = FlightRecorder.with()
 *         .seconds(10)
 *         .directory(Path.of("/var/tmp"))
 *         .onHog()
 *         .onLatency(Duration.ofMillis(50))
 *         .onFatal()
 *         .when("queue full", () -> queue.len() == queue.cap())
 *         .start();
 * }
 *
 * <p>Conditions are looked at four times a second, on a thread of the recorder's own. One that
 * holds gives a file; it gives the next when it has not held in between, and at most one a minute.
 * Events are lost only to younger ones: a ring holds {@link Builder#bytes} for each P. All methods
 * may be called from any thread.
 */
public final class FlightRecorder implements AutoCloseable {
    private static final long POLL = TimeUnit.MILLISECONDS.toNanos(250);
    static final long MIN_INTERVAL = TimeUnit.MINUTES.toNanos(1);

    /** A file for which there was no memory is tried again. */
    private static final long RETRY = TimeUnit.SECONDS.toNanos(5);

    private static final int TRIES = 12;
    private static final String FATAL = "fatal";
    private static final String OUT_OF_MEMORY = "out of memory";
    private static final long MIN_RESERVE = 4L << 20;
    private static final int PIECE = 1 << 20;
    private static final long MAX_RESERVE = 64L << 20;

    private final Recorder recorder;
    private final Pauses.Keeper pauses;
    private final Builder options;
    private final Trigger[] triggers;
    private final @Nullable Thread watcher;
    private final @Nullable Thread hook;
    private volatile boolean closed;
    private final AtomicBoolean asksForIssues = new AtomicBoolean();
    private final FileAttribute<?>[] ownerOnly;
    private volatile @Nullable Path last;

    /** Memory that is given back to the heap when it is full, so that there is room to write. */
    private final List<byte[]> reserve = new ArrayList<>(); // guarded by this

    private long nextReserve = System.nanoTime(); // guarded by this
    private int files; // guarded by this

    private FlightRecorder(Builder options) {
        this.options = options;
        ownerOnly = OwnerOnly.file(options.directory); // while there is memory for it
        triggers = options.triggers.toArray(Trigger[]::new);
        watcher = triggers.length == 0 ? null : Threads.daemon("jenny-flight", this::watch);
        // Also waits for a file that is being written.
        hook =
                options.fatal || triggers.length > 0
                        ? new Thread(this::atExit, "jenny-flight-exit")
                        : null;
        pauses = Pauses.keep();
        recorder = record(options.bytes, pauses);
        boolean started = false;
        try {
            rehearse();
            reserve();
            if (options.deadlocks) {
                Issues.begin();
                asksForIssues.set(true);
            }
            if (hook != null) {
                Runtime.getRuntime().addShutdownHook(hook);
            }
            if (watcher != null) {
                watcher.start();
            }
            started = true;
        } finally {
            if (!started) { // the program ends, or there are no more threads
                close();
            }
        }
    }

    private static Recorder record(long bytes, Pauses.Keeper pauses) {
        Recorder r = null;
        try {
            r = Recorder.start(bytes);
            return r;
        } finally {
            if (r == null) {
                pauses.close(); // there is no memory
            }
        }
    }

    /** Options for a recorder. */
    public static Builder with() {
        return new Builder();
    }

    /** Starts one without conditions: it writes on request. */
    public static FlightRecorder start() {
        return with().start();
    }

    /**
     * Writes the last events to {@code file}, which is replaced if it is there, in the format that
     * its name asks for ({@link Trace#format}). Recording goes on.
     *
     * @throws IOException if the file cannot be written
     */
    public void dump(Path file) throws IOException {
        dump(file, Trace.format(file));
    }

    private void dump(Path file, Trace.Format format) throws IOException {
        dump(Files.newOutputStream(file), format);
        last = file;
    }

    /** Writes the last events to a stream, which is closed. */
    public void dump(OutputStream out, Trace.Format format) throws IOException {
        long since = System.nanoTime() - TimeUnit.SECONDS.toNanos(options.seconds);
        TraceSession.write(
                recorder.snapshot(), since, new BufferedOutputStream(out, 1 << 16), format);
    }

    /** The file that was written last; null if none was yet. */
    public @Nullable Path lastDump() {
        return last;
    }

    /** Stops to record. */
    @Override
    public void close() {
        closed = true;
        LockSupport.unpark(watcher);
        recorder.stop();
        pauses.close();
        if (asksForIssues.compareAndSet(true, false)) {
            Issues.end();
        }
        if (hook != null) {
            try {
                Runtime.getRuntime().removeShutdownHook(hook);
            } catch (IllegalStateException e) {
                // the JVM is ending: the hook runs, and finds the recorder closed
            }
        }
    }

    /**
     * Takes no memory while nothing is to be written: the heap may be full before the error that
     * asks for a file has left its goroutine, and what is given back of the reserve before that,
     * the goroutine takes.
     */
    private void watch() {
        while (true) {
            LockSupport.parkNanos(POLL);
            if (closed || Thread.interrupted()) { // only one that wants it to end interrupts it
                return;
            }
            for (Trigger t : triggers) {
                look(t);
            }
            reserve(); // unless it is there
        }
    }

    /**
     * Writes a file that does not stay, so that the classes for it are loaded: one that cannot be
     * initialized because the heap is full never will be.
     */
    private void rehearse() {
        if (!options.outOfMemory) {
            return;
        }
        try {
            TraceSession.rehearse(options.format);
            Path file = Files.createTempFile(options.directory, "jenny-", ".tmp", ownerOnly);
            try (OutputStream out =
                    Files.newOutputStream(file, StandardOpenOption.DELETE_ON_CLOSE)) {
                TraceSession.write(recorder.cursor().read(), 0, out, options.format);
            }
            fileName(OUT_OF_MEMORY, 1);
        } catch (IOException | RuntimeException | Error e) {
            // it may go better when it counts, or says then what is wrong
        }
    }

    /** One trigger must not end the others. */
    private void look(Trigger t) {
        try {
            if (t.due(System.nanoTime())) {
                t.written(write(t.name), System.nanoTime());
            }
        } catch (OutOfMemoryError e) {
            // to say so would take memory, too
        } catch (RuntimeException | Error e) {
            try {
                say(t.name, e);
            } catch (OutOfMemoryError full) {
                // nor can it be said
            }
        }
    }

    private synchronized void atExit() {
        if (!Events.isDying() || closed) {
            return;
        }
        if (options.fatal) {
            write(FATAL);
        } else if (options.outOfMemory
                && Events.outOfMemory() > options.outOfMemoryBefore
                && last == null) {
            write(OUT_OF_MEMORY); // the program is ended before this was looked at
            files = options.maxFiles; // it will be, any moment
        }
    }

    /** True if there is nothing more to do; false if it is worth another try. */
    private synchronized boolean write(String why) {
        if (files >= options.maxFiles) {
            return true;
        }
        if (options.fatal && Events.isDying() && !why.equals(FATAL)) {
            return true; // the same again: the file of the end is being written, or will be
        }
        try {
            if (why.equals(OUT_OF_MEMORY) || Events.isDying()) {
                reserve.clear();
            }
            if (tryToWrite(why)) {
                files++;
            }
            reserve();
            return true;
        } catch (OutOfMemoryError e) {
            nextReserve = System.nanoTime() + RETRY;
            return false; // nothing is said: that would take memory, too
        }
    }

    /** Best effort: a program that has no memory for it is worse off without the recorder. */
    private synchronized void reserve() {
        if (!options.outOfMemory || !reserve.isEmpty() || System.nanoTime() - nextReserve < 0) {
            return;
        }
        long events = options.bytes * GoRuntime.gomaxprocs();
        long bytes = Math.clamp(2 * events, MIN_RESERVE, MAX_RESERVE);
        try {
            for (long i = 0; i < bytes; i += PIECE) {
                reserve.add(new byte[PIECE]); // what is written is in pieces, too
            }
        } catch (OutOfMemoryError e) {
            reserve.clear();
            nextReserve = System.nanoTime() + RETRY; // each try is a full collection
        }
    }

    /** False if the file could not be written: it does not count. */
    private boolean tryToWrite(String why) {
        String end =
                files + 1 < options.maxFiles
                        ? ""
                        : "; that makes " + options.maxFiles + ", no more are written";
        try {
            Path file = newFile(why);
            say(why, "wrote " + file + end);
            return true;
        } catch (IOException e) {
            say(why, e);
            return false;
        }
    }

    private static void say(String of, Object what) {
        System.err.println("jenny: flight recorder: " + of + ": " + what);
    }

    /**
     * Writes a new file, which only its owner can read: there are stacks and labels in it. Another
     * recorder, or a process with this one's number before it, may have taken names.
     */
    private Path newFile(String why) throws IOException {
        for (int n = files + 1; ; n++) {
            Path file = options.directory.resolve(fileName(why, n));
            try {
                Files.createFile(file, ownerOnly); // fails for whatever is there, links included
            } catch (FileAlreadyExistsException e) {
                continue;
            }
            boolean written = false;
            try {
                dump(file, options.format);
                written = true;
            } finally {
                if (!written) {
                    Files.delete(file); // the next try begins anew
                }
            }
            return file;
        }
    }

    private String fileName(String why, int n) {
        return "jenny-"
                + ProcessHandle.current().pid()
                + "-"
                + n
                + "-"
                + why.replaceAll("[^A-Za-z0-9]+", "-")
                + (options.format == Trace.Format.PERFETTO ? ".pftrace" : ".trace");
    }

    static final class Trigger {
        final String name;
        final BooleanSupplier condition;
        boolean held;
        boolean pending; // it has come to hold, and gets its file when the last is old enough
        long lastFired;
        int tries; // that failed, of the file that is due
        long nextTry;

        Trigger(String name, BooleanSupplier condition) {
            this.name = name;
            this.condition = condition;
            this.lastFired = System.nanoTime() - MIN_INTERVAL;
        }

        /** Whether a file is to be written: a new one, or one for which there was no memory. */
        boolean due(long now) {
            if (fires(now)) {
                tries = 0;
                return true;
            }
            return tries > 0 && now - nextTry >= 0;
        }

        void written(boolean done, long now) {
            tries = done || tries == TRIES ? 0 : tries + 1;
            nextTry = now + RETRY;
        }

        private boolean fires(long now) {
            boolean holds;
            try {
                holds = condition.getAsBoolean();
            } catch (OutOfMemoryError e) {
                return false; // it could not be asked
            } catch (RuntimeException | Error e) {
                say("condition " + name, e);
                holds = false;
            }
            pending |= holds && !held;
            held = holds;
            if (!pending || now - lastFired < MIN_INTERVAL) {
                return false;
            }
            pending = false;
            lastFired = now;
            return true;
        }
    }

    /** What a recorder keeps, and when it writes. */
    public static final class Builder {
        private final List<Trigger> triggers = new ArrayList<>();
        private long bytes = 4L << 20;
        private long seconds = 60;
        private Path directory = Path.of(System.getProperty("java.io.tmpdir"));
        private int maxFiles = 10;
        private Trace.Format format = Trace.Format.GO;
        private boolean fatal;
        private boolean deadlocks;
        private boolean outOfMemory;
        private long outOfMemoryBefore;

        private Builder() {}

        /**
         * How much memory each P's events may take, in bytes: 16 kB to 512 MB, rounded down to a
         * power of two. If not set, 4 MB, room for 262,144 events; with {@code jenny run --flight}
         * 8 MB.
         */
        public Builder bytes(long perP) {
            bytes = perP;
            return this;
        }

        /** Leaves events out that are older than this, in seconds, when it writes; 60. */
        public Builder seconds(long seconds) {
            this.seconds = seconds;
            return this;
        }

        /**
         * Where conditions write their files; if not set, the system's directory for temporary
         * files. It must exist: otherwise each file fails with a line on standard error. {@code
         * jenny run --flight} creates it.
         */
        public Builder directory(Path directory) {
            this.directory = directory;
            return this;
        }

        /** How many files conditions write at most; 10. */
        public Builder maxFiles(int n) {
            maxFiles = n;
            return this;
        }

        /** In which format conditions write their files; Go's. */
        public Builder format(Trace.Format format) {
            this.format = format;
            return this;
        }

        /** Writes when a goroutine burns CPU, or blocks its thread, for a time slice and more. */
        public Builder onHog() {
            long[] seen = Runtimes.stalls();
            return when(
                    "hog",
                    () -> {
                        long[] now = Runtimes.stalls();
                        boolean more = now[0] > seen[0] || now[1] > seen[1];
                        System.arraycopy(now, 0, seen, 0, seen.length);
                        return more;
                    });
        }

        /**
         * Writes when more than one in a hundred goroutines that became runnable within a quarter
         * of a second waited longer than {@code p99} until they ran.
         */
        public Builder onLatency(Duration p99) {
            long limit = p99.toNanos();
            long[] seen = latencies();
            return when(
                    "latency",
                    () -> {
                        long[] now = latencies();
                        long[] delta = new long[now.length];
                        for (int i = 0; i < now.length; i++) {
                            delta[i] = now[i] - seen[i];
                        }
                        System.arraycopy(now, 0, seen, 0, seen.length);
                        return TimeHistogram.quantile(delta, 0.99) > limit;
                    });
        }

        /** Writes when an exception has left a goroutine. */
        public Builder onPanic() {
            long[] seen = {Events.panics()};
            return when(
                    "panic",
                    () -> {
                        boolean more = Events.panics() > seen[0];
                        seen[0] = Events.panics();
                        return more;
                    });
        }

        /**
         * Writes when an {@link OutOfMemoryError} has left a goroutine, be it because the heap is
         * full or because the system has no more threads. Writing takes memory: the recorder holds
         * 4 to 64 MB in reserve, twice what the events take, which it gives up for that, and tries
         * again for a minute if that is not enough. An error that is caught in the goroutine, or
         * that leaves another thread, is not seen. Under {@code jenny run} such an error ends the
         * program, if there is memory left for that: if the goroutine alone filled the heap, what
         * it held is free again.
         */
        public Builder onOutOfMemory() {
            outOfMemory = true;
            outOfMemoryBefore = Events.outOfMemory();
            return onMore(OUT_OF_MEMORY, Events::outOfMemory);
        }

        /**
         * Writes when goroutines have locked each other out for good while the rest of the program
         * goes on. That is looked for once a second.
         */
        public Builder onDeadlock() {
            deadlocks = true;
            return onMore("deadlock", Issues::deadlocks);
        }

        /**
         * Writes when leaks have been found: by {@link Leaks#find}, by {@code jenny leaks}, or with
         * {@code jenny.leaks=reclaim}.
         */
        public Builder onLeak() {
            return onMore("leak", Issues::leaked);
        }

        private Builder onMore(String name, LongSupplier count) {
            long[] seen = {count.getAsLong()};
            return when(
                    name,
                    () -> {
                        long now = count.getAsLong();
                        boolean more = now > seen[0];
                        seen[0] = now;
                        return more;
                    });
        }

        /** Writes when the program is ended by a panic or a deadlock report. */
        public Builder onFatal() {
            fatal = true;
            return this;
        }

        /**
         * Writes when {@code condition} holds. It is asked on the recorder's thread and must not
         * block.
         */
        public Builder when(String name, BooleanSupplier condition) {
            triggers.add(new Trigger(name, condition));
            return this;
        }

        /** Begins to record. In fallback mode nothing is recorded, and files have no events. */
        public FlightRecorder start() {
            return new FlightRecorder(this);
        }

        private static long[] latencies() {
            long[] sum = new long[TimeHistogram.BUCKETS];
            for (Counters c : Events.counters()) {
                c.latency().addTo(sum);
            }
            return sum;
        }
    }
}
