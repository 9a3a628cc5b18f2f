package dev.jenny;

import static dev.jenny.Go.go;
import static dev.jenny.Go.labels;
import static dev.jenny.Go.withLabels;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jenny.context.Context;
import dev.jenny.time.Timer;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class LabelsTest {
    @Test
    void goroutines_started_inside_inherit_them() throws Exception {
        Chan<Map<String, String>> seen = Chan.make(4);
        go(() -> {
            seen.send(labels());
            withLabels(
                    Map.of("svc", "users", "kind", "read"),
                    () -> {
                        withLabels(
                                "kind",
                                "write",
                                () -> go(() -> go(() -> seen.send(labels())).join()).join());
                        seen.send(labels());
                    });
            seen.send(labels());
        });
        assertThat(seen.recv()).isEmpty();
        assertThat(seen.recv()).isEqualTo(Map.of("svc", "users", "kind", "write"));
        assertThat(seen.recv()).isEqualTo(Map.of("svc", "users", "kind", "read"));
        assertThat(seen.recv()).isEmpty();
    }

    @Test
    void virtual_threads_of_libraries_inherit_them_on_our_scheduler() throws Exception {
        dev.jenny.support.Mode.assumeCustom("adopts virtual threads");
        Chan<Map<String, String>> seen = Chan.make(1);
        withLabels(
                "svc",
                "users",
                () ->
                        go(() ->
                                Thread.startVirtualThread(
                                        () -> assertThat(seen.trySend(labels())).isTrue())));
        assertThat(seen.recv()).isEqualTo(Map.of("svc", "users"));
    }

    @Test
    void a_platform_thread_may_use_them_for_what_it_starts() throws Exception {
        Chan<Map<String, String>> seen = Chan.make(1);
        withLabels(
                "a",
                "b",
                () -> {
                    assertThat(labels()).containsExactly(Map.entry("a", "b"));
                    go(() -> seen.send(labels()));
                });
        assertThat(labels()).isEmpty();
        assertThat(seen.recv()).isEqualTo(Map.of("a", "b"));
    }

    @Test
    void what_a_timer_starts_has_those_of_who_set_it() throws Exception {
        Chan<Map<String, String>> seen = Chan.make(1);
        Chan<Timer> timer = Chan.make(1);
        withLabels(
                "a",
                "b",
                () ->
                        go(() ->
                                timer.send(
                                        Timer.afterFunc(
                                                Duration.ofMillis(1), () -> seen.send(labels())))));
        assertThat(seen.recv()).isEqualTo(Map.of("a", "b"));
        Timer t = timer.recv();
        withLabels("c", "d", () -> t.reset(Duration.ofMillis(1)));
        assertThat(seen.recv()).isEqualTo(Map.of("c", "d"));
        t.reset(Duration.ZERO);
        assertThat(seen.recv()).isEmpty();
    }

    @Test
    void functions_of_a_context_at_its_deadline_have_those_of_who_set_that() throws Exception {
        Chan<Map<String, String>> seen = Chan.make(1);
        withLabels(
                "a",
                "b",
                () -> {
                    try (Context ctx = Context.background().withTimeout(Duration.ofMillis(10))) {
                        ctx.afterFunc(() -> seen.send(labels()));
                        ctx.done().recv();
                    }
                });
        assertThat(seen.recv()).isEqualTo(Map.of("a", "b"));
    }

    @Test
    void they_end_with_the_task_however_it_ends() {
        assertThatThrownBy(() ->
                        withLabels(
                                "a",
                                "b",
                                () -> {
                                    throw new IOException("x");
                                }))
                .isInstanceOf(IOException.class);
        assertThat(labels()).isEmpty();
    }

    @Test
    void they_are_copied_and_cannot_be_changed() throws Exception {
        Map<String, String> mine = new HashMap<>(Map.of("a", "b"));
        withLabels(
                mine,
                () -> {
                    mine.put("c", "d");
                    assertThat(labels()).isEqualTo(Map.of("a", "b"));
                    assertThatThrownBy(() -> labels().put("x", "y"))
                            .isInstanceOf(UnsupportedOperationException.class);
                });
    }

    @Test
    void nulls_are_refused() {
        Map<String, String> withNull = new HashMap<>();
        withNull.put("a", null);
        assertThatThrownBy(() -> withLabels(withNull, () -> {}))
                .isInstanceOf(NullPointerException.class);
        assertThatThrownBy(() -> withLabels(Map.of(), null))
                .isInstanceOf(NullPointerException.class);
        assertThat(labels()).isEmpty();
    }
}
