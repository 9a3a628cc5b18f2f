package dev.jenny;

import static dev.jenny.Go.go;
import static dev.jenny.support.Blocked.blocked;
import static dev.jenny.support.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jenny.support.Mode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Go.executor and Go.threadFactory. */
@Timeout(60)
class ExecutorTest {
    @Test
    void eachTaskIsAGoroutineOfItsOwn() throws Exception {
        Set<Goroutine> goroutines = ConcurrentHashMap.newKeySet();
        try (ExecutorService executor = Go.executor()) {
            List<Callable<Integer>> tasks = new ArrayList<>();
            for (int i = 0; i < 100; i++) {
                int number = i;
                tasks.add(() -> {
                    goroutines.add(Go.current());
                    return number;
                });
            }
            int expected = 0;
            for (Future<Integer> f : executor.invokeAll(tasks)) {
                assertThat(f.get()).isEqualTo(expected++);
            }
        }
        assertThat(goroutines).hasSize(100).doesNotContainNull();
    }

    /** With one P, the new goroutine cannot run before the one that looks stops. */
    @Test
    void aGoroutineCountsAsSoonAsItIsStarted() throws Exception {
        Mode.assumeCustom("fallback mode sees threads of a factory when they run");
        int procs = GoRuntime.gomaxprocs(1);
        try {
            Chan<Integer> release = Chan.make();
            Chan<String> dump = Chan.make();
            go(() ->
                    Go.withLabels(
                            "counts",
                            "atOnce",
                            () -> {
                                Go.executor().submit(() -> release.recv());
                                dump.send(GoRuntime.stack());
                            }));
            assertThat(dump.recv().split("counts: atOnce", -1)).as("around both").hasSize(3);
            release.close();
        } finally {
            GoRuntime.gomaxprocs(procs);
        }
    }

    @Test
    void thereIsNoLimit() throws Exception {
        Chan<Integer> release = Chan.make();
        AtomicInteger running = new AtomicInteger();
        try (ExecutorService executor = Go.executor()) {
            for (int i = 0; i < 2000; i++) {
                executor.submit(() -> {
                    running.incrementAndGet();
                    return release.recv();
                });
            }
            eventually(() -> running.get() == 2000);
            release.close();
        }
    }

    @Test
    void closeWaitsForTheTasks() {
        AtomicInteger done = new AtomicInteger();
        try (ExecutorService executor = Go.executor()) {
            for (int i = 0; i < 100; i++) {
                executor.execute(() -> {
                    Go.gosched();
                    done.incrementAndGet();
                });
            }
        }
        assertThat(done).hasValue(100);
    }

    @Test
    void shutdownNowInterruptsTheTasks() throws Exception {
        Chan<Thread> started = Chan.make(1);
        ExecutorService executor = Go.executor();
        Future<Object> f =
                executor.submit(() -> {
                    started.send(Thread.currentThread());
                    return Chan.make().recv();
                });
        blocked(started.recv());
        executor.shutdownNow();
        assertThatThrownBy(f::get).hasRootCauseInstanceOf(InterruptedException.class);
        assertThatThrownBy(() -> executor.execute(() -> {}))
                .isInstanceOf(RejectedExecutionException.class);
        executor.close();
    }

    @Test
    void theFactorysThreadsAreGoroutinesOnceStarted() throws Exception {
        ThreadFactory factory = Go.threadFactory();
        int before = GoRuntime.numGoroutine();
        Chan<Goroutine> current = Chan.make(1);
        Chan<Integer> release = Chan.make();
        Thread t =
                factory.newThread(() -> {
                    try {
                        current.send(Go.current());
                        release.recv();
                    } catch (InterruptedException e) {
                        throw new AssertionError(e);
                    }
                });
        assertThat(t.getState()).isEqualTo(Thread.State.NEW);
        assertThat(t.isVirtual()).isTrue();
        assertThat(GoRuntime.numGoroutine()).isLessThanOrEqualTo(before); // others may end
        t.start();
        Goroutine g = current.recv();
        assertThat(g.thread()).isSameAs(t);
        assertThat(GoRuntime.stack()).contains("goroutine " + g.id() + " [");
        release.close();
        t.join();
        eventually(() -> GoRuntime.numGoroutine() <= before);
    }

    @Test
    void theFactoryRefusesNullAndGivesUniqueNumbers() throws Exception {
        assertThatThrownBy(() -> Go.threadFactory().newThread(null))
                .isInstanceOf(NullPointerException.class);
        Set<Long> ids = new HashSet<>();
        Chan<Long> got = Chan.make(100);
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            threads.add(Go.threadFactory().newThread(() -> got.trySend(Go.current().id())));
        }
        for (Thread t : threads) {
            t.start();
        }
        for (int i = 0; i < 100; i++) {
            assertThat(ids.add(got.recv())).isTrue();
        }
    }
}
