import static dev.jenny.Go.go;

import dev.jenny.Chan;
import dev.jenny.Go;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/*
 * A shop for the pictures of the documentation: orders come in bursts, are priced, packed and sent,
 * with some computing at each step; now and then somebody reckons for long.
 *
 *     ./jenny run --gomaxprocs=4 --inspect verify/browser/Orders.java
 */
public final class Orders {
    private Orders() {}

    private static volatile long sink;

    public static void main(String[] args) throws InterruptedException {
        Chan<Integer> priced = Chan.make(32);
        Chan<Integer> packed = Chan.make(32);
        for (int i = 0; i < 40; i++) {
            go(() -> pack(priced, packed));
        }
        for (int i = 0; i < 8; i++) {
            go(() -> send(packed));
        }
        go(Orders::balance);
        System.out.println("ready");
        for (int order = 0; ; order++) {
            int n = order;
            go(() -> price(n, priced));
            if (order % 60 == 0) {
                Go.sleep(Duration.ofMillis(ThreadLocalRandom.current().nextInt(20, 120)));
            }
        }
    }

    private static void price(int order, Chan<Integer> priced) throws InterruptedException {
        compute(300);
        priced.send(order);
    }

    private static void pack(Chan<Integer> priced, Chan<Integer> packed)
            throws InterruptedException {
        for (int order : priced) {
            compute(700);
            packed.send(order);
        }
    }

    private static void send(Chan<Integer> packed) throws InterruptedException {
        for (int order : packed) {
            compute(100);
            if (order % 7 == 0) {
                Go.sleep(Duration.ofMillis(3));
            }
        }
    }

    /** Longer than a time slice. */
    private static void balance() throws InterruptedException {
        while (true) {
            Go.sleep(Duration.ofMillis(1500));
            compute(60_000);
        }
    }

    private static void compute(int micros) {
        long end = System.nanoTime() + micros * 1000L;
        long x = 1;
        while (System.nanoTime() < end) {
            x = x * 31 + 7;
        }
        sink = x;
    }
}
