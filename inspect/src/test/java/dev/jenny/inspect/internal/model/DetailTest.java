package dev.jenny.inspect.internal.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jenny.Chan;
import dev.jenny.Go;
import dev.jenny.Goroutine;
import dev.jenny.Select;
import dev.jenny.context.Context;
import dev.jenny.inspect.internal.model.Creator.Creation;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What is told of one goroutine besides what it waits for. */
class DetailTest {
    @RegisterExtension final Started started = new Started();

    private static Detail detail(Goroutine g) {
        Detail d = Model.detail(g.id(), ids -> Map.of());
        assertThat(d).isNotNull();
        return d;
    }

    /** A goroutine that {@code parent} creates, which then goes on until {@code end} is closed. */
    private Goroutine child(CompletableFuture<Goroutine> parent, Chan<Integer> end)
            throws Exception {
        CompletableFuture<Goroutine> child = new CompletableFuture<>();
        Chan<Integer> never = Chan.make();
        parent.complete(
                started.start(() -> {
                    child.complete(started.start(never::recv));
                    end.recv();
                }));
        return Await.parked(child.get(), "chan receive");
    }

    @Test
    void creators_that_live_are_known_with_their_sites() throws Exception {
        CompletableFuture<Goroutine> parent = new CompletableFuture<>();
        Detail d = detail(child(parent, Chan.make()));
        assertThat(d.creators())
                .singleElement()
                .satisfies(c -> {
                    assertThat(c.id()).isEqualTo(parent.get().id());
                    assertThat(c.lives()).isTrue();
                    assertThat(String.valueOf(c.site())).contains("Started.start");
                });
        assertThat(d.text())
                .containsPattern(
                        "created at .*Started.start.*\\n  by goroutine "
                                + parent.get().id()
                                + ", created at .*Started.start");
    }

    @Test
    void of_creators_that_have_ended_only_a_recording_knows_more_than_the_number()
            throws Exception {
        Chan<Integer> end = Chan.make();
        CompletableFuture<Goroutine> parent = new CompletableFuture<>();
        Goroutine g = child(parent, end);
        long id = parent.get().id();
        end.close();
        parent.get().join();
        Await.until(() -> Model.goroutine(id) == null, "it is in no list any more");

        assertThat(detail(g).creators()).containsExactly(new Creator(id, null, false));
        assertThat(detail(g).text())
                .contains(
                        "by goroutine "
                                + id
                                + ", which has ended; where it was created is not known");

        Frame site = new Frame("app.Main.serve", "Main.java", 7);
        Map<Long, Creation> recorded = Map.of(id, new Creation(site, 0));
        Detail d = Model.detail(g.id(), ids -> recorded);
        assertThat(d).isNotNull();
        assertThat(d.creators()).containsExactly(new Creator(id, site, false));
        assertThat(d.text()).contains("and was created at app.Main.serve(Main.java:7)");
    }

    @Test
    void creators_whose_numbers_go_round_end_some_time() {
        long id = 1L << 39;
        Map<Long, Creation> recorded = Map.of(id, new Creation(null, id));
        assertThat(new Creators(List.of(id), ids -> recorded).of(id)).hasSizeBetween(2, 100);
    }

    @Test
    void creators_of_many_are_looked_up_a_generation_at_a_time() {
        List<Set<Long>> looked = new ArrayList<>();
        long first = 1L << 39;
        Creators creators =
                new Creators(
                        List.of(first, first + 1, first, 0L),
                        ids -> {
                            looked.add(ids);
                            return ids.contains(first + 2)
                                    ? Map.of()
                                    : Map.of(
                                            first,
                                            new Creation(null, first + 2),
                                            first + 1,
                                            new Creation(null, first + 2));
                        });
        assertThat(looked).containsExactly(Set.of(first, first + 1), Set.of(first + 2));
        assertThat(creators.of(first)).extracting(Creator::id).containsExactly(first, first + 2);
        assertThat(creators.of(0)).isEmpty();
    }

    private static ContextWait context(Goroutine g) {
        ContextWait c = detail(g).context();
        assertThat(c).isNotNull();
        return c;
    }

    @Test
    void who_waits_for_a_context_has_its_deadline() {
        try (Context soon = Context.background().withTimeout(Duration.ofHours(1));
                Context late = Context.background().withTimeout(Duration.ofHours(3));
                Context never = Context.background().withCancel()) {
            Chan<Integer> ch = Chan.make();
            Goroutine g =
                    Await.parked(
                            started.start(() ->
                                    Select.<Void>select(
                                            Select.onRecv(ch, v -> {}),
                                            Select.onRecv(never.done(), v -> {}),
                                            Select.onRecv(late.done(), v -> {}),
                                            Select.onRecv(soon.done(), v -> {}))),
                            "select");
            assertThat(context(g).hasDeadline()).isTrue();
            assertThat(context(g).leftNanos())
                    .isBetween(Duration.ofMinutes(58).toNanos(), Duration.ofHours(1).toNanos());
            List<String> chain = detail(g).why().chain();
            assertThat(chain)
                    .anyMatch(s ->
                            s.matches(
                                    "chan#\\d+ is of a context whose deadline is in (1h0m|5.m).*"))
                    .anyMatch(s -> s.matches("chan#\\d+ is of a context without a deadline\\."))
                    .anyMatch(s -> s.startsWith("Nobody is blocked trying to send to chan#"));
            assertThat(detail(g).why().wakers())
                    .extracting(Why.Waker::text)
                    .filteredOn(s -> s.startsWith("whoever cancels the context of chan#"))
                    .hasSize(3);

            Goroutine alone = Await.parked(started.start(() -> never.done().recv()));
            assertThat(context(alone).hasDeadline()).isFalse();
            assertThat(detail(alone).why().wakers())
                    .singleElement()
                    .satisfies(w -> assertThat(w.text()).startsWith("whoever cancels"));
        }
    }

    @Test
    void who_only_has_a_context_is_not_said_to_wait_for_it() {
        try (Context c = Context.background().withTimeout(Duration.ofHours(1))) {
            Chan<Integer> ch = Chan.make();
            Goroutine g =
                    started.start(() -> {
                        c.throwIfDone();
                        ch.recv();
                    });
            assertThat(detail(Await.parked(g, "chan receive")).context()).isNull();
        }
    }

    @Test
    void labels_are_told() throws Exception {
        Chan<Integer> ch = Chan.make();
        CompletableFuture<Goroutine> g = new CompletableFuture<>();
        Go.withLabels("svc", "users", () -> g.complete(started.start(ch::recv)));
        assertThat(detail(g.get()).text()).contains("labels: svc=users\n");
    }
}
