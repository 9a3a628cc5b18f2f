package dev.jenny.inspect.internal.pprof;

import dev.jenny.inspect.internal.pprof.Profile.ValueType;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
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
        boolean byCpu =
                FlightRecorder.getFlightRecorder().getEventTypes().stream()
                        .anyMatch(t -> t.getName().equals(BY_CPU));
        String event = byCpu && isLinux() ? BY_CPU : BY_CLOCK;
        Profile profile =
                new Profile(
                        "profile",
                        List.of(ValueType.count("samples"), ValueType.nanos("cpu")),
                        ValueType.nanos("cpu"),
                        PERIOD.toNanos());
        long[] lost = new long[1];
        try (Goroutines goroutines = new Goroutines(ids)) {
            JfrRecording.record(
                    profile,
                    duration,
                    goroutines,
                    recording -> {
                        if (event.equals(BY_CPU)) {
                            recording.enable(BY_CPU).with("throttle", "10ms");
                        } else {
                            recording.enable(BY_CLOCK).withPeriod(PERIOD);
                        }
                    },
                    e -> { // also what other recordings have asked for
                        if (!e.getEventType().getName().equals(event)) {
                            return;
                        }
                        if (event.equals(BY_CLOCK)) {
                            RecordedThread t = e.getThread("sampledThread");
                            add(profile, e, goroutines, t, PERIOD.toNanos());
                        } else if (e.getBoolean("failed")) {
                            lost[0]++;
                        } else {
                            long nanos = e.getDuration("samplingPeriod").toNanos();
                            add(profile, e, goroutines, e.getThread("eventThread"), nanos);
                        }
                    });
        }
        if (lost[0] > 0) {
            profile.comment(lost[0] + " more samples had no readable stack");
        }
        return profile;
    }

    private static void add(
            Profile profile,
            RecordedEvent e,
            Goroutines goroutines,
            @Nullable RecordedThread thread,
            long nanos) {
        Map<String, String> labels = goroutines.labels(thread, e.getStartTime());
        profile.add(JfrFrames.of(e.getStackTrace()), labels, 1, nanos);
    }

    private static boolean isLinux() {
        return System.getProperty("os.name", "").startsWith("Linux");
    }
}
