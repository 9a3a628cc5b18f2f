package dev.jenny.inspect.internal.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.jenny.Chan;
import dev.jenny.Go;
import dev.jenny.Goroutine;
import dev.jenny.inspect.internal.model.Creator.Creation;
import dev.jenny.inspect.internal.web.History.Split;
import dev.jenny.inspect.internal.web.History.State;
import dev.jenny.inspect.internal.web.History.Step;
import dev.jenny.internal.event.Recorder;
import dev.jenny.internal.sched.Probe;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class HistoryTest {
    private static Step step(long t, String type) {
        return new Step(t, type, 0, 0, "");
    }

    @Test
    void theSplitCountsAlsoWhatHasNotEnded() {
        List<Step> steps =
                List.of(
                        step(1000, "create"),
                        step(1100, "start"),
                        step(1400, "park"),
                        step(2400, "ready"),
                        step(2500, "start"),
                        step(2600, "park"));
        History h = new History(steps, 11_000);
        assertThat(h.split()).isEqualTo(new Split(400, 200, 9400));
        assertThat(h.text())
                .isEqualTo(
                        "recorded, the last 10.0µs: running 4.0 %, runnable 2.0 %, waiting 94.0 %\n");
    }

    @Test
    void timesThatAreOverAreCountedByTheirLength() {
        List<Step> steps =
                List.of(
                        step(0, "create"),
                        step(30, "start"),
                        step(129, "yield"),
                        step(229, "start"),
                        step(529, "park"),
                        step(529, "ready"),
                        step(1_000_000_528, "start"));
        History h = new History(steps, 2_000_000_000);
        assertThat(h.histogram(State.READY)).isEqualTo(Map.of(30L, 1, 100L, 1, 300_000_000L, 1));
        assertThat(h.histogram(State.RUN))
                .as("it has run since, but nobody knows for how long it will")
                .isEqualTo(Map.of(30L, 1, 300L, 1));
        assertThat(h.histogram(State.WAIT)).as("none at all").isEqualTo(Map.of(0L, 1));
    }

    @Test
    void whatHappensTwiceInAStateDoesNotDivideIt() {
        History h = new History(List.of(step(0, "create"), step(5, "ready"), step(9, "start")), 9);
        assertThat(h.histogram(State.READY)).isEqualTo(Map.of(3L, 1));
    }

    @Test
    void whatIsNotRecordedHasNoSplit() {
        assertThat(new History(List.of(), 5).text()).isEmpty();
        assertThat(new History(List.of(step(7, "start")), 5).split())
                .as("a clock that was read before the event")
                .isEqualTo(new Split(0, 0, 0));
    }

    @Test
    void aRecordingKnowsTheCreatorsOfThoseThatHaveEnded() throws Exception {
        assumeTrue(Probe.custom(), "needs Jenny's scheduler");
        Chan<Integer> stop = Chan.make();
        CompletableFuture<Goroutine> parent = new CompletableFuture<>();
        CompletableFuture<Goroutine> child = new CompletableFuture<>();
        try (Recorder r = Recorder.start(1 << 18)) {
            Goroutine first =
                    Go.go(() -> {
                        Goroutine second = Go.go(() -> child.complete(Go.go(() -> stop.recv())));
                        second.join();
                        parent.complete(second);
                    });
            first.join();
            long second = parent.get().id();
            long third = child.get().id();
            long none = 1L << 39;
            Map<Long, Creation> found =
                    Recording.past(all -> History.creations(Set.of(second, third, none), all));
            assertThat(found).containsOnlyKeys(second, third);
            assertThat(found.get(second).parent()).isEqualTo(first.id());
            assertThat(String.valueOf(found.get(second).site())).contains("HistoryTest");
            assertThat(found.get(third).parent()).isEqualTo(second);
        } finally {
            stop.close();
        }
        child.get().join();
        int left = Recording.past(List::size);
        assertThat(left).as("nobody records").isZero();
    }
}
