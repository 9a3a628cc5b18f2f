package dev.jenny.internal.sched;

import static dev.jenny.Go.go;
import static dev.jenny.support.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.jenny.Chan;
import dev.jenny.Go;
import dev.jenny.Goroutine;
import dev.jenny.Select;
import dev.jenny.Task;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A wait for ever that somebody asked for is a timer that runs, not a deadlock. */
@Timeout(60)
class ForEverTest {
    private static final Duration FOR_EVER = Duration.ofSeconds(Long.MAX_VALUE);

    @Test
    void aSleepForEverIsATimer() throws Exception {
        assertIsTimer(() -> Go.sleep(FOR_EVER));
    }

    @Test
    void aSelectForEverIsATimer() throws Exception {
        assertIsTimer(() ->
                Select.select(
                        Select.onRecv(Chan.<String>make(), v -> {}),
                        Select.onTimeout(FOR_EVER, () -> {})));
    }

    private static void assertIsTimer(Task wait) throws Exception {
        int before = Timers.count();
        Goroutine g =
                go(() -> {
                    try {
                        wait.run();
                    } catch (InterruptedException e) {
                        // as it should be
                    }
                });
        eventually(() -> Timers.count() == before + 1);
        g.thread().interrupt();
        g.join();
        assertThat(Timers.count()).isEqualTo(before);
    }
}
