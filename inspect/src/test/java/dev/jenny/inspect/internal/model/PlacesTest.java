package dev.jenny.inspect.internal.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.jenny.Chan;
import dev.jenny.Go;
import dev.jenny.inspect.internal.Json;
import dev.jenny.inspect.internal.model.GoroutineGroup.Place;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Goroutines of one go statement that wait for the same reason, but not at the same place. */
class PlacesTest {
    private final Chan<Integer> jobs = Chan.make();
    private final Chan<Integer> acks = Chan.make();

    private void start(String test, int first, int second) throws Exception {
        for (int i = 0; i < first + second; i++) {
            boolean isFirst = i < first;
            Go.withLabels(
                    Map.of("test", test, "tenant", isFirst ? "a" : "b"),
                    () -> Go.go(() -> work(isFirst)));
        }
        int all = first + second;
        Await.until(() -> waiting(test) == all, "all wait");
    }

    private static long waiting(String test) {
        return Model.groups(Query.parse("label.test=" + test + " reason:\"chan receive\""), 10)
                .matched();
    }

    private static Query query(String test) {
        return Query.parse("label.test=" + test);
    }

    private void work(boolean first) throws InterruptedException {
        if (first) {
            takeJob();
        } else {
            takeAck();
        }
    }

    private void takeJob() throws InterruptedException {
        jobs.recv();
        takeAck();
    }

    private void takeAck() throws InterruptedException {
        acks.recv();
    }

    @AfterEach
    void end() {
        jobs.close();
        acks.close();
    }

    private static GoroutineGroup group(String test, Depth depth) {
        List<GoroutineGroup> groups = Model.groups(query(test), 10, depth).groups();
        assertThat(groups).hasSize(1);
        return groups.getFirst();
    }

    private static int count(GoroutineGroup g, String method) {
        return g.places().stream()
                .filter(p -> p.stack().getFirst().function().endsWith("PlacesTest." + method))
                .mapToInt(Place::count)
                .sum();
    }

    @Test
    void ofFewAllAreTold() throws Exception {
        start("few", 20, 10);
        GoroutineGroup g = group("few", Depth.ALL);
        assertThat(g.isExact()).isTrue();
        assertThat(g.read()).isEqualTo(30);
        assertThat(g.places())
                .extracting(Place::count, Place::labels)
                .containsExactly(
                        tuple(20, Map.of("test", "few", "tenant", "a")),
                        tuple(10, Map.of("test", "few", "tenant", "b")));
        assertThat(count(g, "takeJob")).isEqualTo(20);
        assertThat(count(g, "takeAck")).isEqualTo(10);
        assertThat(g.stack()).isEqualTo(g.places().getFirst().stack());
        assertThat(Json.string(j -> ModelJson.group(j, g)))
                .contains("\"read\":30,\"places\":[{\"count\":20,\"waitSite\":\"")
                .contains("},{\"count\":10,\"waitSite\":\"");
    }

    /** A sample of 64 without one of the two is less likely than one in 10 to the 11th. */
    @Test
    void ofManyASampleIsTold() throws Exception {
        start("many", 2_000, 1_000);
        for (Depth depth : List.of(Depth.SAMPLE, Depth.ALL)) {
            GoroutineGroup g = group("many", depth);
            assertThat(g.count()).isEqualTo(3_000);
            assertThat(g.read()).isEqualTo(64);
            assertThat(g.isExact()).isFalse();
            assertThat(count(g, "takeJob")).isPositive();
            assertThat(count(g, "takeAck")).isPositive();
            assertThat(count(g, "takeJob") + count(g, "takeAck")).isEqualTo(64);
        }
    }

    @Test
    void whoLooksAllTheTimeReadsOne() throws Exception {
        start("one", 5, 5);
        assertThat(group("one", Depth.ONE).read()).isEqualTo(1);
    }

    @Test
    void theDifferenceTellsWhoHasMovedOn() throws Exception {
        start("move", 7, 1);
        Groups before = Model.groups(query("move"), 10, Depth.ALL);
        for (int i = 0; i < 3; i++) {
            jobs.send(i);
        }
        Await.until(
                () -> waiting("move") == 8 && count(group("move", Depth.ALL), "takeAck") == 4,
                "three have moved on");
        List<GroupChange> changes = Dumps.diff(before, Model.groups(query("move"), 10, Depth.ALL));
        assertThat(changes)
                .filteredOn(c -> c.before() == 7)
                .singleElement()
                .satisfies(c -> assertThat(c.after()).isEqualTo(4));
        assertThat(changes).extracting(GroupChange::delta).containsExactlyInAnyOrder(-3L, 3L);
        assertThat(Dumps.diff(before, before)).isEmpty();
    }

    @Test
    void stacksAreAllThatIsToldApartIfLabelsAreTooMany() throws Exception {
        for (int i = 0; i < 100; i++) {
            Go.withLabels(
                    Map.of("test", "labels", "request", "" + i), () -> Go.go(() -> work(true)));
        }
        Await.until(() -> waiting("labels") == 100, "all wait");
        assertThat(group("labels", Depth.ALL).places())
                .singleElement()
                .satisfies(p -> {
                    assertThat(p.count()).isEqualTo(100);
                    assertThat(p.labels()).isEqualTo(Map.of("test", "labels"));
                });
    }
}
