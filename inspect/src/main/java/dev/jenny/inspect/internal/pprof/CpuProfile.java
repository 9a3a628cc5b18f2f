package dev.jenny.inspect.internal.pprof;

import dev.jenny.inspect.internal.pprof.Profile.ValueType;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import jdk.jfr.FlightRecorder;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordedThread;
import org.jspecify.annotations.Nullable;

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
        long[] lost = new long[1];
        JfrRecording.record(
                profile,
                duration,
                goroutines,
                recording -> {
                    if (byCpu && isLinux()) {
                        recording.enable(BY_CPU).with("throttle", "10ms");
                    } else {
                        recording.enable(BY_CLOCK).withPeriod(PERIOD);
                    }
                },
                e -> {
                    switch (e.getEventType().getName()) {
                        case BY_CPU -> {
                            if (e.getBoolean("failed")) {
                                lost[0]++;
                            } else {
                                add(profile, e, goroutines, e.getThread("eventThread"));
                            }
                        }
                        case BY_CLOCK -> add(profile, e, goroutines, e.getThread("sampledThread"));
                        default -> {}
                    }
                });
        if (lost[0] > 0) {
            profile.comment(lost[0] + " more samples had no readable stack");
        }
        return profile;
    }

    private static void add(
            Profile profile,
            RecordedEvent e,
            Goroutines goroutines,
            @Nullable RecordedThread thread) {
        profile.add(
                JfrFrames.of(e.getStackTrace()), goroutines.labels(thread), 1, PERIOD.toNanos());
    }

    private static boolean isLinux() {
        return System.getProperty("os.name", "").startsWith("Linux");
    }
}
