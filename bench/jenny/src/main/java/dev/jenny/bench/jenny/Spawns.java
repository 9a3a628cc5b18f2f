package dev.jenny.bench.jenny;

import static dev.jenny.Go.go;
import static dev.jenny.Go.gosched;

import dev.jenny.Chan;
import dev.jenny.bench.harness.Matrix;
import dev.jenny.bench.harness.Round;
import dev.jenny.bench.harness.Work;
import dev.jenny.sync.WaitGroup;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;

/** Starting, ending and switching goroutines. */
final class Spawns {
    private static final Matrix MATRIX = new Matrix();

    private Spawns() {}

    static void spawnWg(Round r) throws InterruptedException {
        AtomicLong count = new AtomicLong();
        WaitGroup wg = new WaitGroup();
        for (long i = r.ops(); i > 0; i--) {
            wg.go(count::incrementAndGet);
        }
        wg.await();
        r.check("count", r.ops(), count.get());
    }

    static void spawnOne(Round r) throws InterruptedException {
        AtomicLong count = new AtomicLong();
        WaitGroup wg = new WaitGroup();
        for (long i = r.ops(); i > 0; i--) {
            wg.go(count::incrementAndGet);
            wg.await();
        }
        r.check("count", r.ops(), count.get());
    }

    static void skynet(Round r) throws InterruptedException {
        int leaves = r.powerOfTen();
        Chan<Long> result = Chan.make();
        go(() -> skynet(result, 0, leaves));
        long sum = Objects.requireNonNull(result.recv());
        r.check("sum", leaves * (leaves - 1L) / 2, sum);
    }

    private static void skynet(Chan<Long> out, long first, int size) throws InterruptedException {
        if (size == 1) {
            out.send(first);
            return;
        }
        Chan<Long> in = Chan.make();
        int part = size / 10;
        for (int i = 0; i < 10; i++) {
            long start = first + (long) i * part;
            go(() -> skynet(in, start, part));
        }
        long sum = 0;
        for (int i = 0; i < 10; i++) {
            sum += Objects.requireNonNull(in.recv());
        }
        out.send(sum);
    }

    static void yields(Round r) throws InterruptedException {
        int each = r.share(4);
        AtomicLong count = new AtomicLong();
        WaitGroup wg = new WaitGroup();
        for (int g = 0; g < 4; g++) {
            wg.go(() -> {
                for (int i = 0; i < each; i++) {
                    gosched();
                }
                count.addAndGet(each);
            });
        }
        wg.await();
        r.check("count", r.ops(), count.get());
    }

    static void matmul(Round r) throws InterruptedException {
        int times = r.share(Matrix.ROWS);
        for (int t = 0; t < times; t++) {
            MATRIX.clear();
            WaitGroup wg = new WaitGroup();
            for (int i = 0; i < Matrix.ROWS; i++) {
                int row = i;
                wg.go(() -> MATRIX.row(row));
            }
            wg.await();
        }
        MATRIX.check(r);
    }

    static void parkedMemory(Round r) throws InterruptedException {
        int n = Math.toIntExact(r.ops());
        Chan<Integer> gate = Chan.make();
        WaitGroup started = new WaitGroup();
        WaitGroup ended = new WaitGroup();
        AtomicLong count = new AtomicLong();
        long before = Work.liveBytes();
        started.add(n);
        long t0 = System.nanoTime();
        for (int i = 0; i < n; i++) {
            ended.go(() -> {
                started.done();
                gate.recv();
                count.incrementAndGet();
            });
        }
        started.await();
        r.nsPerOp((System.nanoTime() - t0) / (double) n);
        r.metric("bytes_per_op", (Work.liveBytes() - before) / (double) n);
        long t1 = System.nanoTime();
        gate.close();
        ended.await();
        r.metric("wake_ns_per_op", (System.nanoTime() - t1) / (double) n);
        r.check("count", n, count.get());
    }
}
