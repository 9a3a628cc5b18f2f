package dev.jenny.inspect.internal.web;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jenny.inspect.internal.pause.Pause;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class SamplerTest {
    @Test
    void of_many_pauses_the_longest_are_shown_and_all_steals() {
        List<Sampler.Mark> marks = new ArrayList<>();
        int n = Sampler.MAX_PAUSES + 10;
        for (int i = 1; i <= n; i++) {
            marks.add(Sampler.Mark.of(i % 2 == 0 ? "gc" : "pause", new Pause(0, i, false, "")));
        }
        for (int i = 0; i < 10; i++) {
            marks.add(new Sampler.Mark(0, "steal", 0, i, 0, 1, 0, ""));
        }
        List<Sampler.Mark> shown = Sampler.shown(marks);
        assertThat(shown.stream().filter(m -> m.type().equals("steal"))).hasSize(10);
        assertThat(shown.stream().filter(Sampler.Mark::isPause))
                .hasSize(Sampler.MAX_PAUSES)
                .allMatch(m -> m.nanos() > 10);
    }

    /** They came with the answer to whoever asked, and no dashboard saw them. */
    @Test
    @Timeout(60)
    void whatHappensComesWithASampleThoughSomebodyAskedBefore() {
        try (Sampler sampler = new Sampler(new Feed())) {
            sampler.look();
            System.gc();
            while (!gcs(sampler.now())) { // the JVM tells it a moment later
                Thread.onSpinWait();
            }
            assertThat(gcs(sampler.now())).as("asked once more").isTrue();
            assertThat(gcs(sampler.look())).isTrue();
            assertThat(gcs(sampler.look())).isFalse();
        }
    }

    @Test
    void aHistoryEndsWithWhatIsNowButThatIsNoSample() {
        try (Sampler sampler = new Sampler(new Feed())) {
            Samples.Doc first = sampler.look();
            Samples.Doc second = sampler.look();
            List<Samples.Doc> history = sampler.history(60_000_000_000L);
            assertThat(history).hasSize(3).startsWith(first, second);
            assertThat(history.getLast().t()).isGreaterThanOrEqualTo(second.t());
            assertThat(text(history.getLast())).contains("\"marks\":[]");
            assertThat(sampler.history(60_000_000_000L)).hasSize(3);
        }
    }

    private static boolean gcs(Samples.Doc doc) {
        return text(doc).contains("\"type\":\"gc\"");
    }

    private static String text(Samples.Doc doc) {
        return new String(doc.json(), StandardCharsets.UTF_8);
    }
}
