package dev.jenny.bench.jenny;

import static dev.jenny.Go.go;

import dev.jenny.bench.harness.Round;
import dev.jenny.sync.WaitGroup;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.locks.ReentrantLock;

/** Blocking in the JDK's own primitives, inside goroutines. */
final class JdkBlocking {
    private static final int GOROUTINES = 100;

    private JdkBlocking() {}

    private static final class Counter {
        long value;

        synchronized void increment() {
            value++;
        }
    }

    static void reentrantLock(Round r) throws InterruptedException {
        int each = r.share(GOROUTINES);
        ReentrantLock lock = new ReentrantLock();
        Counter counter = new Counter();
        WaitGroup wg = new WaitGroup();
        for (int g = 0; g < GOROUTINES; g++) {
            wg.go(() -> {
                for (int i = 0; i < each; i++) {
                    lock.lock();
                    counter.value++;
                    lock.unlock();
                }
            });
        }
        wg.await();
        r.check("counter", r.ops(), counter.value);
    }

    static void monitor(Round r) throws InterruptedException {
        int each = r.share(GOROUTINES);
        Counter counter = new Counter();
        WaitGroup wg = new WaitGroup();
        for (int g = 0; g < GOROUTINES; g++) {
            wg.go(() -> {
                for (int i = 0; i < each; i++) {
                    counter.increment();
                }
            });
        }
        wg.await();
        r.check("counter", r.ops(), counter.value);
    }

    static void arrayBlockingQueue(Round r) throws InterruptedException {
        ArrayBlockingQueue<Integer> queue = new ArrayBlockingQueue<>(128);
        long n = r.ops();
        go(() -> {
            for (long i = 0; i < n; i++) {
                queue.put((int) (i & 63));
            }
        });
        long sum = 0;
        for (long i = 0; i < n; i++) {
            sum += queue.take();
        }
        r.check("sum", Round.sum63(n), sum);
    }
}
