import static dev.jenny.Go.go;

import dev.jenny.Go;
import dev.jenny.Tracing;
import java.time.Duration;

/*
 * A program that tells what it does, in tasks, regions and messages; now and then it collects
 * garbage. For the checks of the trace viewer.
 *
 *     ./jenny run --gomaxprocs=2 --inspect verify/browser/Told.java
 */
public final class Told {
    private Told() {}

    public static void main(String[] args) throws InterruptedException {
        go(Told::serve); // goroutine 2
        System.out.println("ready");
        while (true) {
            Go.sleep(Duration.ofMillis(200));
            System.gc();
        }
    }

    private static void serve() throws InterruptedException {
        for (int n = 0; ; n++) {
            try (Tracing.UserTask order = Tracing.task("order");
                    Tracing.Region handle = order.region("handle")) {
                order.log("number", String.valueOf(n));
                Go.sleep(Duration.ofMillis(20));
                try (Tracing.Region charge = order.region("charge")) {
                    Go.sleep(Duration.ofMillis(60));
                }
            }
        }
    }
}
