package dev.jenny.testing;

import static dev.jenny.Go.go;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import dev.jenny.Chan;
import dev.jenny.sync.Mutex;
import dev.jenny.sync.WaitGroup;
import dev.jenny.time.Timers;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.platform.engine.TestExecutionResult;

/** Tests that would hang. None has a time limit that could end it, unless it says so. */
@Timeout(120)
class DeadlocksTest {
    @CheckGoroutines(timeoutMillis = 0)
    static class NobodySends {
        static volatile boolean cleanedUp;

        @Test
        void receives() throws InterruptedException {
            Chan<Integer> ch = Chan.make();
            Chan<Integer> other = Chan.make();
            go(() -> {
                other.recv();
                ch.send(1);
            });
            ch.recv();
            other.send(1);
        }

        @AfterEach
        void cleanUp() {
            cleanedUp = true;
        }
    }

    @Test
    void a_test_that_waits_for_what_only_its_own_goroutines_have_fails() {
        assumeFalse(Runs.FALLBACK, "there is no proof in fallback mode");
        Throwable t = Runs.failure(NobodySends.class);
        assertThat(t)
                .isExactlyInstanceOf(AssertionError.class)
                .hasMessageStartingWith(
                        "all goroutines of DeadlocksTest.NobodySends.receives are asleep - deadlock!\n\n"
                                + "2 goroutines leaked")
                .hasMessageContaining("DeadlocksTest$NobodySends.receives(...)")
                .hasMessageContaining("DeadlocksTest$NobodySends.lambda$receives")
                .hasMessageNotContaining("org.junit.")
                .hasMessageNotContaining("dev.jenny.testing.TestMain");
        assertThat(NobodySends.cleanedUp).as("@AfterEach methods are run").isTrue();
    }

    @CheckGoroutines(timeoutMillis = 0)
    static class WaitsForAnother {
        static final Chan<Integer> FROM_OUTSIDE = Chan.make();
        static final CountDownLatch STARTED = new CountDownLatch(1);

        @Test
        void receives() throws InterruptedException {
            STARTED.countDown();
            assertThat(FROM_OUTSIDE.recv()).isEqualTo(42);
        }
    }

    @Test
    void a_test_that_something_else_can_wake_waits_on() throws InterruptedException {
        Thread sender = Thread.ofPlatform().start(DeadlocksTest::sendAfterTheSearch);
        assertThat(Runs.of(WaitsForAnother.class).get("receives").getThrowable()).isEmpty();
        sender.join();
    }

