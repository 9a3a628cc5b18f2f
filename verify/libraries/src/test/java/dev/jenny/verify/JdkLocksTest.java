package dev.jenny.verify;

import static dev.jenny.Go.go;
import static org.assertj.core.api.Assertions.assertThat;

import dev.jenny.Chan;
import dev.jenny.Go;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Exchanger;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.Phaser;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What blocks in the JDK works in a goroutine and frees its P. */
@Timeout(60)
class JdkLocksTest {
    private static final int GOROUTINES = 200;

    private int counter;

    @Test
    void reentrantLockExcludes() throws Exception {
        ReentrantLock lock = new ReentrantLock();
        Goroutines.all(
                GOROUTINES,
                i -> {
                    for (int j = 0; j < 500; j++) {
                        lock.lock();
                        try {
                            lock.lock();
                            counter++;
                            lock.unlock();
                        } finally {
                            lock.unlock();
                        }
                    }
                    return i;
                });
        assertThat(counter).isEqualTo(GOROUTINES * 500);
    }

    @Test
    void synchronizedExcludesAndSleepsInside() throws Exception {
        Object monitor = new Object();
        Goroutines.all(
                GOROUTINES,
                i -> {
                    for (int j = 0; j < 200; j++) {
                        synchronized (monitor) {
                            counter++;
                            if (j == 100 && i % 20 == 0) {
                                Thread.sleep(1);
                            }
                        }
                    }
                    return i;
                });
        assertThat(counter).isEqualTo(GOROUTINES * 200);
    }

    @Test
    void waitAndNotify() throws Exception {
        Object monitor = new Object();
        boolean[] open = {false};
        int[] waiting = {0};
        Chan<Integer> through = Chan.make(50);
        for (int i = 0; i < 50; i++) {
            int k = i;
            go(() -> {
                synchronized (monitor) {
                    waiting[0]++;
                    monitor.notifyAll();
                    while (!open[0]) {
                        monitor.wait();
                    }
                }
                through.send(k);
            });
        }
        synchronized (monitor) {
            while (waiting[0] < 50) {
                monitor.wait();
            }
            open[0] = true;
            monitor.notifyAll();
        }
        for (int i = 0; i < 50; i++) {
            assertThat(through.recv()).isNotNull();
        }
    }

    @Test
    void conditionsAndTimedWaits() throws Exception {
        ReentrantLock lock = new ReentrantLock();
        Condition never = lock.newCondition();
        List<Boolean> signalled =
                Goroutines.all(
                        20,
                        i -> {
                            lock.lock();
                            try {
                                return never.await(5, TimeUnit.MILLISECONDS);
                            } finally {
                                lock.unlock();
                            }
                        });
        assertThat(signalled).hasSize(20).containsOnly(false);
    }

    @Test
    void queuesBarriersAndExchangers() throws Exception {
        ArrayBlockingQueue<Integer> queue = new ArrayBlockingQueue<>(4);
        CyclicBarrier barrier = new CyclicBarrier(10);
        Semaphore permits = new Semaphore(3);
        Phaser phaser = new Phaser(10);
        List<Integer> got =
                Goroutines.all(
                        10,
                        i -> {
                            barrier.await();
                            permits.acquire();
                            permits.release();
                            phaser.arriveAndAwaitAdvance();
                            if (i % 2 == 0) {
                                queue.put(i);
                                return 0;
                            }
                            return queue.take();
                        });
        assertThat(got.stream().mapToInt(Integer::intValue).sum()).isEqualTo(0 + 2 + 4 + 6 + 8);

        Exchanger<String> exchanger = new Exchanger<>();
        List<String> swapped = Goroutines.all(2, i -> exchanger.exchange("from " + i));
        assertThat(swapped).containsExactlyInAnyOrder("from 0", "from 1");
    }

    @Test
    void completableFuturesBothWays() throws Exception {
        CompletableFuture<Integer> promise = new CompletableFuture<>();
        go(() -> promise.complete(20));
        CompletableFuture<Integer> twice =
                promise.thenApplyAsync(x -> x * 2, Go.executor()).thenApply(x -> x + 2);
        assertThat(Goroutines.all(5, i -> twice.get())).containsOnly(42);
    }

    @Test
    void executorServiceRunsTasksAsGoroutines() throws Exception {
        try (ExecutorService executor = Go.executor()) {
            List<Future<Boolean>> done =
                    executor.invokeAll(
                            java.util.Collections.nCopies(100, () -> Go.current() != null));
            for (Future<Boolean> f : done) {
                // in fallback mode as well: the factory's threads are goroutines
                assertThat(f.get()).isTrue();
            }
        }
    }

    @Test
    void threadLocalsStayWithTheirGoroutine() throws Exception {
        ThreadLocal<Integer> mine = new ThreadLocal<>();
        InheritableThreadLocal<String> inherited = new InheritableThreadLocal<>();
        inherited.set("parent");
        List<Boolean> kept =
                Goroutines.all(
                        GOROUTINES,
                        i -> {
                            mine.set(i);
                            for (int j = 0; j < 50; j++) {
                                Go.gosched();
                            }
                            Thread.sleep(1);
                            return mine.get() == i && "parent".equals(inherited.get());
                        });
        assertThat(kept).containsOnly(true);
        assertThat(mine.get()).isNull();
    }

    @Test
    void scopedValuesBindInGoroutines() throws Exception {
        ScopedValue<String> user = ScopedValue.newInstance();
        List<String> seen =
                Goroutines.all(
                        20,
                        i ->
                                ScopedValue.where(user, "u" + i)
                                        .call(() -> {
                                            Go.gosched();
                                            return user.get();
                                        }));
        assertThat(seen).hasSize(20).doesNotHaveDuplicates();
    }
}
