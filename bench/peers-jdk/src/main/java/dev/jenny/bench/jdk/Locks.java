package dev.jenny.bench.jdk;

import dev.jenny.bench.harness.Round;
import dev.jenny.bench.harness.VirtualThreads;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/** The locks of java.util.concurrent. */
final class Locks {
    private Locks() {}

    private static final class Counter {
        long value;
    }

    static void uncontended(Round r) {
        ReentrantLock lock = new ReentrantLock();
        Counter counter = new Counter();
        for (long i = r.ops(); i > 0; i--) {
            lock.lock();
            try {
                counter.value++;
            } finally {
                lock.unlock();
            }
        }
        r.check("counter", r.ops(), counter.value);
    }

    static void rwLock(Round r) throws InterruptedException {
        int threads = 100;
        int each = r.share(threads);
        ReentrantReadWriteLock lock = new ReentrantReadWriteLock();
        Counter counter = new Counter();
        AtomicLong reads = new AtomicLong();
        VirtualThreads all = new VirtualThreads();
        for (int g = 0; g < threads; g++) {
            all.add(() -> {
                long seen = 0;
                for (int i = 0; i < each; i++) {
                    if (i % 10 == 0) {
                        lock.writeLock().lock();
                        try {
                            counter.value++;
                        } finally {
                            lock.writeLock().unlock();
                        }
                    } else {
                        lock.readLock().lock();
                        try {
                            seen += counter.value >= 0 ? 1 : 0;
                        } finally {
                            lock.readLock().unlock();
                        }
                    }
                }
                reads.addAndGet(seen);
            });
        }
        all.join();
        r.check("writes", threads * ((each + 9L) / 10), counter.value);
        r.check("reads", r.ops() - counter.value, reads.get());
    }

    static void latchWake(Round r) throws InterruptedException {
        int waiters = 100;
        int turns = r.share(waiters);
        CountDownLatch[] gates = new CountDownLatch[turns];
        CountDownLatch[] passed = new CountDownLatch[turns];
        for (int t = 0; t < turns; t++) {
            gates[t] = new CountDownLatch(1);
            passed[t] = new CountDownLatch(waiters);
        }
        AtomicLong count = new AtomicLong();
        VirtualThreads all = new VirtualThreads();
        for (int w = 0; w < waiters; w++) {
            all.add(() -> {
                for (int t = 0; t < turns; t++) {
                    gates[t].await();
                    passed[t].countDown();
                }
                count.addAndGet(turns);
            });
        }
        for (int t = 0; t < turns; t++) {
            gates[t].countDown();
            passed[t].await();
        }
        all.join();
        r.check("count", r.ops(), count.get());
    }
}
