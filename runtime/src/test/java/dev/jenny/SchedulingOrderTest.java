package dev.jenny;

import static dev.jenny.Go.go;
import static dev.jenny.support.Mode.assumeCustom;
import static org.assertj.core.api.Assertions.assertThat;

import dev.jenny.support.JavaProcess;
import dev.jenny.support.JavaProcess.Result;
import dev.jenny.sync.Cond;
import dev.jenny.sync.Mutex;
import dev.jenny.sync.WaitGroup;
import java.util.Collections;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The order in which goroutines run on one P: Go's, exactly. */
@Timeout(90)
class SchedulingOrderTest {
    @BeforeEach
    void customOnly() {
        assumeCustom("Go's scheduling order");
    }

    @Test
    void theYoungestRunsFirstThenTheOthersInTheOrderOfTheirStart() throws Exception {
        assertPrints(StartOrder.class, "9 0 1 2 3 4 5 6 7 8");
    }

    static final class StartOrder {
        public static void main(String[] args) throws InterruptedException {
            Chan<Integer> order = Chan.make(10);
            WaitGroup all = new WaitGroup();
            for (int i = 0; i < 10; i++) {
                int number = i;
                all.go(() -> order.send(number));
            }
            all.await();
            print(order);
        }
    }

    @Test
    void closeWakesReceiversInReverse() throws Exception {
        assertPrints(CloseOrder.class, "5 4 3 2 1 0");
    }

    static final class CloseOrder {
        public static void main(String[] args) throws InterruptedException {
            printLast(CloseOrder::run);
        }

        private static void run(Chan<Integer> order) throws InterruptedException {
            Chan<Integer> ch = Chan.make();
            WaitGroup all = new WaitGroup();
            for (int i = 0; i < 6; i++) {
                int number = i;
                all.go(() -> {
                    ch.recv();
                    order.send(number);
                });
            }
            Go.gosched(); // all of them park
            ch.close();
            all.await();
        }
    }

    @Test
    void broadcastWakesInOrderAndTheLastRunsFirst() throws Exception {
        assertPrints(BroadcastOrder.class, "4 5 0 1 2 3");
    }

    static final class BroadcastOrder {
        public static void main(String[] args) throws InterruptedException {
            printLast(BroadcastOrder::run);
        }

        private static void run(Chan<Integer> order) throws InterruptedException {
            Mutex mutex = new Mutex();
            Cond cond = new Cond(mutex);
            WaitGroup all = new WaitGroup();
            for (int i = 0; i < 6; i++) {
                int number = i;
                all.go(() -> {
                    mutex.lock();
                    cond.await();
                    mutex.unlock();
                    order.send(number);
                });
            }
            Go.gosched(); // all of them park
            mutex.lock();
            cond.broadcast();
            mutex.unlock();
            all.await();
        }
    }

    @Test
    void blockedSendersAreServedInTheOrderTheyParked() throws Exception {
        assertPrints(SenderOrder.class, "5 0 1 2 3 4");
    }

    static final class SenderOrder {
        public static void main(String[] args) throws InterruptedException {
            printLast(SenderOrder::run);
        }

        private static void run(Chan<Integer> order) throws InterruptedException {
            Chan<Integer> ch = Chan.make();
            for (int i = 0; i < 6; i++) {
                int number = i;
                go(() -> ch.send(number));
            }
            Go.gosched(); // all of them park
            for (int i = 0; i < 6; i++) {
                order.send(ch.recv());
            }
        }
    }

    @Test
    void goschedGoesBehindAllOthers() throws Exception {
        assertPrints(YieldOrder.class, "2 0 1 2 0 1 2 0 1");
    }

    static final class YieldOrder {
        public static void main(String[] args) throws InterruptedException {
            printLast(YieldOrder::run);
        }

        private static void run(Chan<Integer> order) throws InterruptedException {
            WaitGroup all = new WaitGroup();
            for (int i = 0; i < 3; i++) {
                int number = i;
                all.go(() -> {
                    for (int k = 0; k < 3; k++) {
                        order.send(number);
                        Go.gosched();
                    }
                });
            }
            all.await();
        }
    }

    @Test
    void aReadiedGoroutineRunsAsSoonAsItsWakerBlocks() throws Exception {
        assertPrints(RunNext.class, "0 9 1 2 3");
    }

    /** Goroutine 9 is woken last of all, but stands in the slot in front of those that wait. */
    static final class RunNext {
        public static void main(String[] args) throws InterruptedException {
            printLast(RunNext::run);
        }

        private static void run(Chan<Integer> order) throws InterruptedException {
            Chan<Integer> ch = Chan.make();
            WaitGroup all = new WaitGroup();
            all.go(() -> {
                int v = ch.recv();
                order.send(v);
            });
            Go.gosched(); // it parks
            for (int i = 1; i <= 3; i++) {
                int number = i;
                all.go(() -> order.send(number));
            }
            order.send(0);
            ch.send(9);
            all.await();
        }
    }

    private interface Scenario {
        void run(Chan<Integer> order) throws InterruptedException;
    }

    /**
     * Runs a scenario a few times and prints the order of the last. When a class is loaded in
     * between, a goroutine may well run for more than its 10 ms, and then others do not wait for
     * it.
     */
    private static void printLast(Scenario scenario) throws InterruptedException {
        Chan<Integer> order = Chan.make(100);
        for (int i = 0; i < 5; i++) {
            order = Chan.make(100);
            scenario.run(order);
        }
        print(order);
    }

    private static void print(Chan<Integer> order) {
        order.close();
        System.out.println(
                StreamSupport.stream(order.spliterator(), false)
                        .map(String::valueOf)
                        .collect(Collectors.joining(" ")));
    }

    private static void assertPrints(Class<?> program, String expected) throws Exception {
        for (String line : Collections.nCopies(2, expected)) {
            Result r = JavaProcess.of(program).maxprocs(1).run();
            assertThat(r.out()).as(r.toString()).isEqualTo(line + "\n");
            assertThat(r.exitCode()).isZero();
        }
    }
}
