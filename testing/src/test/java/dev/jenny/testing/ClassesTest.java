package dev.jenny.testing;

import static dev.jenny.Go.go;
import static org.assertj.core.api.Assertions.assertThat;

import dev.jenny.Chan;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.AfterTestExecutionCallback;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Goroutines that are started for all tests of a class. */
@Timeout(120)
class ClassesTest {
    private static final String LEAKED =
            Runs.FALLBACK ? "1 goroutine still running" : "1 goroutine leaked";

    private static void leak() {
        Chan<Integer> ch = Chan.make();
        go(() -> ch.send(1));
    }

    /** The tests of {@code c} pass, and so does the class. */
    private static void passes(Class<?> c, int tests) {
        assertThat(run(c, tests)).isEmpty();
    }

    /** The tests of {@code c} pass, and the class fails: why. */
    private static Throwable failure(Class<?> c, int tests) {
        List<Throwable> failures = run(c, tests);
        assertThat(failures).hasSize(1);
        return failures.getFirst();
    }

    private static List<Throwable> run(Class<?> c, int tests) {
        Runs.Outcome o = Runs.all(c);
        assertThat(o.tests()).hasSize(tests);
        assertThat(o.tests().values()).allSatisfy(r -> assertThat(r.getThrowable()).isEmpty());
        return o.containerFailures();
    }

    @CheckGoroutines(graceMillis = 200)
    static class LeaksBefore {
        @BeforeAll
        static void start() {
            leak();
        }

        @Test
        void passes() {}
    }

    @Test
    void what_was_started_before_all_tests_and_leaks_fails_the_class() {
        assertThat(failure(LeaksBefore.class, 1))
                .isExactlyInstanceOf(AssertionError.class)
                .hasMessageStartingWith("ClassesTest.LeaksBefore: " + LEAKED)
                .hasMessageContaining("{jenny.test: ClassesTest.LeaksBefore}:\n")
                .hasMessageContaining("created by dev.jenny.testing.ClassesTest.leak");
    }

    @CheckGoroutines(graceMillis = 60_000, timeoutMillis = 0)
    static class Server {
        private static Chan<Chan<Integer>> requests;

        @BeforeAll
        static void start() {
            Chan<Chan<Integer>> mine = Chan.make();
            requests = mine;
            go(() -> {
                for (Chan<Integer> answer : mine) {
                    answer.send(1);
                }
            });
        }

        @AfterAll
        static void stop() {
            requests.close();
        }

        @Test
        void first() throws InterruptedException {
            ask();
        }

        @Test
        void second() throws InterruptedException {
            ask();
        }

        private static void ask() throws InterruptedException {
            Chan<Integer> answer = Chan.make();
            requests.send(answer);
            assertThat(answer.recv()).isOne();
        }
    }

    @Test
    void what_serves_all_tests_and_is_stopped_after_them_passes() {
        passes(Server.class, 2);
    }

    static class Stays {
        static Chan<Integer> open;

        static void stay() {
            Chan<Integer> ch = Chan.make();
            open = ch;
            go(ch::recv);
        }
    }

    @CheckGoroutines(graceMillis = 50)
    static class StaysAfter {
        @AfterAll
        static void stop() {
            Stays.stay();
        }

        @Test
        void passes() {}
    }

    @CheckGoroutines(graceMillis = 50, running = Strictness.IGNORE)
    static class MayStay extends StaysAfter {}

    @Test
    void what_runs_on_fails_the_class_unless_it_may() {
        assertThat(failure(StaysAfter.class, 1))
                .hasMessageStartingWith(
                        "ClassesTest.StaysAfter: 1 goroutine still running 50.0ms after the class\n");
        Stays.open.close();
        passes(MayStay.class, 1);
        Stays.open.close();
    }

    @CheckGoroutines(graceMillis = 200)
    @TestInstance(TestInstance.Lifecycle.PER_CLASS)
    static class OneInstance {
        OneInstance() {
            leak();
        }

        @Test
        void passes() {}

        @Test
        void passesToo() {}
    }

    @Test
    void the_constructor_of_one_instance_for_all_is_the_classs() {
        assertThat(failure(OneInstance.class, 2))
                .hasMessageStartingWith("ClassesTest.OneInstance: " + LEAKED);
    }

    @CheckGoroutines(graceMillis = 20_000)
    static class Panics {
        @BeforeAll
        static void start() {
            Chan<Boolean> mine = Chan.make();
            now = mine;
            go(() -> {
                mine.recv();
                throw new IllegalStateException("boom");
            });
        }

        private static Chan<Boolean> now;

        @Test
        void passes() {
            now.close();
        }
    }

    @Test
    void a_panic_of_what_was_started_before_all_tests_fails_the_class() {
        assertThat(failure(Panics.class, 1))
                .hasMessageStartingWith("panic: java.lang.IllegalStateException: boom")
                .hasMessageContaining("{jenny.test: ClassesTest.Panics}");
    }

    @CheckGoroutines(timeoutMillis = 3_000, graceMillis = 200)
    static class Hangs {
        @BeforeAll
        static void hang() throws InterruptedException {
            Chan.<Integer>make().recv();
        }

        @Test
        void isNotRun() {}
    }

    @Test
    void a_deadlock_before_all_tests_is_found() {
        assertThat(Runs.containerFailures(Hangs.class))
                .singleElement()
                .satisfies(t ->
                        assertThat(t)
                                .hasMessageStartingWith(
                                        Runs.FALLBACK
                                                ? "test timed out after 3.00s: ClassesTest.Hangs"
                                                : "all goroutines of ClassesTest.Hangs are asleep"
                                                        + " - deadlock!"));
    }

    @CheckGoroutines(graceMillis = 200)
    static class Outer {
        private static Chan<Integer> ofOuter;

        @BeforeAll
        static void start() {
            Chan<Integer> mine = Chan.make();
            ofOuter = mine;
            go(mine::recv);
        }

        @AfterAll
        static void stop() {
            ofOuter.close();
        }

        @Nested
        class Inner {
            @BeforeAll
            static void startInner() {
                leak();
            }

            @Test
            void passes() {}
        }

        @Nested
        class Clean {
            @Test
            void passesToo() {}
        }
    }

    @Test
    void a_nested_class_answers_for_its_own() {
        assertThat(failure(Outer.class, 2))
                .hasMessageStartingWith("ClassesTest.Outer.Inner: " + LEAKED);
    }

    static class OneIsChecked {
        @BeforeAll
        static void start() {
            Stays.stay();
        }

        @Test
        @CheckGoroutines(graceMillis = 200)
        void passes() {}
    }

    @Test
    void a_class_with_only_a_method_that_is_checked_is_not() {
        passes(OneIsChecked.class, 1);
        Stays.open.close();
    }

    /** Interrupts the test's goroutine between the test and what comes after it. */
    static class Interrupter implements AfterTestExecutionCallback {
        @Override
        public void afterTestExecution(ExtensionContext context) throws Exception {
            Thread t = Late.thread;
            t.interrupt();
            while (t.getState() != Thread.State.WAITING && t.isAlive()) {
                Thread.onSpinWait();
            }
        }
    }

    @CheckGoroutines
    @ExtendWith(Interrupter.class)
    static class Late {
        private static volatile Thread thread;
        private static volatile boolean cleaned;

        @Test
        void ends() {
            thread = Thread.currentThread();
        }

        @AfterEach
        void clean() {
            cleaned = true;
        }
    }

    @Test
    void an_interrupt_that_comes_after_a_method_is_nothing_to_the_next() {
        passes(Late.class, 1);
        assertThat(Late.cleaned).isTrue();
    }
}