    /** Where there is a search, it takes a collection. */
    private static void sendAfterTheSearch() {
        try {
            WaitsForAnother.STARTED.await();
            long before = collections();
            while (!Runs.FALLBACK && collections() == before) {
                Thread.onSpinWait();
            }
            WaitsForAnother.FROM_OUTSIDE.send(42);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static long collections() {
        return ManagementFactory.getGarbageCollectorMXBeans().stream()
                .mapToLong(GarbageCollectorMXBean::getCollectionCount)
                .sum();
    }

    @CheckGoroutines(timeoutMillis = 0, graceMillis = 50)
    static class LocksInACircle {
        private final Mutex a = new Mutex();
        private final Mutex b = new Mutex();

        @Test
        void locks() throws InterruptedException {
            WaitGroup both = new WaitGroup();
            both.add(2);
            WaitGroup done = new WaitGroup();
            done.go(() -> lock(a, b, both));
            done.go(() -> lock(b, a, both));
            done.await();
        }

        private static void lock(Mutex first, Mutex second, WaitGroup both)
                throws InterruptedException {
            first.lock();
            both.done();
            both.await();
            second.lock();
        }
    }

    /** The mutexes are fields of the test, which JUnit holds: no proof, but a circle. */
    @Test
    void a_circle_of_locks_is_a_deadlock() {
        assertThat(Runs.failure(LocksInACircle.class))
                .hasMessageStartingWith(
                        "all goroutines of DeadlocksTest.LocksInACircle.locks are asleep - deadlock!\n\n"
                                + "cycle:\n  goroutine ")
                .hasMessageContaining("waits to lock sync.Mutex#")
                .hasMessageContaining("[sync.WaitGroup.Wait")
                .hasMessageContaining("DeadlocksTest$LocksInACircle.locks(...)");
    }

    @CheckGoroutines(timeoutMillis = 0, graceMillis = 50)
    static class LocksBesideATimer extends LocksInACircle {}

    /** Whose timer it is nobody knows, so it is waited for. */
    @Test
    void a_circle_of_locks_is_a_deadlock_once_the_timers_of_others_are_over() {
        Timers.afterFunc(Duration.ofSeconds(2), () -> {});
        assertThat(Runs.failure(LocksBesideATimer.class))
                .hasMessageContaining("are asleep - deadlock!");
    }

    @CheckGoroutines(timeoutMillis = 0, graceMillis = 50)
    static class WaitsForSomeTime {
        private final Mutex a = new Mutex();
        private final Mutex b = new Mutex();

        @Test
        void waits() throws InterruptedException {
            WaitGroup both = new WaitGroup();
            both.add(2);
            go(() -> LocksInACircle.lock(a, b, both));
            go(() -> LocksInACircle.lock(b, a, both));
            Timers.after(Duration.ofMillis(700)).recv();
        }
    }

    /** Its goroutines have not ended, and that is what it is told. */
    @Test
    void a_test_that_waits_with_a_time_limit_beside_a_circle_of_locks_is_not_asleep() {
        assertThat(Runs.failure(WaitsForSomeTime.class))
                .hasMessageContaining("waits to lock sync.Mutex#")
                .hasMessageNotContaining("are asleep");
    }

    static class TakesTooLong {
        final Chan<Integer> ch = Chan.make();
        final Mutex mu = new Mutex();

        @Test
        @CheckGoroutines(timeoutMillis = 300, graceMillis = 20_000)
        void receives() throws InterruptedException {
            go(() -> ch.recv());
            ch.recv();
        }

        @Test
        @CheckGoroutines(timeoutMillis = 300, graceMillis = 50)
        void locks() throws InterruptedException {
            go(mu::lock).join(); // never unlocked
            mu.lock();
        }

        @Test
        @CheckGoroutines(timeoutMillis = 0)
        @Timeout(value = 300, unit = TimeUnit.MILLISECONDS)
        void byJUnit() throws InterruptedException {
            ch.recv();
        }
    }

    @Test
    void a_time_limit_gives_a_dump_and_ends_the_test() {
        Map<String, TestExecutionResult> results = Runs.of(TakesTooLong.class);
        Throwable receives = Runs.failure(results.get("receives"));
        assertThat(receives)
                .hasMessageStartingWith(
                        "test timed out after 300ms: DeadlocksTest.TakesTooLong.receives\n\ngoroutine ")
                .hasMessageContaining("DeadlocksTest$TakesTooLong.receives(...)")
                .hasMessageContaining(
                        "created by dev.jenny.testing.DeadlocksTest$TakesTooLong.receives");
        assertThat(receives.getSuppressed())
                .anyMatch(t -> t instanceof InterruptedException)
                .noneMatch(t -> t.getMessage() != null && t.getMessage().contains("still running"));
        assertThat(Runs.failure(results.get("locks")))
                .hasMessageStartingWith(
                        "test timed out after 300ms: DeadlocksTest.TakesTooLong.locks"
                                + " (it does not react to an interrupt)")
                .hasMessageContaining("[sync.Mutex.Lock, ");
        List<String> messages = new ArrayList<>();
        Throwable byJUnit = Runs.failure(results.get("byJUnit"));
        messages.add(byJUnit.getMessage());
        for (Throwable s : byJUnit.getSuppressed()) {
            messages.add(s.getMessage());
        }
        assertThat(messages)
                .anyMatch(m -> m.contains("timed out after 300 milliseconds"))
                .anyMatch(m -> m.startsWith("interrupted: DeadlocksTest.TakesTooLong.byJUnit\n\n"));
    }
}
