package dev.jenny.time;

import static dev.jenny.support.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.jenny.internal.sched.Runtimes;

/** How many timers stand in the scheduler's heaps, beyond those that stood there before. */
final class Heap {
    private final int before = Runtimes.timers();

    void has(int n) {
        assertThat(Runtimes.timers() - before).isEqualTo(n);
    }

    void comesTo(int n) {
        eventually(() -> Runtimes.timers() - before == n);
    }
}
