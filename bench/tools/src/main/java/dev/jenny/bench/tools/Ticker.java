package dev.jenny.bench.tools;

import java.util.concurrent.atomic.AtomicLong;

/**
 * Sleeps for a millisecond, again and again, and notes by how much it was late: how long the
 * program was held up. One thread or goroutine runs it, another one asks.
 */
final class Ticker {
    private static final long TICK = 1_000_000;

    /** How the thread or goroutine sleeps for a millisecond. */
    @FunctionalInterface
    interface Sleep {
        void sleep() throws InterruptedException;
    }

    private boolean isNew = true; // of whoever starts it
    private final AtomicLong ticks = new AtomicLong();
    private final AtomicLong late = new AtomicLong();

    /** True at the first call: start a thread or goroutine for {@link #run}. */
    boolean isNew() {
        boolean was = isNew;
        isNew = false;
        return was;
    }

    /** Never returns. */
    void run(Sleep sleep) throws InterruptedException {
        for (long last = System.nanoTime(); ; ) {
            sleep.sleep();
            long now = System.nanoTime();
            late.accumulateAndGet(now - last - TICK, Math::max);
            ticks.incrementAndGet();
            last = now;
        }
    }

    /** Forgets what was before. */
    void start() throws InterruptedException {
        nextTick();
        late.set(0);
    }

    /** The longest delay since {@link #start}, in ns; what is going on has its end awaited. */
    long stop() throws InterruptedException {
        nextTick();
        return late.get();
    }

    private void nextTick() throws InterruptedException {
        long before = ticks.get();
        while (ticks.get() == before) {
            Thread.sleep(1);
        }
    }
}
