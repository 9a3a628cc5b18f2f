package dev.jenny.inspect.internal.pause;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import jdk.jfr.Recording;
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
    void of_what_was_told_roughly_nothing_exact_is_told() {
        List<Pause> exact =
                new ArrayList<>(
                        List.of(
                                of("told", 11, 13),
                                of("right after", 15, 16),
                                of("the bean is late", 40, 41),
                                new Pause(60 * MS, 61 * MS, false, "ThreadDump")));
        Pauses.removeTold(exact, List.of(of("x", 12, 14), of("y", 60, 61), of("z", 90, 91)));
        assertThat(exact)
                .extracting(Pause::name)
                .containsExactly("right after", "the bean is late", "ThreadDump");
    }

    @Test
    void a_stream_that_is_closed_tells_nothing_more() {
        Pauses.watch();
        try {
            PauseStream old = new PauseStream(Pauses::told);
            Pauses.told(old, List.of(of("late", 1, 2)), 3 * MS);
            assertThat(Pauses.seen()).extracting(Pause::name).doesNotContain("late");
        } finally {
            Pauses.unwatch();
        }
    }

    @Test
    void a_recording_is_read_seldom_while_another_runs() {
        try (Recording own = new Recording();
                Recording other = new Recording()) {
            own.setName(PauseRecording.NAME);
            own.start();
            List<Recording> both = List.of(own, other);
            assertThat(PauseRecording.interval(both)).isEqualTo(TimeUnit.SECONDS.toNanos(2));
            other.start();
            assertThat(PauseRecording.interval(both)).isEqualTo(TimeUnit.SECONDS.toNanos(10));
        }
    }

    @Test
    void the_names_of_temporary_files_are_used_again() throws Exception {
        TempFiles files = new TempFiles();
        Path one = files.create();
        Path two = files.create();
        files.delete(one);
        assertThat(one).doesNotExist();
        assertThat(files.create()).isEqualTo(one).isEmptyFile();
        files.delete(one);
        Files.writeString(one, "somebody else's");
        Path three = files.create();
        assertThat(three).isNotIn(one, two);
        assertThat(one).content().isEqualTo("somebody else's");
        List.of(one, two, three).forEach(files::delete);
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
