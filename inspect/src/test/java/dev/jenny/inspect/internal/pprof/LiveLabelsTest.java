package dev.jenny.inspect.internal.pprof;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jenny.Go;
import dev.jenny.inspect.internal.pprof.LiveLabels.Allocation;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class LiveLabelsTest {
    private static final int MOST = 15;
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

    private final LabelHistory history = new LabelHistory(10_000);
    private final LiveLabels labels = new LiveLabels(MOST, System.nanoTime());
    private int looks;

    /** Objects that one goroutine allocates, each with other labels. */
    private List<Allocation> allocate(int n) throws InterruptedException {
        List<Allocation> objects = new ArrayList<>();
        Go.go(
                        () -> {
                            for (int i = 0; i < n; i++) {
                                long id = i;
                                Go.withLabels(
                                        "n",
                                        Long.toString(id),
                                        () ->
                                                objects.add(
                                                        new Allocation(
                                                                Thread.currentThread().threadId(),
                                                                id,
                                                                System.nanoTime())));
                            }
                        })
                .join();
        history.fetch();
        return objects;
    }

    private Supplier<List<Allocation>> live(List<Allocation> objects) {
        return () -> {
            looks++;
            return objects;
        };
    }

    private void assertKnown(List<Allocation> objects) {
        for (Allocation a : objects) {
            assertThat(labels.of(a, history)).isEqualTo(Map.of("n", Long.toString(a.id())));
        }
    }

    @Test
    void whatLivesKeepsItsLabels() throws Exception {
        try (history) {
            List<Allocation> objects = allocate(20);
            assertKnown(objects);
            assertThat(history.changes()).isGreaterThan(MOST);

            // the recorder has not seen the last ones yet
            long now = System.nanoTime();
            labels.trim(history, now, now, live(objects.subList(0, 15)));
            assertThat(looks).isEqualTo(1);
            assertThat(history.changes()).isBetween(1, MOST);
            assertKnown(objects);

            labels.trim(history, now, now + 20 * SECOND, live(objects));
            assertThat(looks).as("there is room").isEqualTo(1);
        }
    }

    @Test
    void theRecorderIsNotAskedAllTheTime() throws Exception {
        try (history) {
            List<Allocation> first = allocate(20);
            long now = System.nanoTime();
            labels.trim(history, now, now, live(first));
            List<Allocation> more = allocate(20);
            List<Allocation> all = new ArrayList<>(first);
            all.addAll(more);
            now = System.nanoTime();
            labels.trim(history, now, now + SECOND, live(all));
            assertThat(looks).isEqualTo(1);
            assertThat(history.changes()).isLessThanOrEqualTo(MOST);
            assertKnown(first);
            assertThat(more).allMatch(a -> labels.of(a, history).isEmpty());

            allocate(20);
            now = System.nanoTime();
            labels.trim(history, now, now + 20 * SECOND, live(first.subList(0, 1)));
            assertThat(looks).isEqualTo(2);
            assertKnown(first.subList(0, 1));
            assertThat(first.subList(1, 20))
                    .as("dead")
                    .allMatch(a -> labels.of(a, history).isEmpty());
        }
    }

    @Test
    void whereNothingIsLabelledNothingIsKept() throws Exception {
        try (history) {
            long now = System.nanoTime();
            labels.trim(history, now, now, live(List.of()));
            assertThat(labels.begin()).isEqualTo(now);
            assertThat(looks).isZero();
            assertThat(labels.of(new Allocation(0, 1, now), history)).isEmpty();
        }
    }
}
