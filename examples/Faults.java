import static dev.jenny.Go.go;

import dev.jenny.Chan;
import dev.jenny.Go;
import dev.jenny.GoRuntime;
import dev.jenny.Task;
import dev.jenny.sync.WaitGroup;
import dev.jenny.time.Ticker;
import dev.jenny.time.Timer;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/*
 * One fault for each finding of `jenny issues` that Trouble.java and Hog.java do not have (`pinned`
 * excepted).
 *
 *     ./jenny run --inspect examples/Faults.java slow-receiver   a full channel, its receiver too slow
 *     ./jenny run --inspect examples/Faults.java lost-timer      a receive from a stopped timer
 *     ./jenny run --inspect examples/Faults.java yield-spin      goroutines that wait by gosched
 *     ./jenny run --inspect examples/Faults.java growth          ever more goroutines of one go statement
 *     ./jenny run --inspect examples/Faults.java imbalance       a run queue that nobody comes to
 *     ./jenny run --inspect examples/Faults.java healthy         the same work done well: no finding
 *
 * Several may be named at once; imbalance comes last, for it takes all Ps.
 *
 * What to watch: within 15 seconds `./jenny issues`, from another terminal, names the fault, says
 * why it is one, and how to fix it. End the program with Ctrl-C.
 */
public final class Faults {
    private Faults() {}

    private static final Map<String, Task> MODES = new LinkedHashMap<>();

    static {
        MODES.put("slow-receiver", Faults::slowReceiver);
        MODES.put("lost-timer", Faults::lostTimer);
        MODES.put("yield-spin", Faults::yieldSpin);
        MODES.put("growth", Faults::growth);
        MODES.put("healthy", Faults::healthy);
        MODES.put("imbalance", Faults::imbalance);
    }

    public static void main(String[] args) throws Exception {
        if (args.length == 0 || !MODES.keySet().containsAll(List.of(args))) {
            System.err.println("usage: Faults.java " + String.join("|", MODES.keySet()) + "...");
            System.exit(2);
        }
        System.out.println("ready, pid " + ProcessHandle.current().pid());
        for (String mode : args) {
            MODES.get(mode).run();
        }
        Chan.make().recv();
    }

    /** Three senders, each fast, and one receiver that takes ten values a second. */
    private static void slowReceiver() {
        Chan<Integer> orders = Chan.make(8);
        for (int i = 0; i < 3; i++) {
            go(() -> {
                for (int order = 0; ; order++) {
                    orders.send(order);
                }
            });
        }
        go(() -> {
            for (int order : orders) {
                Go.sleep(Duration.ofMillis(order < 0 ? 0 : 100));
            }
        });
    }

    /** The timeout is called off, and somebody waits for it all the same. */
    private static void lostTimer() {
        Timer timeout = new Timer(Duration.ofMinutes(1));
        timeout.stop();
        go(() -> timeout.c().recv());
    }

    /** Nothing wakes them: they look again and again. */
    private static void yieldSpin() {
        AtomicBoolean ready = new AtomicBoolean();
        for (int i = 0; i < 4; i++) {
            go(() -> {
                while (!ready.get()) {
                    Go.gosched();
                }
            });
        }
    }

    /** Fifty requests a second for a server that answers ten. */
    private static void growth() {
        Chan<Integer> requests = Chan.make();
        go(() -> {
            for (int request : requests) {
                Go.sleep(Duration.ofMillis(request < 0 ? 0 : 100));
            }
        });
        go(() -> {
            for (int i = 0; ; i++) {
                int request = i;
                go(() -> requests.send(request));
                Go.sleep(Duration.ofMillis(20));
            }
        });
    }

    /**
     * Goroutines that hold their thread, as many as Jenny brings in others for, and on the P that
     * is left a hundred that are ready to run.
     */
    private static void imbalance() throws InterruptedException {
        int held = Integer.getInteger("jenny.maxStalled", 256) + GoRuntime.gomaxprocs() - 1;
        AtomicInteger entered = new AtomicInteger();
        for (int i = 0; i < held; i++) {
            go(() -> {
                entered.incrementAndGet();
                Stuck.enter();
            });
            while (entered.get() <= i) {
                Go.sleep(Duration.ofMillis(1));
            }
        }
        for (int i = 0; i < 100; i++) {
            go(entered::incrementAndGet);
        }
        Stuck.enter();
    }

    /** Its initializer never ends. A wait in one, or for one, cannot free the thread under it. */
    private static final class Stuck {
        static {
            try {
                new CountDownLatch(1).await();
            } catch (InterruptedException e) {
                throw new ExceptionInInitializerError(e);
            }
        }

        static void enter() {}
    }

    /** Workers that keep up, a ticker that ticks, and goroutines that end. */
    private static void healthy() {
        Chan<Integer> orders = Chan.make(8);
        for (int i = 0; i < 3; i++) {
            go(() -> {
                for (int order : orders) {
                    if (order < 0) {
                        return;
                    }
                }
            });
        }
        go(() -> {
            Ticker ticker = new Ticker(Duration.ofMillis(20));
            for (int i = 0; ; i++) {
                ticker.c().recv();
                orders.send(i);
                WaitGroup answers = new WaitGroup();
                for (int k = 0; k < 200; k++) {
                    answers.go(() -> Go.sleep(Duration.ofMillis(1)));
                }
                answers.await();
            }
        });
    }
}
