package dev.jenny.bench.jdk;

import dev.jenny.bench.harness.Matrix;
import dev.jenny.bench.harness.Round;
import dev.jenny.bench.harness.VirtualThreads;
import dev.jenny.bench.harness.Work;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;

/** Starting, ending and switching virtual threads. */
final class Spawns {
    private static final Matrix MATRIX = new Matrix();

    private Spawns() {}

    static void spawnWg(Round r) throws InterruptedException {
        AtomicLong count = new AtomicLong();
        int n = Math.toIntExact(r.ops());
        CountDownLatch latch = new CountDownLatch(n);
        for (int i = 0; i < n; i++) {
            Thread.startVirtualThread(() -> {
                count.incrementAndGet();
                latch.countDown();
            });
        }
        latch.await();
        r.check("count", n, count.get());
    }

    static void spawnOne(Round r) throws InterruptedException {
        AtomicLong count = new AtomicLong();
        for (long i = r.ops(); i > 0; i--) {
            Thread.startVirtualThread(count::incrementAndGet).join();
        }
        r.check("count", r.ops(), count.get());
    }

    static void skynet(Round r) throws InterruptedException {
        int leaves = r.powerOfTen();
        long[] result = new long[1];
        VirtualThreads.start(() -> skynet(result, 0, 0, leaves)).join();
        r.check("sum", leaves * (leaves - 1L) / 2, result[0]);
    }

    /** Results come through memory, ends through join: cheaper here than a queue. */
    private static void skynet(long[] results, int slot, long first, int size)
            throws InterruptedException {
        if (size == 1) {
            results[slot] = first;
            return;
        }
        int part = size / 10;
        long[] parts = new long[10];
        Thread[] children = new Thread[10];
        for (int i = 0; i < 10; i++) {
            int child = i;
            children[i] =
                    VirtualThreads.start(
                            () -> skynet(parts, child, first + (long) child * part, part));
        }
        long sum = 0;
        for (int i = 0; i < 10; i++) {
            children[i].join();
            sum += parts[i];
        }
        results[slot] = sum;
    }

    static void yields(Round r) throws InterruptedException {
        int each = r.share(4);
        AtomicLong count = new AtomicLong();
        VirtualThreads threads = new VirtualThreads();
        for (int g = 0; g < 4; g++) {
            threads.add(() -> {
                for (int i = 0; i < each; i++) {
                    Thread.yield();
                }
                count.addAndGet(each);
            });
        }
        threads.join();
        r.check("count", r.ops(), count.get());
    }

    static void matmul(Round r) throws InterruptedException {
        int times = r.share(Matrix.ROWS);
        for (int t = 0; t < times; t++) {
            MATRIX.clear();
            CountDownLatch latch = new CountDownLatch(Matrix.ROWS);
            for (int i = 0; i < Matrix.ROWS; i++) {
                int row = i;
                Thread.startVirtualThread(() -> {
                    MATRIX.row(row);
                    latch.countDown();
                });
            }
            latch.await();
        }
        MATRIX.check(r);
    }

    static void parkedMemory(Round r) throws InterruptedException {
        int n = Math.toIntExact(r.ops());
        CountDownLatch gate = new CountDownLatch(1);
        CountDownLatch started = new CountDownLatch(n);
        CountDownLatch ended = new CountDownLatch(n);
        AtomicLong count = new AtomicLong();
        long before = Work.liveBytes();
        long t0 = System.nanoTime();
        for (int i = 0; i < n; i++) {
            VirtualThreads.start(() -> {
                started.countDown();
                gate.await();
                count.incrementAndGet();
                ended.countDown();
            });
        }
        started.await();
        r.nsPerOp((System.nanoTime() - t0) / (double) n);
        r.metric("bytes_per_op", (Work.liveBytes() - before) / (double) n);
        long t1 = System.nanoTime();
        gate.countDown();
        ended.await();
        r.metric("wake_ns_per_op", (System.nanoTime() - t1) / (double) n);
        r.check("count", n, count.get());
    }
}
