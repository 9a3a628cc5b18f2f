package dev.jenny.internal.sched;

import static dev.jenny.Go.go;
import static dev.jenny.support.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.jenny.Goroutine;
import dev.jenny.support.Mode;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

class ProbeForgetTest {
    private volatile boolean over;

    @Test
    void says_how_many_ps_could_not_forget() throws Exception {
        assumeTrue(Mode.isCustom());
        CountDownLatch runs = new CountDownLatch(1);
        Goroutine hog =
                go(() -> {
                    runs.countDown();
                    while (!over) {
                        Thread.onSpinWait();
                    }
                });
        try {
            runs.await();
            assertThat(Probe.forget(1_000_000)).isPositive();
        } finally {
            over = true;
            hog.join();
        }
        eventually(() -> Probe.forget(1_000_000) == 0);
    }
}
