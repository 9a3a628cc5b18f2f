package dev.jenny.verify;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jenny.GoRuntime;
import org.junit.jupiter.api.Test;

/** The suite runs in the mode that the build meant it to. */
class ModeTest {
    @Test
    void theModeIsTheOneAskedFor() {
        assertThat(GoRuntime.mode()).isEqualTo(System.getProperty("jenny.test.mode"));
    }
}
