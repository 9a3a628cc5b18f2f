import static dev.jenny.Go.go;

import dev.jenny.Chan;
import dev.jenny.RecvChan;
import dev.jenny.time.Ticker;
import java.time.Duration;
import java.time.Instant;

/*
 * A rate limiter: requests may come at any rate, but only so many a second go through, after a
 * burst.
 *
 *     ./jenny run examples/RateLimiter.java [RATE [BURST]]     (default 20 a second, bursts of 5)
 *
 * What to watch: the first BURST requests go through at once, the others at an even pace. A permit
 * is a value in a buffered channel: the buffer is the burst, a ticker fills it up, and a request
 * waits by receiving. Nothing here needs a lock, and a waiting request is a parked goroutine, not a
 * thread.
 */
public final class RateLimiter {
    private RateLimiter() {}

    private enum Permit {
        PERMIT
    }

    public static void main(String[] args) throws InterruptedException {
        int rate = parse(args, 0, 20);
        int burst = parse(args, 1, 5);
        RecvChan<Permit> permits = limiter(Duration.ofSeconds(1).dividedBy(rate), burst);
        int requests = burst + rate;
        long start = System.nanoTime();
        for (int i = 1; i <= requests; i++) {
            permits.recv();
            System.out.printf(
                    "request %2d after %4d ms%n", i, (System.nanoTime() - start) / 1_000_000);
        }
    }

    /** One permit per interval, of which up to {@code burst} are kept for later. */
    private static RecvChan<Permit> limiter(Duration interval, int burst)
            throws InterruptedException {
        Chan<Permit> permits = Chan.make(burst);
        for (int i = 0; i < burst; i++) {
            permits.send(Permit.PERMIT);
        }
        Ticker ticker = new Ticker(interval);
        go(() -> {
            for (Instant tick : ticker.c()) {
                permits.trySend(Permit.PERMIT); // a full buffer: the permit is lost
            }
        });
        return permits;
    }

    private static int parse(String[] args, int index, int otherwise) {
        if (args.length <= index) {
            return otherwise;
        }
        try {
            int n = Integer.parseInt(args[index]);
            if (args.length <= 2 && n >= 1 && n <= 1000) {
                return n;
            }
        } catch (NumberFormatException e) {
            // said below
        }
        System.err.println("usage: RateLimiter.java [RATE [BURST]]   (each 1 to 1000)");
        System.exit(2);
        throw new AssertionError();
    }
}
