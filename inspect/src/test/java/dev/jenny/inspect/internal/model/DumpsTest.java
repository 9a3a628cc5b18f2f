package dev.jenny.inspect.internal.model;

import static dev.jenny.Go.go;
import static org.assertj.core.api.Assertions.assertThat;

import dev.jenny.Chan;
import dev.jenny.Go;
import dev.jenny.GoRuntime;
import dev.jenny.Goroutine;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class DumpsTest {
    private final Chan<Integer> ch = Chan.make();
    private final List<Goroutine> workers = new ArrayList<>();

    @BeforeEach
    void start() throws Exception {
        Go.withLabels(
                Map.of("svc", "users", "tenant", "a b"),
                () -> {
                    for (int i = 0; i < 5; i++) {
                        workers.add(go(DumpsTest.this::work));
                    }
                });
        workers.add(go(this::work)); // without labels
        for (Goroutine w : workers) {
            Await.parked(w, "chan receive");
        }
    }

    private void work() throws InterruptedException {
        ch.recv();
    }

    @AfterEach
    void end() {
        ch.close();
    }

    @Test
    void one_by_one_in_gos_format() throws Exception {
        StringBuilder b = new StringBuilder();
        long omitted = Dumps.text(b, Query.parse("label.svc=users"), 3, false);
        assertThat(omitted).isEqualTo(2);
        String first = b.substring(0, b.indexOf("\n\n"));
        assertThat(first)
                .matches(
                        "goroutine "
                                + workers.getFirst().id()
                                + " \\[chan receive\\] \\{svc: users, tenant: \"a b\"\\}:\n"
                                + "dev\\.jenny\\.inspect\\.internal\\.model\\.DumpsTest\\.work"
                                + "\\(\\.\\.\\.\\)\n\tDumpsTest\\.java:\\d+\n"
                                + "created by dev\\.jenny\\.inspect\\.internal\\.model\\.DumpsTest\\.\\S+\n"
                                + "\tDumpsTest\\.java:\\d+");
        assertThat(b).endsWith("... 2 goroutines left out ...\n");
        assertThat(GoRuntime.stack())
                .contains(
                        "goroutine "
                                + workers.getFirst().id()
                                + " [chan receive] {svc: users, tenant: \"a b\"}:\n");
    }

    @Test
    void waits_in_jdk_code_have_an_age() throws Exception {
        CountDownLatch latch = new CountDownLatch(1);
        Goroutine g = Await.parked(go(latch::await), "CountDownLatch.await");
        try {
            String mine = "id:" + g.id();
            Query old = Query.parse(mine + " age>100ms reason:CountDownLatch.await");
            Await.until(() -> Model.groups(old, 10).matched() == 1, "it is 100 ms old");
            assertThat(Model.groups(Query.parse(mine + " age>1h"), 10).matched()).isZero();
            assertThat(Model.groups(Query.parse(mine), 10).groups())
                    .singleElement()
                    .satisfies(group -> {
                        assertThat(group.status()).isEqualTo("CountDownLatch.await");
                        assertThat(group.oldestNanos()).isGreaterThan(100_000_000);
                    });
            StringBuilder json = new StringBuilder();
            Dumps.json(json, Query.parse(mine), 1, true);
            assertThat(json).containsPattern("\"waitNs\":[1-9]\\d{7,}");
        } finally {
            latch.countDown();
        }
    }

    @Test
    void grouped() {
        assertThat(Model.groups(Query.parse("label.svc=users"), 10).groups())
                .singleElement()
                .satisfies(g -> {
                    assertThat(g.count()).isEqualTo(5);
                    assertThat(g.status()).isEqualTo("chan receive");
                    assertThat(g.labels()).isEqualTo(Map.of("svc", "users", "tenant", "a b"));
                    assertThat(g.objectKind()).isEqualTo("chan");
                    assertThat(g.stack().getFirst().function()).endsWith("DumpsTest.work");
                    assertThat(Frame.text(g.site()))
                            .startsWith("dev.jenny.inspect.internal.model.DumpsTest.");
                });
    }

    @Test
    void groups_are_bounded() {
        Groups all = Model.groups(Query.ALL, 100);
        Groups none = Model.groups(Query.ALL, 0);
        assertThat(none.groups()).isEmpty();
        assertThat(none.omitted()).isEqualTo(all.groups().size() + all.omitted());
        assertThat(all.matched()).isEqualTo(all.total());
        assertThat(all.groups().stream().mapToLong(GoroutineGroup::count).sum())
                .isEqualTo(all.total());
    }

    @Test
    void as_json() {
        StringBuilder b = new StringBuilder();
        Dumps.json(b, Query.parse("label.svc=users"), 2, true);
        assertThat(b)
                .startsWith("{\"version\":1,\"goroutines\":[{\"id\":")
                .containsPattern("\"matched\":5,\"total\":\\d+}$")
                .contains("\"state\":\"waiting\",\"reason\":\"chan receive\"")
                .contains("\"labels\":{\"svc\":\"users\",\"tenant\":\"a b\"}")
                .containsPattern(
                        "\"on\":\\{\"kind\":\"chan\",\"id\":\\d+,\"label\":\"chan#\\d+\\[");
        assertThat(b.toString().split("\"id\":" + "\\d+,\"state\"", -1)).hasSize(3);
    }

    @Test
    void the_difference_of_two() throws Exception {
        Query mine = Query.parse("label.svc=users");
        Groups before = Model.groups(mine, 100);
        ch.send(1);
        Await.until(() -> Model.groups(mine, 100).matched() == 4, "one has ended");
        List<GroupChange> changes = Dumps.diff(before, Model.groups(mine, 100));
        assertThat(changes)
                .singleElement()
                .satisfies(c -> {
                    assertThat(c.before()).isEqualTo(5);
                    assertThat(c.after()).isEqualTo(4);
                    assertThat(c.delta()).isEqualTo(-1);
                });
        assertThat(Dumps.diff(before, before)).isEmpty();
        assertThat(Dumps.diff(before, Model.groups(Query.parse("id:0"), 1)))
                .singleElement()
                .satisfies(c -> assertThat(c.after()).isZero());
    }

    @Test
    void the_oldest_first() {
        Listing l = Model.goroutines(Query.parse("label.svc=users"), Model.Order.AGE, 3, false);
        assertThat(l.matched()).isEqualTo(5);
        assertThat(l.goroutines()).hasSize(3);
        assertThat(l.goroutines())
                .isSortedAccordingTo((a, b) -> Long.compare(b.waitNanos(), a.waitNanos()));
    }
}
