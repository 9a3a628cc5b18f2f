import static dev.jenny.Go.go;

import dev.jenny.Chan;
import dev.jenny.Go;
import dev.jenny.sync.Mutex;
import java.time.Duration;

/*
 * A program in trouble, to practise on. Part of it works; two goroutines have locked each other out,
 * and every request leaves goroutines behind.
 *
 *     ./jenny run --inspect examples/Trouble.java
 *
 * What to watch: open the address that it prints, or ask from another terminal:
 *
 *     ./jenny top               the number of goroutines grows, and one go statement has most of them
 *     ./jenny stack --grouped   what they do, one stack for all that are alike
 *     ./jenny why 2             what goroutine 2 waits for, and who holds that
 *     ./jenny issues            what is wrong, and what to do about it
 *     ./jenny trace analyze     what the scheduler did in the next seconds, and what is odd in that
 *     ./jenny leaks             which goroutines nothing can wake any more
 *
 * End it with Ctrl-C.
 */
public final class Trouble {
    private Trouble() {}

    private static final Mutex ACCOUNTS = new Mutex();
    private static final Mutex JOURNAL = new Mutex();

    public static void main(String[] args) throws InterruptedException {
        Chan<String> first = Chan.make();
        Chan<String> second = Chan.make();
        go(() -> transfer(first, second)); // goroutine 2
        go(() -> report(first, second)); // goroutine 3
        Chan<Integer> orders = Chan.make(16);
        for (int i = 0; i < 3; i++) {
            go(() -> work(orders));
        }
        first.recv();
        first.recv();
        second.close(); // each has its first lock: now for the second
        System.out.println("ready, pid " + ProcessHandle.current().pid());
        for (int i = 0; ; i++) {
            orders.send(i);
            firstAnswer();
            Go.sleep(Duration.ofMillis(50));
        }
    }

    /** Takes the locks in one order. */
    private static void transfer(Chan<String> first, Chan<String> second)
            throws InterruptedException {
        ACCOUNTS.lock();
        first.send("transfer has ACCOUNTS");
        second.recv();
        JOURNAL.lock();
    }

    /** Takes them in the other order: each has what the other waits for. */
    private static void report(Chan<String> first, Chan<String> second)
            throws InterruptedException {
        JOURNAL.lock();
        first.send("report has JOURNAL");
        second.recv();
        ACCOUNTS.lock();
    }

    private static void work(Chan<Integer> orders) throws InterruptedException {
        for (int order : orders) {
            if (order < 0) {
                return;
            }
        }
    }

    /** The first of three answers counts; the two others are sent to nobody, for ever. */
    private static String firstAnswer() throws InterruptedException {
        Chan<String> answers = Chan.make();
        for (int i = 0; i < 3; i++) {
            String replica = "replica " + i;
            go(() -> answers.send("hello from " + replica));
        }
        return answers.recv();
    }
}
