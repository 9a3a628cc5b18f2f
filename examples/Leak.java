import static dev.jenny.Go.go;

import dev.jenny.Chan;
import dev.jenny.Go;
import dev.jenny.GoRuntime;
import java.time.Duration;

/*
 * Goroutines that are forgotten: a request goes to three replicas, the first answer counts, and
 * nobody ever receives the other two.
 *
 *     ./jenny run examples/Leak.java
 *
 * What to watch: with an unbuffered channel, each request leaves two goroutines behind, blocked in
 * send for ever. They show as a number that only grows, and in the dump as many goroutines with the
 * same stack: [chan send] at one line. A buffer with room for every answer (or a select on a
 * context's done channel) fixes it: the losers send and end.
 */
public final class Leak {
    private Leak() {}

    private static final int REPLICAS = 3;
    private static final int REQUESTS = 500;

    public static void main(String[] args) throws InterruptedException {
        System.out.println("unbuffered channel:");
        run(0);
        System.out.println("\none of the goroutines that are left, from GoRuntime.stack():");
        System.out.println(excerpt(GoRuntime.stack()));
        System.out.println("channel with room for every answer:");
        run(REPLICAS);
    }

    private static void run(int capacity) throws InterruptedException {
        int before = GoRuntime.numGoroutine();
        for (int i = 1; i <= REQUESTS; i++) {
            firstAnswer(capacity);
            if (i % 100 == 0) {
                settle();
                System.out.printf(
                        "  after %3d requests: %4d goroutines more%n",
                        i, GoRuntime.numGoroutine() - before);
            }
        }
    }

    private static String firstAnswer(int capacity) throws InterruptedException {
        Chan<String> answers = Chan.make(capacity);
        for (int i = 0; i < REPLICAS; i++) {
            String replica = "replica " + i;
            go(() -> answers.send("hello from " + replica));
        }
        return answers.recv(); // the others are forgotten
    }

    /** Lets those goroutines end that can. */
    private static void settle() throws InterruptedException {
        Go.sleep(Duration.ofMillis(20));
    }

    /** The last goroutine of a dump that is blocked in send. */
    private static String excerpt(String dump) {
        String found = "(none)";
        for (String goroutine : dump.split("\n\n")) {
            if (goroutine.contains("[chan send")) {
                found = goroutine;
            }
        }
        return found.indent(2);
    }
}
