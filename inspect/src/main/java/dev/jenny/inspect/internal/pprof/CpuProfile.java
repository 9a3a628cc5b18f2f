package dev.jenny.inspect.internal.pprof;

import dev.jenny.inspect.internal.Threads;
import dev.jenny.inspect.internal.pprof.Profile.ValueType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import jdk.jfr.FlightRecorder;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;

/**
 * Where CPU time goes, sampled by the JDK's flight recorder, which knows virtual threads.
 *
 * <p>On Linux by CPU time (JEP 509): each thread is sampled once per 10 ms of CPU that it uses,
 * also within native code. Elsewhere by the wall clock: the recorder picks a few running threads at
 * each tick, so that with many busy CPUs the shares are right and the sum is too small.
 */
final class CpuProfile {
    private static final Duration PERIOD = Duration.ofMillis(10); // Go's 100 Hz
    private static final String BY_CPU = "jdk.CPUTimeSample";
    private static final String BY_CLOCK = "jdk.ExecutionSample";

    private CpuProfile() {}

    /** Records for {@code duration}, on the calling thread. */
    static Profile take(Duration duration, boolean ids) throws IOException, InterruptedException {
        Goroutines goroutines = new Goroutines(ids);
        boolean byCpu =
                FlightRecorder.getFlightRecorder().getEventTypes().stream()
                        .anyMatch(t -> t.getName().equals(BY_CPU));
        Profile profile =
                new Profile(
                        "profile",
                        List.of(ValueType.count("samples"), ValueType.nanos("cpu")),
                        ValueType.nanos("cpu"),
                        PERIOD.toNanos());
        Path file = Files.createTempFile("jenny-", ".jfr");
        try (Recording recording = new Recording()) {
            recording.setName("jenny cpu profile");
            if (byCpu && isLinux()) {
                recording.enable(BY_CPU).with("throttle", "10ms");
            } else {
                recording.enable(BY_CLOCK).withPeriod(PERIOD);
            }
            Instant start = Instant.now();
            long began = System.nanoTime();
            Threads.run("jenny-inspect-jfr", recording::start);
            goroutines.watch(duration.toNanos());
            recording.stop();
            profile.during(start, Duration.ofNanos(System.nanoTime() - began));
            recording.dump(file);
            read(file, profile, goroutines);
        } finally {
            Files.deleteIfExists(file);
        }
        return profile;
    }

    private static void read(Path file, Profile profile, Goroutines goroutines) throws IOException {
        long lost = 0;
        try (RecordingFile events = new RecordingFile(file)) {
            while (events.hasMoreEvents()) {
                RecordedEvent e = events.readEvent();
                switch (e.getEventType().getName()) {
                    case BY_CPU -> {
                        if (e.getBoolean("failed")) {
                            lost++;
                        } else {
                            add(profile, e, goroutines, e.getThread("eventThread"));
                        }
                    }
                    case BY_CLOCK -> add(profile, e, goroutines, e.getThread("sampledThread"));
                    default -> {}
                }
            }
        }
        if (lost > 0) {
            profile.comment(lost + " more samples had no readable stack");
        }
    }

    private static void add(
            Profile profile,
            RecordedEvent e,
            Goroutines goroutines,
            jdk.jfr.consumer.RecordedThread thread) {
        profile.add(
                JfrFrames.of(e.getStackTrace()), goroutines.labels(thread), 1, PERIOD.toNanos());
    }

    private static boolean isLinux() {
        return System.getProperty("os.name", "").startsWith("Linux");
    }
}
