import static dev.jenny.Go.go;

import dev.jenny.Chan;
import java.util.Locale;

/*
 * The Skynet benchmark: a goroutine starts ten, each of those ten more, down to a million leaves.
 * Each leaf sends its number up, each parent the sum of its children's.
 *
 *     ./jenny run examples/Skynet.java
 *
 * What to watch: the sum is 499999500000, and 1,111,111 goroutines have come and gone. Compare
 * --gomaxprocs=1.
 */
public final class Skynet {
    private Skynet() {}

    private static final int LEAVES = 1_000_000;
    private static final int CHILDREN = 10;

    public static void main(String[] args) throws InterruptedException {
        long start = System.nanoTime();
        Chan<Long> result = Chan.make();
        go(() -> skynet(result, 0, LEAVES));
        long sum = result.recv();
        double millis = (System.nanoTime() - start) / 1e6;
        System.out.println("sum:  " + sum);
        System.out.println(String.format(Locale.ROOT, "time: %.0f ms", millis));
    }

    /** Sends the sum of the {@code size} numbers from {@code first} on to {@code parent}. */
    private static void skynet(Chan<Long> parent, long first, int size)
            throws InterruptedException {
        if (size == 1) {
            parent.send(first);
            return;
        }
        Chan<Long> children = Chan.make();
        int part = size / CHILDREN;
        for (int i = 0; i < CHILDREN; i++) {
            long begin = first + (long) i * part;
            go(() -> skynet(children, begin, part));
        }
        long sum = 0;
        for (int i = 0; i < CHILDREN; i++) {
            sum += children.recv();
        }
        parent.send(sum);
    }
}
