import static dev.jenny.Go.go;

import dev.jenny.Chan;
import dev.jenny.Go;
import dev.jenny.GoRuntime;
import dev.jenny.Task;
import dev.jenny.sync.WaitGroup;
import java.util.Locale;
import java.util.concurrent.atomic.LongAdder;

/*
 * A million goroutines, all parked on one channel.
 *
 *     ./jenny run -J-Xmx2g examples/Million.java [N]     (default 1000000)
 *
 * What to watch: how long it takes to start them all, and what each costs while it waits: its
 * thread object and its stack, which the JVM keeps on the heap, at the size that is in use. A
 * platform thread would take a thousand times that. A small round comes first and is not printed:
 * in a fresh JVM the first goroutines run in the interpreter, whose stack frames are larger and
 * slower than those of compiled code.
 */
public final class Million {
    private Million() {}

    public static void main(String[] args) throws InterruptedException {
        int n = parse(args);
        round(Math.min(n, 50_000), false);
        round(n, true);
    }

    private static void round(int n, boolean print) throws InterruptedException {
        Chan<String> release = Chan.make();
        LongAdder running = new LongAdder();
        WaitGroup ended = new WaitGroup();
        ended.add(n);
        // One task for all: what is measured is the goroutine.
        Task task =
                () -> {
                    running.increment();
                    release.recv(); // until it is closed
                    ended.done();
                };

        long heapBefore = print ? heapInUse() : 0;
        long start = System.nanoTime();
        for (int i = 0; i < n; i++) {
            go(task);
        }
        while (running.sum() < n) {
            Go.gosched();
        }
        long started = System.nanoTime();
        long bytes = print ? heapInUse() - heapBefore : 0;

        long close = System.nanoTime();
        release.close();
        ended.await();
        long done = System.nanoTime();
        while (GoRuntime.numGoroutine() > 1) { // done() comes a moment before a goroutine's end
            Go.gosched();
        }
        if (print) {
            print("started: %,d goroutines in %.2f s", n, seconds(start, started));
            print("heap:    %,d MB more, %d bytes per goroutine", bytes >> 20, bytes / n);
            print("ended:   all of them, %.2f s after close", seconds(close, done));
            print("left:    %d goroutine, which is main", GoRuntime.numGoroutine());
        }
    }

    /** What is on the heap after a garbage collection. */
    private static long heapInUse() {
        System.gc();
        Runtime jvm = Runtime.getRuntime();
        return jvm.totalMemory() - jvm.freeMemory();
    }

    private static double seconds(long from, long to) {
        return (to - from) / 1e9;
    }

    private static void print(String format, Object... values) {
        System.out.println(String.format(Locale.ROOT, format, values));
    }

    private static int parse(String[] args) {
        try {
            if (args.length == 0) {
                return 1_000_000;
            }
            if (args.length == 1 && Integer.parseInt(args[0]) > 0) {
                return Integer.parseInt(args[0]);
            }
        } catch (NumberFormatException e) {
            // said below
        }
        System.err.println("usage: Million.java [N]   (how many goroutines, 1 or more)");
        System.exit(2);
        throw new AssertionError();
    }
}
