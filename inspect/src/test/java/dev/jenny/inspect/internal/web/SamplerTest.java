package dev.jenny.inspect.internal.web;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jenny.inspect.internal.pause.Pause;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

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
}
