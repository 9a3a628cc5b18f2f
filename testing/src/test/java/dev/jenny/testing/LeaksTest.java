package dev.jenny.testing;

import static dev.jenny.Go.go;
import static org.assertj.core.api.Assertions.assertThat;

import dev.jenny.Chan;
import dev.jenny.Go;
import dev.jenny.context.Context;
import dev.jenny.time.Timer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.junit.platform.engine.TestExecutionResult;

/** Goroutines that do not end with their test. */
class LeaksTest {
    /** What a leak is called where it can be proven, and where it cannot. */
    private static final String LEAKED =
            Runs.FALLBACK ? "1 goroutine still running" : "1 goroutine leaked";

    private static void leak() {
        Chan<Integer> ch = Chan.make();
        go(() -> ch.send(1));
    }

    @CheckGoroutines(graceMillis = 200)
    static class Leaks {
        @Test
        void sends() {
            leak();
        }
    }

    @Test
    void a_leak_fails_its_test_with_a_dump() {
        Throwable t = Runs.failure(Leaks.class);
        assertThat(t)
                .isExactlyInstanceOf(AssertionError.class)
                .hasMessageStartingWith("LeaksTest.Leaks.sends: " + LEAKED)
                .hasMessageContaining("{jenny.test: LeaksTest.Leaks.sends}:\n")
                .hasMessageContaining("created by dev.jenny.testing.LeaksTest.leak")
                .hasMessageContaining("LeaksTest.java:");
        assertThat(t).hasMessageContaining(Runs.FALLBACK ? "[chan send, " : "[chan send (leaked)");
        if (Runs.FALLBACK) {
            assertThat(t).hasMessageContaining("leaks cannot be proven in fallback mode");
        }
    }

    @CheckGoroutines(graceMillis = 20_000)
    static class Clean {
        @Test
        void exchanges() throws InterruptedException {
            Chan<Integer> ch = Chan.make();
            go(() -> ch.send(1));
            assertThat(ch.recv()).isOne();
        }
    }

    @Test
    void a_test_whose_goroutines_end_passes() {
        passes(Runs.of(Clean.class), 1);
    }

    @CheckGoroutines(graceMillis = 60_000)
    static class Late {
        @Test
        void ends() {
            go(() -> Go.sleep(Duration.ofMillis(100)));
        }
    }

    @Test
    void goroutines_get_time_to_end() {
        passes(Runs.of(Late.class), 1);
    }

    static class StaysAlive {
        static final List<Chan<Integer>> ROOTS = new ArrayList<>();

        static void stay() {
            Chan<Integer> ch = Chan.make();
            ROOTS.add(ch);
            go(ch::recv);
        }

        static void letGo() {
            ROOTS.forEach(Chan::close);
            ROOTS.clear();
        }

        @CheckGoroutines(graceMillis = 50)
        @Test
        void fails() {
            stay();
        }

        @CheckGoroutines(graceMillis = 50, running = Strictness.REPORT)
        @Test
        void reports() {
            stay();
        }

        @CheckGoroutines(graceMillis = 50, running = Strictness.IGNORE)
        @Test
        void ignores() {
            stay();
        }

        @CheckGoroutines(
                graceMillis = 60_000,
                allowed = "dev.jenny.testing.LeaksTest$StaysAlive.st")
        @Test
        void allows() {
            stay();
        }

        @CheckGoroutines(graceMillis = 50, allowed = "dev.jenny.testing.LeaksTest$Other.")
        @Test
        void allowsOthers() {
            stay();
        }
    }

    @Test
    void what_something_can_still_wake_is_running_and_not_leaked() {
        Captured err = Captured.standardError();
        Map<String, TestExecutionResult> results;
        try (err) {
            results = Runs.of(StaysAlive.class);
        } finally {
            StaysAlive.letGo();
        }
        assertThat(Runs.failure(results.get("fails")))
                .hasMessageStartingWith(
                        "LeaksTest.StaysAlive.fails: 1 goroutine still running 50.0ms after the test\n\n")
                .hasMessageContaining("[chan receive, ");
        assertThat(results.get("reports").getThrowable()).isEmpty();
        assertThat(results.get("ignores").getThrowable()).isEmpty();
        assertThat(results.get("allows").getThrowable()).isEmpty();
        assertThat(Runs.failure(results.get("allowsOthers")))
                .hasMessageContaining("1 goroutine still running");
        assertThat(err.text())
                .containsOnlyOnce("still running")
                .contains("jenny: LeaksTest.StaysAlive.reports: 1 goroutine still running 50.0ms");
    }

    static class RunTwice {
        private static boolean again;

        @CheckGoroutines(graceMillis = 50)
        @Test
        void stays() {
            if (!again) {
                again = true;
                StaysAlive.stay();
            }
        }
    }

    @Test
    void a_test_that_is_run_again_does_not_answer_for_what_its_first_run_has_left() {
        try {
            assertThat(Runs.failure(RunTwice.class)).hasMessageContaining("1 goroutine still");
            passes(Runs.of(RunTwice.class), 1);
        } finally {
            StaysAlive.letGo();
        }
    }

    @CheckGoroutines(graceMillis = 2_000)
    static class Around {
        private static final Chan<Integer> OF_ALL = Chan.make();
        private final Chan<Integer> ch = Chan.make();

        Around() {
            go(() -> {
                for (int i : ch) {
                    assertThat(i).isOne();
                }
            });
        }

        @BeforeAll
        static void startForAll() {
            go(OF_ALL::recv);
        }

        @AfterAll
        static void stopForAll() {
            OF_ALL.close();
        }

        @BeforeEach
        void startForEach() {
            go(() -> ch.send(1));
        }

        @Test
        void fixed() {}

