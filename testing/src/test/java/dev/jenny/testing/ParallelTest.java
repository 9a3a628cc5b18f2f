package dev.jenny.testing;

import static dev.jenny.Go.go;
import static org.assertj.core.api.Assertions.assertThat;

import dev.jenny.Chan;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CyclicBarrier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.junit.platform.engine.TestExecutionResult;

/** Tests that run at the same time do not answer for each other. */
@Timeout(120)
class ParallelTest {
    private static final int TESTS = 6;

    @CheckGoroutines(graceMillis = 2_000)
    static class AllAtOnce {
        /** No test ends before each has its goroutines. */
        static final CyclicBarrier STARTED = new CyclicBarrier(TESTS);

        @ParameterizedTest(name = "{0}")
        @ValueSource(strings = {"clean a", "leak b", "clean c", "panic d", "leak e", "clean f"})
        void test(String what) throws Exception {
            Chan<Integer> ch = Chan.make();
            Chan<Integer> go = Chan.make();
            var g =
                    go(() -> {
                        go.recv();
                        if (what.startsWith("panic")) {
                            throw new IllegalStateException(what);
                        }
                        ch.send(1);
                    });
            meet();
            if (what.startsWith("leak")) {
                return;
            }
            go.send(1);
            if (what.startsWith("clean")) {
                assertThat(ch.recv()).isOne();
            }
            g.join();
        }

        private static void meet() throws InterruptedException {
            try {
                STARTED.await();
            } catch (BrokenBarrierException e) {
                throw new AssertionError(e);
            }
        }
    }

    @Test
    void each_answers_for_its_own_goroutines() {
        Map<String, TestExecutionResult> results = Runs.inParallel(AllAtOnce.class, TESTS);
        assertThat(results).hasSize(TESTS);
        Set<String> failed = new TreeSet<>();
        results.forEach((test, r) -> {
            if (r.getThrowable().isPresent()) {
                failed.add(test);
                Throwable t = Runs.failure(r);
                if (test.startsWith("panic")) {
                    assertThat(t)
                            .hasMessageStartingWith(
                                    "panic: java.lang.IllegalStateException: " + test);
                } else {
                    assertThat(t)
                            .hasMessageContaining(
                                    Runs.FALLBACK
                                            ? ": 1 goroutine still running"
                                            : ": 1 goroutine leaked, of 1 that");
                }
                // a panic interrupts the test's method, which may be in its last line
                assertThat(t.getSuppressed())
                        .as(test)
                        .allMatch(other -> other instanceof InterruptedException);
            }
        });
        assertThat(failed).containsExactly("leak b", "leak e", "panic d");
    }
}
