package dev.jenny.inspect.internal.pprof;

import dev.jenny.inspect.internal.pprof.Profile.ValueType;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import jdk.jfr.consumer.RecordedEvent;

/** Goroutines that waited without letting go of their thread, as the flight recorder saw them. */
final class PinnedProfile {
    private static final String EVENT = "jdk.VirtualThreadPinned";
    private static final Duration THRESHOLD = Duration.ofMillis(1);

    private PinnedProfile() {}

    static Profile take(Duration duration) throws IOException, InterruptedException {
        Profile profile =
                new Profile(
                        "pinned",
                        List.of(ValueType.count("contentions"), ValueType.nanos("delay")),
                        ValueType.count("contentions"),
                        1);
        try (Goroutines goroutines = new Goroutines(false)) {
            JfrRecording.record(
                    profile,
                    duration,
                    goroutines,
                    r -> r.enable(EVENT).withStackTrace().withThreshold(THRESHOLD),
                    e -> {
                        if (e.getEventType().getName().equals(EVENT)) {
                            profile.add(
                                    JfrFrames.of(e.getStackTrace()),
                                    labels(e, goroutines),
                                    1,
                                    e.getDuration().toNanos());
                        }
                    });
        }
        profile.comment("waits of more than " + THRESHOLD.toMillis() + " ms");
        return profile;
    }

    private static Map<String, String> labels(RecordedEvent e, Goroutines goroutines) {
        Map<String, String> labels =
                new HashMap<>(goroutines.labels(e.getThread("eventThread"), e.getStartTime()));
        for (String field : List.of("blockingOperation", "pinnedReason")) {
            if (e.hasField(field) && e.getString(field) != null) {
                labels.put(field, e.getString(field));
            }
        }
        return labels;
    }
}
