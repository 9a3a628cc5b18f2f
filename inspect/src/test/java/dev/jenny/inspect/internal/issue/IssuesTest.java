package dev.jenny.inspect.internal.issue;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class IssuesTest {
    private static final long MS = 1_000_000;

    @Test
    void a_look_takes_no_more_than_a_fiftieth_of_a_cpu() {
        assertThat(Issues.pause(2 * MS, true)).isEqualTo(1_000 * MS);
        assertThat(Issues.pause(40 * MS, true)).isEqualTo(2_000 * MS);
    }

    @Test
    void the_first_look_which_loads_classes_does_not_put_off_the_next() {
        assertThat(Issues.pause(400 * MS, false)).isEqualTo(1_000 * MS);
    }
}
