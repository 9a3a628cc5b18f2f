package dev.jenny.bench.jenny;

import static dev.jenny.Go.go;
import static dev.jenny.Go.sleep;

import dev.jenny.Chan;
import dev.jenny.bench.harness.Round;
import dev.jenny.bench.harness.Work;
import dev.jenny.context.Context;
import dev.jenny.sync.WaitGroup;
import dev.jenny.time.Timer;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;

/** Sleeping, timers, contexts, and waking up from idle. */
final class Times {
    private static final Duration HOUR = Duration.ofHours(1);
    private static final Duration NAP = Duration.ofMillis(10);
    private static final Duration PAUSE = Duration.ofMillis(1);

    private Times() {}

    static void sleepers(Round r) throws InterruptedException {
        AtomicLong early = new AtomicLong();
        WaitGroup wg = new WaitGroup();
        for (long i = r.ops(); i > 0; i--) {
            wg.go(() -> {
                long t0 = System.nanoTime();
                sleep(NAP);
                if (System.nanoTime() - t0 < NAP.toNanos()) {
                    early.incrementAndGet();
                }
            });
        }
        wg.await();
        r.check("woken too early", 0, early.get());
    }

    static void startStop(Round r) {
        long stopped = 0;
        for (long i = r.ops(); i > 0; i--) {
            Timer timer = Timer.afterFunc(HOUR, () -> {});
            if (timer.stop()) {
                stopped++;
            }
        }
        r.check("stopped", r.ops(), stopped);
    }

    static void contextTimeout(Round r) {
        Context background = Context.background();
        long live = 0;
        for (long i = r.ops(); i > 0; i--) {
            try (Context ctx = background.withTimeout(HOUR)) {
                if (ctx.err() == null) {
                    live++;
                }
            }
        }
        r.check("live", r.ops(), live);
    }

    static void cancelTree(Round r) throws InterruptedException {
        int trees = r.share(1000);
        AtomicLong cancelled = new AtomicLong();
        for (int t = 0; t < trees; t++) {
            WaitGroup wg = new WaitGroup();
            try (Context root = Context.background().withCancel()) {
                grow(root, 3, wg, cancelled);
                root.cancel();
                wg.await();
            }
        }
        r.check("cancelled", r.ops(), cancelled.get());
    }

    @SuppressWarnings("MustBeClosedChecker") // ends with its root
    private static void grow(Context parent, int levels, WaitGroup wg, AtomicLong cancelled) {
        if (levels == 0) {
            wg.go(() -> {
                Objects.requireNonNull(parent.done()).recv();
                if (parent.err() != null) {
                    cancelled.incrementAndGet();
                }
            });
            return;
        }
        for (int i = 0; i < 10; i++) {
            grow(parent.withCancel(), levels - 1, wg, cancelled);
        }
    }

    /** Written by the one who wakes up, read by the one who woke it and keeps its P busy. */
    private static final class Awake {
        volatile long at;
    }

    static void wakeupLatency(Round r) throws InterruptedException {
        int n = Math.toIntExact(r.ops());
        long[] latencies = new long[n];
        Chan<Integer> bell = Chan.make(1);
        Awake awake = new Awake();
        go(() -> {
            while (bell.recv() != null) {
                awake.at = System.nanoTime();
            }
        });
        for (int i = 0; i < n; i++) {
            awake.at = 0;
            sleep(PAUSE);
            long t0 = System.nanoTime();
            bell.send(i & 63);
            while (awake.at == 0) {
                Thread.onSpinWait();
            }
            latencies[i] = awake.at - t0;
        }
        bell.close();
        Work.percentiles(r, latencies);
        r.nsPerOp((double) latencies[n / 2]);
    }
}
