package dev.jenny.bench.jenny;

import static dev.jenny.Go.go;
import static dev.jenny.Go.gosched;
import static dev.jenny.Select.recv;
import static dev.jenny.Select.select;

import dev.jenny.Chan;
import dev.jenny.Select.Case;
import dev.jenny.bench.harness.Round;
import dev.jenny.sync.WaitGroup;
import dev.jenny.time.Timer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/** How cost grows: for {@code ./jenny bench scale}. */
final class Scale {
    private Scale() {}

    /** {@code ops} goroutines wait to receive from one channel; measured are the sends. */
    static void waiters(Round r) throws InterruptedException {
        int n = Math.toIntExact(r.ops());
        for (int times = r.repeats(); times > 0; times--) {
            waiters(r, n);
        }
    }

    private static void waiters(Round r, int n) throws InterruptedException {
        Chan<Integer> ch = Chan.make();
        AtomicLong sum = new AtomicLong();
        WaitGroup started = new WaitGroup();
        WaitGroup ended = new WaitGroup();
        started.add(n);
        for (int i = 0; i < n; i++) {
            ended.go(() -> {
                started.done();
                sum.addAndGet(Channels.value(ch.recv()));
            });
        }
        started.await();
        settle();
        r.start();
        for (int i = 0; i < n; i++) {
            ch.send(i & 63);
        }
        ended.await();
        r.stop();
        r.check("sum", Round.sum63(n), sum.get());
    }

    /**
     * {@code ops} goroutines select between a channel that all share and one of their own. Measured
     * is how they get a value on their own and leave the shared channel's queue, from its middle.
     */
    static void dequeue(Round r) throws InterruptedException {
        int n = Math.toIntExact(r.ops());
        for (int times = r.repeats(); times > 0; times--) {
            dequeue(r, n);
        }
    }

    private static void dequeue(Round r, int n) throws InterruptedException {
        Chan<Integer> shared = Chan.make();
        List<Chan<Integer>> own = new ArrayList<>();
        AtomicLong sum = new AtomicLong();
        WaitGroup started = new WaitGroup();
        WaitGroup ended = new WaitGroup();
        started.add(n);
        for (int i = 0; i < n; i++) {
            Chan<Integer> ch = Chan.make();
            own.add(ch);
            ended.go(() -> {
                started.done();
                sum.addAndGet(select(recv(shared, v -> -1_000_000), recv(ch, Channels::value)));
            });
        }
        started.await();
        settle();
        r.start();
        // Every 7919th (a prime that does not divide n): not in the order in which they came.
        for (long i = 0; i < n; i++) {
            own.get((int) (i * 7919 % n)).send((int) (i & 63));
        }
        ended.await();
        r.stop();
        r.check("sum", Round.sum63(n), sum.get());
    }

    /** Lets the goroutines that have said that they are there go on and park. */
    private static void settle() {
        for (int i = 0; i < 100; i++) {
            gosched();
        }
    }

    /** A select among {@link Round#size} unbuffered channels that has to wait. */
    static void selectAmong(Round r) throws InterruptedException {
        int channels = r.size();
        List<Chan<Integer>> chans = new ArrayList<>();
        List<Case<Integer>> list = new ArrayList<>();
        for (int c = 0; c < channels; c++) {
            Chan<Integer> ch = Chan.make();
            chans.add(ch);
            list.add(recv(ch, Channels::value));
        }
        long n = r.ops();
        go(() -> {
            for (long i = 0; i < n; i++) {
                chans.get((int) (i % channels)).send((int) (i & 63));
            }
        });
        Case<Integer>[] cases = Selects.array(list);
        long sum = 0;
        for (long i = 0; i < n; i++) {
            sum += select(cases);
        }
        r.check("sum", Round.sum63(n), sum);
    }

    /** Starts {@code ops} timers and stops them, in another order. */
    static void timers(Round r) {
        int n = Math.toIntExact(r.ops());
        for (int times = r.repeats(); times > 0; times--) {
            timers(r, n);
        }
    }

    private static void timers(Round r, int n) {
        Timer[] timers = new Timer[n];
        for (int i = 0; i < n; i++) {
            timers[i] = Timer.afterFunc(Duration.ofMillis(3_600_000 + i * 7919L % n), () -> {});
        }
        long stopped = 0;
        for (Timer timer : timers) {
            if (timer.stop()) {
                stopped++;
            }
        }
        r.check("stopped", n, stopped);
    }
}