        @Test
        void forgets() {
            forgotten = true;
        }

        private boolean forgotten;

        @AfterEach
        void stop() {
            if (!forgotten) {
                ch.close();
            }
        }
    }

    @Test
    void constructors_and_methods_around_the_test_count_and_those_of_the_class_do_not() {
        Map<String, TestExecutionResult> results = Runs.of(Around.class);
        assertThat(results.get("fixed").getThrowable()).isEmpty();
        assertThat(Runs.failure(results.get("forgets")))
                .hasMessageStartingWith("LeaksTest.Around.forgets: 1 goroutine still running");
    }

    @CheckGoroutines(graceMillis = 200)
    static class Repeated {
        private static int times;

        @RepeatedTest(3)
        void repeats() {
            if (++times == 2) {
                leak();
            }
        }

        @ParameterizedTest(name = "number {0}")
        @ValueSource(ints = {1, 2, 3})
        void parameterized(int i) {
            if (i == 3) {
                leak();
            }
        }
    }

    @Test
    void each_repetition_answers_for_itself() {
        Map<String, TestExecutionResult> results = Runs.of(Repeated.class);
        assertThat(results).hasSize(6);
        assertThat(Runs.failure(results.remove("repetition 2 of 3")))
                .hasMessageStartingWith("LeaksTest.Repeated.repeats#2: " + LEAKED);
        assertThat(Runs.failure(results.remove("number 3")))
                .hasMessageStartingWith("LeaksTest.Repeated.parameterized#3: " + LEAKED);
        passes(results, 4);
    }

    @CheckGoroutines(graceMillis = 200)
    static class Outer {
        @Nested
        class Inner {
            @Test
            void leaks() {
                leak();
            }

            @Test
            @CheckGoroutines(graceMillis = 1, running = Strictness.IGNORE)
            void sleeps() {
                go(() -> Go.sleep(Duration.ofSeconds(2)));
            }
        }
    }

    static class Derived extends Leaks {}

    @ExtendWith(GoroutineExtension.class)
    static class ByExtension {
        @Test
        void leaks() {
            leak();
        }
    }

    static class Unchecked {
        @Test
        void leaks() {
            leak();
        }
    }

    @Test
    void nested_and_derived_classes_are_checked_and_methods_may_say_otherwise() {
        Map<String, TestExecutionResult> results = Runs.of(Outer.class);
        assertThat(Runs.failure(results.get("leaks")))
                .hasMessageStartingWith("LeaksTest.Outer.Inner.leaks: " + LEAKED)
                .hasMessageNotContaining("in goroutine 0");
        assertThat(results.get("sleeps").getThrowable()).isEmpty();
        assertThat(Runs.failure(Derived.class))
                .hasMessageStartingWith("LeaksTest.Derived.sends: " + LEAKED);
        assertThat(Runs.failure(ByExtension.class))
                .hasMessageStartingWith("LeaksTest.ByExtension.leaks: " + LEAKED);
        passes(Runs.of(Unchecked.class), 1);
    }

    @CheckGoroutines(graceMillis = 200)
    static class Dynamic {
        @TestFactory
        Stream<DynamicTest> leaks() {
            return IntStream.range(0, 3)
                    .mapToObj(i -> DynamicTest.dynamicTest("d" + i, LeaksTest::leak));
        }
    }

    @Test
    void dynamic_tests_belong_to_their_factory() {
        List<Throwable> failures = Runs.containerFailures(Dynamic.class);
        assertThat(failures)
                .singleElement()
                .satisfies(t ->
                        assertThat(t)
                                .hasMessageStartingWith("LeaksTest.Dynamic.leaks: 3 goroutines "));
    }

    @CheckGoroutines(graceMillis = 200)
    static class FailsAndLeaks {
        @Test
        void fails() {
            leak();
            throw new IllegalStateException("of its own");
        }
    }

    @Test
    void a_test_that_fails_by_itself_says_so_first() {
        Throwable t = Runs.failure(FailsAndLeaks.class);
        assertThat(t).isExactlyInstanceOf(IllegalStateException.class).hasMessage("of its own");
        assertThat(t.getSuppressed())
                .anySatisfy(s ->
                        assertThat(s)
                                .hasMessageStartingWith(
                                        "LeaksTest.FailsAndLeaks.fails: " + LEAKED));
    }

    @CheckGoroutines(graceMillis = 200)
    static class ByTimer {
        private static void waitForNobody(Chan<Boolean> started) throws InterruptedException {
            started.send(true);
            Chan.<Integer>make().recv();
        }

        @Test
        void timer() throws InterruptedException {
            Chan<Boolean> started = Chan.make();
            Timer.afterFunc(Duration.ofMillis(1), () -> waitForNobody(started));
            started.recv();
        }

        @Test
        void deadline() throws InterruptedException {
            Chan<Boolean> started = Chan.make();
            try (Context ctx = Context.background().withTimeout(Duration.ofMillis(1))) {
                ctx.afterFunc(() -> waitForNobody(started));
                started.recv();
            }
        }
    }

    @Test
    void what_a_timer_starts_is_of_the_test_that_set_it() {
        Map<String, TestExecutionResult> results = Runs.of(ByTimer.class);
        for (String test : List.of("timer", "deadline")) {
            assertThat(Runs.failure(results.get(test)))
                    .hasMessageStartingWith("LeaksTest.ByTimer." + test + ": " + LEAKED)
                    .hasMessageContaining("LeaksTest$ByTimer.waitForNobody(");
        }
    }

    private static void passes(Map<String, TestExecutionResult> results, int count) {
        assertThat(results).hasSize(count);
        assertThat(results.values()).allSatisfy(r -> assertThat(r.getThrowable()).isEmpty());
    }
}
