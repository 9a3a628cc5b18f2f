package dev.jenny.testing;

import static dev.jenny.Go.go;
import static org.assertj.core.api.Assertions.assertThat;

import dev.jenny.Chan;
import dev.jenny.GoRuntime;
import dev.jenny.Goroutine;
import dev.jenny.sync.WaitGroup;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.platform.engine.TestExecutionResult;

/** Exceptions that leave goroutines. */
@Timeout(120)
class PanicsTest {
    private static final Queue<Throwable> UNCAUGHT = new ConcurrentLinkedQueue<>();

    private Thread.UncaughtExceptionHandler before;

    @BeforeEach
    void catchWhatNobodyTakes() {
        UNCAUGHT.clear();
        before = Thread.getDefaultUncaughtExceptionHandler();
        Thread.setDefaultUncaughtExceptionHandler((t, e) -> UNCAUGHT.add(e));
    }

    @AfterEach
    void resetHandlers() {
        GoRuntime.onPanic(null);
        Thread.setDefaultUncaughtExceptionHandler(before);
    }

    private static void panic() {
        throw new IllegalStateException("boom");
    }

    static class Panics {
        @Test
        @CheckGoroutines(graceMillis = 20_000)
        void joined() throws InterruptedException {
            go(PanicsTest::panic).join();
        }

        @Test
        @CheckGoroutines(graceMillis = 20_000)
        void later() {
            go(() -> go(PanicsTest::panic));
        }

        @Test
        @CheckGoroutines(graceMillis = 20_000, timeoutMillis = 0)
        void awaited() throws InterruptedException {
            Chan<Integer> answer = Chan.make();
            ANSWERS.add(answer); // no deadlock: somebody else might answer
            go(() -> {
                panic();
                answer.send(1);
            });
            answer.recv();
        }

        @Test
        @CheckGoroutines(graceMillis = 20_000)
        void two() throws InterruptedException {
            WaitGroup wg = new WaitGroup();
            wg.go(PanicsTest::panic);
            wg.go(PanicsTest::panic);
            wg.await();
        }

        @Test
        @CheckGoroutines(graceMillis = 20_000, panics = Strictness.REPORT)
        void reported() throws InterruptedException {
            go(PanicsTest::panic).join();
            go(PanicsTest::panic).join();
        }

        @Test
        @CheckGoroutines(graceMillis = 20_000, panics = Strictness.IGNORE)
        void ignored() throws InterruptedException {
            go(PanicsTest::panic).join();
        }

        private static final Queue<Chan<Integer>> ANSWERS = new ConcurrentLinkedQueue<>();
    }

    @Test
    void a_panic_fails_the_test_that_it_belongs_to() {
        Captured err = Captured.standardError();
        Map<String, TestExecutionResult> results;
        try (err) {
            results = Runs.of(Panics.class);
        }
        for (String test : new String[] {"joined", "later", "awaited", "two"}) {
            assertThat(Runs.failure(results.get(test)))
                    .as(test)
                    .isExactlyInstanceOf(AssertionError.class)
                    .hasMessageStartingWith(
                            "panic: java.lang.IllegalStateException: boom\n\ngoroutine ")
                    .hasMessageContaining(" {jenny.test: PanicsTest.Panics." + test + "}:\n")
                    .hasMessageContaining("created by dev.jenny.testing.PanicsTest$Panics.")
                    .hasCauseExactlyInstanceOf(IllegalStateException.class);
        }
        assertThat(Runs.failure(results.get("awaited")).getSuppressed())
                .as("the test's method was interrupted")
                .anyMatch(t -> t instanceof InterruptedException);
        assertThat(Runs.failure(results.get("two")).getSuppressed())
                .anySatisfy(t -> assertThat(t).hasMessageStartingWith("panic: "));
        assertThat(results.get("reported").getThrowable()).isEmpty();
        assertThat(results.get("ignored").getThrowable()).isEmpty();
        assertThat(err.text().split("jenny: panic: java.lang.IllegalStateException: boom"))
                .as("what stands around two reports")
                .hasSize(3);
        assertThat(UNCAUGHT).as("the ignored one").hasSize(1);
    }

    @CheckGoroutines(graceMillis = 500, timeoutMillis = 0)
    static class LeaksToo {
        private static final Chan<Integer> ANSWER = Chan.make();

        @Test
        void leaks() throws InterruptedException {
            Chan<Integer> never = Chan.make();
            go(() -> never.recv());
            go(PanicsTest::panic);
            ANSWER.recv(); // until it is interrupted because of the panic
        }
    }

    @Test
    void a_panic_hides_no_leaks() {
        Throwable t = Runs.failure(LeaksToo.class);
        assertThat(t).hasMessageStartingWith("panic: ");
        assertThat(t.getSuppressed())
                .anySatisfy(s ->
                        assertThat(s)
                                .hasMessageContaining(
                                        Runs.FALLBACK
                                                ? "1 goroutine still running"
                                                : "1 goroutine leaked"));
    }

    @CheckGoroutines(graceMillis = 20_000)
    static class Handled {
        static final Queue<Throwable> SEEN = new ConcurrentLinkedQueue<>();

        @Test
        void handles() throws InterruptedException {
            GoRuntime.onPanic((g, e) -> SEEN.add(e));
            go(PanicsTest::panic).join();
        }
    }

    @Test
    void a_handler_gets_it_all_the_same() {
        assertThat(Runs.failure(Handled.class)).hasMessageStartingWith("panic: ");
        assertThat(Handled.SEEN).hasSize(1);
        assertThat(UNCAUGHT).isEmpty();
    }

    @Test
    void a_panic_outside_of_checked_tests_is_left_alone() throws InterruptedException {
        go(PanicsTest::panic).join();
        assertThat(UNCAUGHT).hasSize(1);
    }

    @CheckGoroutines(graceMillis = 20_000)
    static class FailsToo {
        @Test
        void fails() {
            Chan<Integer> ch = Chan.make();
            ch.close();
            Goroutine g = go(() -> ch.send(1));
            while (g.isAlive()) { // not join, which the interrupt because of the panic would end
                Thread.onSpinWait();
            }
            throw new IllegalStateException("follows");
        }
    }

    @Test
    void the_panic_comes_before_the_failure_that_follows_from_it() {
        Throwable t = Runs.failure(FailsToo.class);
        assertThat(t)
                .hasMessageStartingWith("panic: ")
                .hasMessageContaining("send on closed channel");
        assertThat(t.getSuppressed()).hasAtLeastOneElementOfType(IllegalStateException.class);
    }
}
