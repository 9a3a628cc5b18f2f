package dev.jenny.inspect.internal.web;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

@Isolated("there is one recording")
class RecordingTest {
    private static final double MUCH = 2 * Recording.BUSY;

    @AfterEach
    void end() {
        Recording.stop();
    }

    @Test
    void aBusyProgramIsNotRecordedBecauseSomebodyWatches() {
        Recording.watched(MUCH);
        assertThat(Recording.state()).isEqualTo("busy");
        Recording.watched(.9 * Recording.BUSY); // not yet: recording would slow it to this
        assertThat(Recording.state()).isEqualTo("busy");
        Recording.watched(.1 * Recording.BUSY);
        assertThat(Recording.state()).isEqualTo("on");
        Recording.watched(.9 * Recording.BUSY);
        assertThat(Recording.state()).isEqualTo("on");
        Recording.watched(MUCH);
        assertThat(Recording.state()).isEqualTo("busy");
        Recording.unwatched();
        assertThat(Recording.state()).isEqualTo("off");
    }

    @Test
    void whoAsksGetsARecordingAllTheSame() {
        Recording.watched(MUCH);
        assertThat(Recording.want(60)).as("there was one").isFalse();
        Recording.watched(MUCH);
        Recording.unwatched();
        assertThat(Recording.state()).isEqualTo("on");
        assertThat(Recording.want(1)).as("there was one").isTrue();
        Recording.watched(MUCH);
        assertThat(Recording.state()).isEqualTo("on");
    }
}
