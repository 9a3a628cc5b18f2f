package dev.jenny;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jenny.internal.event.BlockProfile;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Goroutines that wait in JDK code in all ways, with and without limits, while others interrupt
 * them and look at their stacks: each must come back from every wait.
 */
@Tag("stress")
@Timeout(240)
class JdkWaitStressTest {
    private static final int GOROUTINES = 64;
    private static final int OPERATIONS = 2_000;

    private final Object monitor = new Object();
    private final Object condition = new Object();
    private final ReentrantLock lock = new ReentrantLock();
    private final BlockingQueue<Integer> queue = new ArrayBlockingQueue<>(4);
    private final AtomicLong entered = new AtomicLong();
    private long counted; // guarded by monitor
    private long locked; // guarded by lock

    @AfterEach
    void off() {
        BlockProfile.setRate(0);
    }

    private void one(int which) throws InterruptedException {
        switch (which) {
            case 0 -> {
                synchronized (monitor) {
                    counted++;
                    Go.gosched(); // others queue up at the monitor
                }
                entered.getAndIncrement();
            }
            case 1 -> {
                synchronized (condition) {
                    condition.wait(1);
                }
            }
            case 2 -> {
                synchronized (condition) {
                    condition.notifyAll();
                }
            }
            case 3 -> queue.poll(100, TimeUnit.MICROSECONDS);
            case 4 -> queue.offer(1, 100, TimeUnit.MICROSECONDS);
            case 5 -> Thread.sleep(Duration.ofNanos(50_000));
            case 6 -> {
                if (lock.tryLock(1, TimeUnit.MILLISECONDS)) {
                    try {
                        locked++;
                    } finally {
                        lock.unlock();
                    }
                }
            }
            default -> {
                lock.lock();
                try {
                    locked++;
                    Go.gosched();
                } finally {
                    lock.unlock();
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1, 10_000})
    void everyWaitEnds(long rate) throws Exception {
        BlockProfile.setRate(rate);
        AtomicLong interrupts = new AtomicLong();
        List<Goroutine> gs = new ArrayList<>();
        for (int i = 0; i < GOROUTINES; i++) {
            gs.add(
                    Go.go(() -> {
                        for (int k = 0; k < OPERATIONS; k++) {
                            try {
                                one(ThreadLocalRandom.current().nextInt(8));
                            } catch (InterruptedException e) {
                                interrupts.getAndIncrement();
                            }
                        }
                    }));
        }
        int next = 0;
        while (gs.stream().anyMatch(Goroutine::isAlive)) {
            Thread t = gs.get(next++ % GOROUTINES).thread();
            if (next % 3 == 0) {
                t.interrupt();
            } else {
                assertThat(t.getStackTrace()).isNotNull();
            }
            TimeUnit.MICROSECONDS.sleep(200);
        }
        synchronized (monitor) {
            assertThat(counted).isEqualTo(entered.get());
        }
        assertThat(locked).isPositive();
        assertThat(interrupts.get()).isPositive();
    }
}
