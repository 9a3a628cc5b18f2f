package dev.jenny.bench.jenny;

import dev.jenny.Task;
import dev.jenny.bench.harness.Round;
import dev.jenny.sync.Mutex;
import dev.jenny.sync.Once;
import dev.jenny.sync.RWMutex;
import dev.jenny.sync.WaitGroup;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** Mutual exclusion and waiting for each other. */
final class Locks {
    private Locks() {}

    private static final class Counter {
        long value;
    }

    static void uncontended(Round r) {
        Mutex mu = new Mutex();
        Counter counter = new Counter();
        for (long i = r.ops(); i > 0; i--) {
            mu.lock();
            try {
                counter.value++;
            } finally {
                mu.unlock();
            }
        }
        r.check("counter", r.ops(), counter.value);
    }

    static void mutex(Round r, int goroutines) throws InterruptedException {
        int each = r.share(goroutines);
        Mutex mu = new Mutex();
        Counter counter = new Counter();
        WaitGroup wg = new WaitGroup();
        for (int g = 0; g < goroutines; g++) {
            wg.go(() -> {
                for (int i = 0; i < each; i++) {
                    mu.lock();
                    try {
                        counter.value++;
                    } finally {
                        mu.unlock();
                    }
                }
            });
        }
        wg.await();
        r.check("counter", r.ops(), counter.value);
    }

    static void rwMutex(Round r) throws InterruptedException {
        int goroutines = 100;
        int each = r.share(goroutines);
        RWMutex mu = new RWMutex();
        Counter counter = new Counter();
        AtomicLong reads = new AtomicLong();
        WaitGroup wg = new WaitGroup();
        for (int g = 0; g < goroutines; g++) {
            wg.go(() -> {
                long seen = 0;
                for (int i = 0; i < each; i++) {
                    if (i % 10 == 0) {
                        mu.lock();
                        try {
                            counter.value++;
                        } finally {
                            mu.unlock();
                        }
                    } else {
                        mu.rLock();
                        try {
                            seen += counter.value >= 0 ? 1 : 0;
                        } finally {
                            mu.rUnlock();
                        }
                    }
                }
                reads.addAndGet(seen);
            });
        }
        wg.await();
        r.check("writes", goroutines * ((each + 9L) / 10), counter.value);
        r.check("reads", r.ops() - counter.value, reads.get());
    }

    static void waitGroupWake(Round r) throws InterruptedException {
        int waiters = 100;
        int turns = r.share(waiters);
        WaitGroup[] gates = new WaitGroup[turns];
        WaitGroup[] passed = new WaitGroup[turns];
        for (int t = 0; t < turns; t++) {
            gates[t] = new WaitGroup();
            gates[t].add(1);
            passed[t] = new WaitGroup();
            passed[t].add(waiters);
        }
        AtomicLong count = new AtomicLong();
        WaitGroup ended = new WaitGroup();
        for (int w = 0; w < waiters; w++) {
            ended.go(() -> {
                for (int t = 0; t < turns; t++) {
                    gates[t].await();
                    passed[t].done();
                }
                count.addAndGet(turns);
            });
        }
        for (int t = 0; t < turns; t++) {
            gates[t].done();
            passed[t].await();
        }
        ended.await();
        r.check("count", r.ops(), count.get());
    }

    static void once(Round r) throws InterruptedException {
        int each = r.share(4);
        Once once = new Once();
        AtomicInteger runs = new AtomicInteger();
        Task task = runs::incrementAndGet; // in the call it would be made anew for each
        WaitGroup wg = new WaitGroup();
        for (int g = 0; g < 4; g++) {
            wg.go(() -> {
                for (int i = 0; i < each; i++) {
                    once.run(task);
                }
            });
        }
        wg.await();
        r.check("runs", 1, runs.get());
    }
}
