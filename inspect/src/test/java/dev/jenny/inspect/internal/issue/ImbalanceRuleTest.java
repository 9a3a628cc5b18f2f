package dev.jenny.inspect.internal.issue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jenny.inspect.internal.issue.Observation.LocalQueue;
import dev.jenny.inspect.internal.model.Frame;
import dev.jenny.inspect.internal.model.Groups;
import dev.jenny.inspect.internal.model.Issue;
import java.util.List;
import org.junit.jupiter.api.Test;

class ImbalanceRuleTest {
    private static final Frame SITE = new Frame("com.acme.Main.start", "Main.java", 12);

    private final ImbalanceRule rule = new ImbalanceRule();

    private List<Issue> look(LocalQueue... queues) {
        return rule.look(
                new Observation(
                        0,
                        new Groups(List.of(), 0, 0, 0, 0, 0),
                        List.of(),
                        List.of(),
                        List.of(),
                        List.of(),
                        List.of(),
                        List.of(queues)));
    }

    private static LocalQueue held(int p, int length, int taken) {
        return new LocalQueue(p, false, length, taken, 17, SITE);
    }

    private static LocalQueue active(int p, int length, int taken, long goroutine) {
        return new LocalQueue(p, true, length, taken, goroutine, goroutine == 0 ? null : SITE);
    }

    @Test
    void a_queue_that_nobody_comes_to() {
        for (int i = 0; i < 4; i++) {
            assertThat(look(held(0, 100, 7), active(1, 0, 9, 18))).isEmpty();
        }
        Issue i = look(held(0, 100, 7), active(1, 0, 9, 18), held(2, 1, 0)).getFirst();
        assertThat(i.rule()).isEqualTo("imbalance");
        assertThat(i.title())
                .isEqualTo("100 goroutines wait in the queue of P 0, while others have few");
        assertThat(i.evidence())
                .containsEntry("taken since the look before", "0 goroutines")
                .containsEntry(
                        "P 0 runs", "goroutine 17, created at com.acme.Main.start(Main.java:12)")
                .containsEntry("other Ps", "P 1: 0 queued, runs goroutine 18");
        assertThat(i.cause()).contains("held up by the goroutine", "the other Ps are held up");
        assertThat(i.fix()).contains("jenny.maxStalled");
        assertThat(i.goroutines()).containsExactly(17L);
        assertThat(i.link()).isEqualTo("#/goroutine?id=17");
        assertThat(look(held(0, 20, 87), active(1, 0, 9, 18))).as("it has become short").isEmpty();
        assertThat(look(held(0, 100, 87), active(1, 0, 9, 18))).as("counted anew").isEmpty();
    }

    @Test
    void a_thread_that_gets_no_cpu() {
        for (int i = 0; i < 4; i++) {
            assertThat(look(active(0, 40, -5 + 3 * i, 0), active(1, 10, 0, 0))).isEmpty();
        }
        Issue i = look(active(0, 40, 7, 0), active(1, 10, 0, 0)).getFirst();
        assertThat(i.evidence())
                .containsEntry("P 0 runs", "nothing")
                .containsEntry("other Ps", "P 1: 10 queued, idle");
        assertThat(i.cause()).contains("no CPU");
        assertThat(i.goroutines()).isEmpty();
        assertThat(i.link()).isEqualTo("#/scheduler");
    }

    @Test
    void a_long_queue_that_moves_is_healthy() {
        for (int i = 0; i < 40; i++) {
            assertThat(look(held(0, 255, Integer.MAX_VALUE - 1000 + 300 * i), active(1, 0, 0, 3)))
                    .isEmpty();
        }
    }

    @Test
    void too_much_work_for_all_is_no_imbalance() {
        for (int i = 0; i < 40; i++) {
            assertThat(look(active(0, 200, 10 * i, 2), active(1, 60, 10 * i, 3))).isEmpty();
        }
    }

    @Test
    void short_queues_single_ps_and_moments_are_healthy() {
        for (int i = 0; i < 40; i++) {
            assertThat(look(active(0, 31, 0, 2), active(1, 0, 0, 0))).isEmpty();
        }
        for (int i = 0; i < 40; i++) {
            assertThat(look(active(0, 200, 0, 2), held(1, 0, 0))).as("GOMAXPROCS is 1").isEmpty();
        }
        for (int i = 0; i < 40; i++) {
            assertThat(look(active(0, i % 4 == 0 ? 0 : 200, 0, 2), active(1, 0, 0, 0)))
                    .as("never for long")
                    .isEmpty();
        }
        for (int i = 0; i < 40; i++) {
            assertThat(
                            look(
                                    active(0, 200, 0, 2),
                                    active(1, 99, 0, 3),
                                    active(2, 99, 0, 4),
                                    active(3, 9, 0, 5)))
                    .as("one of three others only")
                    .isEmpty();
        }
    }
}
