package dev.jenny.inspect.internal.jfr;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.function.Consumer;
import jdk.jfr.Event;
import jdk.jfr.Name;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JfrClockTest {
    @Name("test.Moment")
    static final class Moment extends Event {
        long before;
    }

    private static void read(Path file, Consumer<RecordedEvent> reader) throws IOException {
        try (RecordingFile events = new RecordingFile(file)) {
            while (events.hasMoreEvents()) {
                reader.accept(events.readEvent());
            }
        }
    }

    /** The event lies between two readings; a tenth of a millisecond is for marks out of step. */
    @Test
    void timesOfEventsAreThoseOfTheOtherClock(@TempDir Path dir) throws Exception {
        Path file = dir.resolve("clock.jfr");
        JfrClock clock = new JfrClock();
        List<Long> after = new ArrayList<>();
        try (Recording recording = new Recording()) {
            recording.enable(JfrClock.Mark.class);
            recording.enable(Moment.class);
            recording.start();
            JfrClock.mark();
            for (int i = 0; i < 1000; i++) {
                Moment m = new Moment();
                m.before = System.nanoTime();
                m.commit();
                after.add(System.nanoTime());
            }
            JfrClock.mark();
            recording.stop();
            recording.dump(file);
        }
        read(file, clock::accept);
        TreeMap<Long, Long> times = new TreeMap<>();
        read(
                file,
                e -> {
                    if (e.getEventType().getName().equals("test.Moment")) {
                        times.put(e.getLong("before"), clock.nanoTime(e.getStartTime()));
                    }
                });
        assertThat(times).hasSize(1000);
        int i = 0;
        for (var e : times.entrySet()) {
            assertThat(e.getValue()).isBetween(e.getKey() - 100_000, after.get(i++) + 100_000);
        }
    }

    @Test
    void marksThatAreCloseTogetherDoNotTurnTheClock() {
        JfrClock clock = new JfrClock();
        Instant t = Instant.EPOCH;
        clock.mark(t, 1_000_000);
        clock.mark(t.plusNanos(1_000), 999_500); // each is a little off
        assertThat(clock.nanoTime(t.plusMillis(50))).isEqualTo(51_000_000);
        clock.mark(t.plusMillis(500), 501_000_000);
        assertThat(clock.nanoTime(t.plusMillis(50))).isEqualTo(51_000_000);
        assertThat(clock.nanoTime(t.plusMillis(600))).isEqualTo(601_000_000);
    }
}
