import static dev.jenny.Go.go;

import dev.jenny.GoRuntime;
import dev.jenny.sync.WaitGroup;
import dev.jenny.time.Ticker;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Locale;

/*
 * Twice as many spinning goroutines as there are Ps, and beside them a ticker that wants to run
 * every 10 ms.
 *
 *     ./jenny run --gomaxprocs=2 examples/Hog.java [SECONDS]     (default 3)
 *
 * What to watch: how late the ticks come. A spinner never blocks, and the JVM cannot take a virtual
 * thread off its OS thread: on the JDK's own scheduler, the ticker and two of the spinners would
 * not run before the others end. Jenny's monitor sees that a goroutine has burnt its 10 ms and lets
 * another OS thread take over its P's work. Add -J-Djenny.debug=schedtrace=500 to watch the Ps.
 */
public final class Hog {
    private Hog() {}

    private static final Duration INTERVAL = Duration.ofMillis(10);

    private static volatile boolean stop;

    public static void main(String[] args) throws InterruptedException {
        int seconds = parse(args);
        int spinners = 2 * GoRuntime.gomaxprocs();
        long[] steps = new long[spinners];
        WaitGroup running = new WaitGroup();
        running.add(spinners);
        for (int i = 0; i < spinners; i++) {
            int number = i;
            go(() -> {
                steps[number] = spin();
                running.done();
            });
        }

        double[] late = new double[seconds * 100];
        try (Ticker ticker = new Ticker(INTERVAL)) {
            int n = 0;
            for (Instant due : ticker.c()) {
                late[n++] = Duration.between(due, Instant.now()).toNanos() / 1e6;
                if (n == late.length) {
                    break;
                }
            }
        }
        stop = true;
        running.await();

        Arrays.sort(late);
        System.out.printf(
                Locale.ROOT,
                "%d spinners, gomaxprocs %d, a tick every %d ms for %d s%n",
                spinners,
                GoRuntime.gomaxprocs(),
                INTERVAL.toMillis(),
                seconds);
        System.out.printf(
                Locale.ROOT,
                "lateness: p50 %.1f ms, p99 %.1f ms, max %.1f ms%n",
                percentile(late, 50),
                percentile(late, 99),
                late[late.length - 1]);
        System.out.printf(
                "spinners that ran: %d of %d%n",
                Arrays.stream(steps).filter(s -> s > 0).count(), spinners);
    }

    private static long spin() {
        long n = 0;
        while (!stop) {
            n++;
        }
        return n;
    }

    private static double percentile(double[] sorted, int percent) {
        return sorted[Math.ceilDiv(sorted.length * percent, 100) - 1];
    }

    private static int parse(String[] args) {
        try {
            if (args.length == 0) {
                return 3;
            }
            int seconds = Integer.parseInt(args[0]);
            if (args.length == 1 && seconds > 0 && seconds <= 3600) {
                return seconds;
            }
        } catch (NumberFormatException e) {
            // said below
        }
        System.err.println("usage: Hog.java [SECONDS]   (1 to 3600)");
        System.exit(2);
        throw new AssertionError();
    }
}
