import static dev.jenny.Go.go;

import dev.jenny.GoRuntime;

/*
 * More events than the tools can keep: platform threads, whose events share one small ring, start
 * goroutines as fast as they can.
 *
 *     ./jenny run --inspect verify/browser/Flood.java
 */
public final class Flood {
    private Flood() {}

    private static final int THREADS = 2;
    private static final int MOST = 10_000; // goroutines at a time

    public static void main(String[] args) throws InterruptedException {
        for (int i = 0; i < THREADS; i++) {
            Thread.ofPlatform().daemon().start(Flood::flood);
        }
        System.out.println("ready");
        Thread.currentThread().join();
    }

    private static void flood() {
        while (true) {
            if (GoRuntime.numGoroutine() < MOST) {
                go(() -> {});
            } else {
                Thread.yield();
            }
        }
    }
}
