package dev.jenny.bench.jdk;

import dev.jenny.bench.harness.Round;
import dev.jenny.bench.harness.VirtualThreads;
import dev.jenny.bench.harness.Work;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** Sleeping, timers, and waking up from idle. */
final class Times {
    private static final ScheduledThreadPoolExecutor TIMERS = timers();

    private Times() {}

    private static ScheduledThreadPoolExecutor timers() {
        ScheduledThreadPoolExecutor timers =
                new ScheduledThreadPoolExecutor(1, Thread.ofPlatform().daemon().factory());
        timers.setRemoveOnCancelPolicy(true); // else an hour's worth of them piles up
        return timers;
    }

    static void sleepers(Round r) throws InterruptedException {
        int n = Math.toIntExact(r.ops());
        AtomicLong early = new AtomicLong();
        CountDownLatch latch = new CountDownLatch(n);
        for (int i = 0; i < n; i++) {
            VirtualThreads.start(() -> {
                long t0 = System.nanoTime();
                Thread.sleep(10);
                if (System.nanoTime() - t0 < 10_000_000) {
                    early.incrementAndGet();
                }
                latch.countDown();
            });
        }
        latch.await();
        r.check("woken too early", 0, early.get());
    }

    static void startStop(Round r) {
        long stopped = 0;
        for (long i = r.ops(); i > 0; i--) {
            if (TIMERS.schedule(() -> {}, 1, TimeUnit.HOURS).cancel(false)) {
                stopped++;
            }
        }
        r.check("stopped", r.ops(), stopped);
    }

    /** Written by the one who wakes up, read by the one who woke it and keeps its CPU busy. */
    private static final class Awake {
        volatile long at;
    }

    static void wakeupLatency(Round r) throws InterruptedException {
        int n = Math.toIntExact(r.ops());
        long[] latencies = new long[n];
        BlockingQueue<Integer> bell = new ArrayBlockingQueue<>(1);
        Awake awake = new Awake();
        Thread sleeper =
                VirtualThreads.start(() -> {
                    while (bell.take() >= 0) {
                        awake.at = System.nanoTime();
                    }
                });
        for (int i = 0; i < n; i++) {
            awake.at = 0;
            Thread.sleep(1);
            long t0 = System.nanoTime();
            bell.put(i & 63);
            while (awake.at == 0) {
                Thread.onSpinWait();
            }
            latencies[i] = awake.at - t0;
        }
        bell.put(-1);
        sleeper.join();
        Work.percentiles(r, latencies);
        r.nsPerOp((double) latencies[n / 2]);
    }
}
