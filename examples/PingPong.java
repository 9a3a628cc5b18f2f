import static dev.jenny.Go.go;

import dev.jenny.Chan;
import java.util.Locale;

/*
 * Two goroutines hand a ball to each other over two unbuffered channels.
 *
 *     ./jenny run examples/PingPong.java [ROUNDS]        (default 1000000)
 *
 * What to watch: the time of a round trip, which is two goroutine switches. A goroutine that
 * readies another puts it into its own P's "runnext" slot, so the two stay on one P and one OS
 * thread, however many CPUs there are.
 */
public final class PingPong {
    private PingPong() {}

    private record Ball(int hits) {}

    public static void main(String[] args) throws InterruptedException {
        int rounds = parse(args);
        Chan<Ball> ping = Chan.make();
        Chan<Ball> pong = Chan.make();
        go(() -> {
            for (Ball ball : ping) { // until ping is closed
                pong.send(new Ball(ball.hits() + 1));
            }
            pong.close();
        });

        long start = System.nanoTime();
        Ball ball = new Ball(0);
        for (int i = 0; i < rounds; i++) {
            ping.send(new Ball(ball.hits() + 1));
            ball = pong.recv();
        }
        long nanos = System.nanoTime() - start;

        ping.close();
        if (pong.recv() != null) {
            throw new AssertionError("a ball after the end of the game");
        }
        System.out.printf(
                Locale.ROOT,
                "%d hits in %.2f s, %d ns for a round trip%n",
                ball.hits(),
                nanos / 1e9,
                nanos / rounds);
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
        System.err.println("usage: PingPong.java [ROUNDS]   (1 or more)");
        System.exit(2);
        throw new AssertionError();
    }
}
