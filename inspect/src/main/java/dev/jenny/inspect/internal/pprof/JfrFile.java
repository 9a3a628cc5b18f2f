package dev.jenny.inspect.internal.pprof;

import dev.jenny.inspect.internal.Threads;
import dev.jenny.inspect.internal.http.HttpError;
import dev.jenny.inspect.internal.http.Response;
import dev.jenny.inspect.internal.jfr.JfrBridge;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.ParseException;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import jdk.jfr.Configuration;
import jdk.jfr.EventType;
import jdk.jfr.FlightRecorder;
import jdk.jfr.Recording;

/**
 * {@code /debug/pprof/trace?format=jfr}: a recording of the JDK's flight recorder as a file, with
 * the events of goroutines and what the JDK's own settings "profile" enable.
 */
final class JfrFile {
    /** Each takes room on the disk, twice what it has recorded. */
    static final int AT_ONCE = 2;

    static final Semaphore RECORDINGS = new Semaphore(AT_ONCE);

    /** Of more than so much the oldest is left out. */
    private static final long MAX_BYTES = 256L << 20;

    private static final String CHANNELS = "jenny.ChanOp";

    /** Events of goroutines are written up to 50 ms after they happened. */
    private static final Duration LATE = Duration.ofMillis(100);

    private JfrFile() {}

    /** One in {@code channels} operations on channels is in it; none if that is 0. */
    static void record(Duration duration, int channels, Response response)
            throws HttpError, IOException, InterruptedException {
        if (!FlightRecorder.isAvailable()) {
            throw new HttpError(501, "this JVM has no flight recorder");
        }
        if (!RECORDINGS.tryAcquire()) {
            throw new HttpError(
                    503, AT_ONCE + " such recordings are being made already: try again later");
        }
        try {
            Path file = Files.createTempFile("jenny-", ".jfr");
            try {
                record(duration, channels, file);
                try (OutputStream out =
                        response
                                .type("application/octet-stream")
                                .attachment("jenny.jfr")
                                .stream()) {
                    Files.copy(file, out);
                }
            } finally {
                Files.deleteIfExists(file);
            }
        } finally {
            RECORDINGS.release();
        }
    }

    private static void record(Duration duration, int channels, Path file)
            throws IOException, InterruptedException {
        JfrBridge.install();
        try (Recording recording = new Recording(profile())) {
            recording.setName("jenny");
            recording.setMaxSize(MAX_BYTES);
            for (EventType type : FlightRecorder.getFlightRecorder().getEventTypes()) {
                if (type.getCategoryNames().contains("Jenny")) {
                    recording.enable(type.getName());
                }
            }
            if (channels == 0) {
                recording.disable(CHANNELS);
            } else {
                recording.enable(CHANNELS).with("oneIn", Integer.toString(channels));
            }
            // The recorder starts threads of its own the first time.
            Threads.run("jenny-inspect-jfr", recording::start);
            Thread.sleep(duration.plus(LATE));
            recording.stop();
            recording.dump(file);
        }
    }

    private static Configuration profile() throws IOException {
        try {
            return Configuration.getConfiguration("profile");
        } catch (ParseException e) {
            throw new IOException("the settings \"profile\" of this JDK cannot be read", e);
        }
    }
}
