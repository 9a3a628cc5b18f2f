package dev.jenny.inspect.internal.pause;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class PausesTest {
    private static final long MS = 1_000_000;

    private static Pause of(String name, long begin, long end) {
        return new Pause(begin * MS, end * MS, true, name);
    }

    /** Collects garbage and dumps threads; when that was. */
    private static long[] stop() {
        long from = System.nanoTime();
        System.gc();
        ManagementFactory.getThreadMXBean().dumpAllThreads(false, false);
        return new long[] {from, System.nanoTime()};
    }

    private static void assertHas(List<Pause> pauses, long[] time) {
        List<Pause> within =
                pauses.stream().filter(p -> p.begin() > time[0] && p.end() < time[1]).toList();
        assertThat(within)
                .as("%s", pauses)
                .anyMatch(p -> p.collects() && p.name().contains("System.gc()"))
                .anyMatch(p -> !p.collects() && p.name().equals("ThreadDump"));
        assertThat(within).allMatch(p -> p.begin() < p.end());
        assertThat(within.stream().map(Pause::begin).toList()).isSorted().doesNotHaveDuplicates();
    }

    @Test
    void of_what_is_known_exactly_nothing_rough_is_told() {
        List<Pause> rough =
                List.of(
                        of("before", 1, 3),
                        of("same", 12, 14),
                        of("within", 30, 31),
                        of("x", 99, 100));
        List<Pause> exact =
                List.of(of("exact", 11, 13), new Pause(98 * MS, 99 * MS, false, "ThreadDump"));
        assertThat(Pauses.merge(exact, List.of(new Pauses.Span(20 * MS, 40 * MS)), rough))
                .extracting(Pause::name)
                .containsExactly("before", "exact", "ThreadDump", "x");
        assertThat(Pauses.merge(exact, List.of(), rough)).hasSize(5);
    }

    @Test
    void a_recording_has_each_pause_once_however_often_it_is_read() throws Exception {
        try (PauseRecording recording = PauseRecording.start()) {
            while (recording.isRough()) {
                TimeUnit.MILLISECONDS.sleep(1);
            }
            List<Pause> all = new ArrayList<>();
            long[] first = stop();
            all.addAll(recording.take());
            assertHas(all, first);
            long[] second = stop();
            all.addAll(recording.end());
            assertHas(all, second);
            assertHas(all, first);
            assertThat(recording.take()).isEmpty();
        }
    }

    @Test
    void who_watches_sees_all_and_they_stay() throws Exception {
        Pauses.watch();
        try {
            List<Pause> others;
            long begin = System.nanoTime();
            do { // once the flight recorder runs
                stop();
                TimeUnit.MILLISECONDS.sleep(50);
                others = Pauses.others(begin);
            } while (others.size() < 2);
            assertThat(others).extracting(Pause::name).contains("ThreadDump");
        } finally {
            Pauses.unwatch();
        }
        assertThat(Pauses.seen())
                .anyMatch(p -> p.name().equals("ThreadDump"))
                .anyMatch(p -> p.collects() && p.name().contains("System.gc()"));
    }

    @Test
    void the_collectors_are_kept_as_long_as_somebody_wants_them() throws Exception {
        Pauses.Keeper one = Pauses.keep();
        Pauses.Keeper other = Pauses.keep();
        other.close();
        other.close(); // does not end the first one's
        try (one) {
            long begin = System.nanoTime() - 20 * MS;
            System.gc();
            while (Pauses.seen().stream().noneMatch(p -> p.begin() > begin)) {
                TimeUnit.MILLISECONDS.sleep(1); // a thread of the JVM's tells of it
            }
        }
    }
}
