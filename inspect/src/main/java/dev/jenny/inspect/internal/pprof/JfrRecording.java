package dev.jenny.inspect.internal.pprof;

import dev.jenny.inspect.internal.Threads;
import dev.jenny.inspect.internal.jfr.JfrClock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.function.Consumer;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;

/** A recording of the JDK's flight recorder, into a file that is read and deleted. */
final class JfrRecording {
    private static final Duration CLOCK_PERIOD = Duration.ofMillis(100);

    private JfrRecording() {}

    /**
     * Records for {@code duration} what {@code settings} enables, then hands the events to {@code
     * reader}. The file is read twice: what tells the time comes after what needs it.
     */
    static void record(
            Profile profile,
            Duration duration,
            Goroutines goroutines,
            Consumer<Recording> settings,
            Consumer<RecordedEvent> reader)
            throws IOException, InterruptedException {
        Path file = Files.createTempFile("jenny-", ".jfr");
        try (Recording recording = new Recording()) {
            recording.setName("jenny " + profile.name());
            recording.enable(JfrClock.Mark.class).withPeriod(CLOCK_PERIOD);
            settings.accept(recording);
            // The recorder starts threads of its own the first time.
            Threads.run("jenny-inspect-jfr", recording::start);
            Instant start = Instant.now();
            long began = System.nanoTime();
            JfrClock.mark();
            goroutines.watch(duration.toNanos());
            JfrClock.mark();
            recording.stop();
            profile.during(start, Duration.ofNanos(System.nanoTime() - began));
            goroutines.ended();
            recording.dump(file);
            read(file, goroutines::accept);
            read(file, reader);
            goroutines.comment(profile);
        } finally {
            Files.deleteIfExists(file);
        }
    }

    static void read(Path file, Consumer<RecordedEvent> reader) throws IOException {
        try (RecordingFile events = new RecordingFile(file)) {
            while (events.hasMoreEvents()) {
                reader.accept(events.readEvent());
            }
        }
    }
}
