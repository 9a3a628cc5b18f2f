package dev.jenny;

import static dev.jenny.Go.go;
import static dev.jenny.support.Eventually.eventually;
import static dev.jenny.support.Mode.assumeCustom;
import static org.assertj.core.api.Assertions.assertThat;

import dev.jenny.support.Blocked;
import dev.jenny.support.JavaProcess;
import dev.jenny.support.JavaProcess.Result;
import dev.jenny.sync.Cond;
import dev.jenny.sync.Mutex;
import dev.jenny.sync.WaitGroup;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * The order in which goroutines run on one P: Go's, exactly.
 *
 * <p>A goroutine that runs for more than 10 ms has others run beside it, and on a busy machine any
 * goroutine may. So a program runs its scenario many times, and most rounds must show the order.
 */
@Timeout(90)
class SchedulingOrderTest {
    private static final int ROUNDS = 20;

    @BeforeEach
    void customOnly() {
        assumeCustom("Go's scheduling order");
    }

    @Test
    void theYoungestRunsFirstThenTheOthersInTheOrderOfTheirStart() throws Exception {
        assertOrder(StartOrder.class, "9 0 1 2 3 4 5 6 7 8");
    }

    static final class StartOrder {
        public static void main(String[] args) throws InterruptedException {
            rounds(StartOrder::run);
        }

        private static void run(Chan<Integer> order) throws InterruptedException {
            WaitGroup all = new WaitGroup();
            for (int i = 0; i < 10; i++) {
                int number = i;
                all.go(() -> order.send(number));
            }
            all.await();
        }
    }

    /** The same in a fresh JVM, where the first go statement loads classes for a while. */
    @Test
    void theFirstGoroutinesOfAProgramRunInThatOrderToo() throws Exception {
        String all = "";
        for (int attempt = 0; attempt < 3; attempt++) {
            Result r = JavaProcess.of(FirstStart.class).maxprocs(1).run();
            assertThat(r.exitCode()).as(r.toString()).isZero();
            if (r.out().equals("9 0 1 2 3 4 5 6 7 8\n")) {
                return;
            }
            all += r.out();
        }
        throw new AssertionError(all);
    }

    static final class FirstStart {
        public static void main(String[] args) throws InterruptedException {
            Chan<Integer> order = Chan.make(10);
            StartOrder.run(order);
            print(order);
        }
    }

    @Test
    void closeWakesReceiversInReverse() throws Exception {
        assertOrder(CloseOrder.class, "5 4 3 2 1 0");
    }

    static final class CloseOrder {
        public static void main(String[] args) throws InterruptedException {
            rounds(CloseOrder::run);
        }

        private static void run(Chan<Integer> order) throws InterruptedException {
            Chan<Integer> ch = Chan.make();
            WaitGroup all = new WaitGroup();
            List<Goroutine> receivers = new ArrayList<>();
            for (int i = 0; i < 6; i++) {
                int number = i;
                receivers.add(
                        all.go(() -> {
                            ch.recv();
                            order.send(number);
                        }));
            }
            untilParked(receivers);
            ch.close();
            all.await();
        }
    }

    @Test
    void broadcastWakesInOrderAndTheLastRunsFirst() throws Exception {
        assertOrder(BroadcastOrder.class, "4 5 0 1 2 3");
    }

    static final class BroadcastOrder {
        public static void main(String[] args) throws InterruptedException {
            rounds(BroadcastOrder::run);
        }

        private static void run(Chan<Integer> order) throws InterruptedException {
            Mutex mutex = new Mutex();
            Cond cond = new Cond(mutex);
            WaitGroup all = new WaitGroup();
            List<Goroutine> waiters = new ArrayList<>();
            for (int i = 0; i < 6; i++) {
                int number = i;
                waiters.add(
                        all.go(() -> {
                            mutex.lock();
                            cond.await();
                            mutex.unlock();
                            order.send(number);
                        }));
            }
            untilParked(waiters);
            mutex.lock();
            cond.broadcast();
            mutex.unlock();
            all.await();
        }
    }

    @Test
    void blockedSendersAreServedInTheOrderTheyParked() throws Exception {
        assertOrder(SenderOrder.class, "5 0 1 2 3 4");
    }

    static final class SenderOrder {
        public static void main(String[] args) throws InterruptedException {
            rounds(SenderOrder::run);
        }

        private static void run(Chan<Integer> order) throws InterruptedException {
            Chan<Integer> ch = Chan.make();
            List<Goroutine> senders = new ArrayList<>();
            for (int i = 0; i < 6; i++) {
                int number = i;
                senders.add(go(() -> ch.send(number)));
            }
            untilParked(senders);
            for (int i = 0; i < 6; i++) {
                order.send(ch.recv());
            }
        }
    }

    @Test
    void goschedGoesBehindAllOthers() throws Exception {
        assertOrder(YieldOrder.class, "2 0 1 2 0 1 2 0 1");
    }

    static final class YieldOrder {
        public static void main(String[] args) throws InterruptedException {
            rounds(YieldOrder::run);
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
        assertOrder(RunNext.class, "0 9 1 2 3");
    }

    /** Goroutine 9 is woken last of all, but stands in the slot in front of those that wait. */
    static final class RunNext {
        public static void main(String[] args) throws InterruptedException {
            rounds(RunNext::run);
        }

        private static void run(Chan<Integer> order) throws InterruptedException {
            Chan<Integer> ch = Chan.make();
            WaitGroup all = new WaitGroup();
            Goroutine nine =
                    all.go(() -> {
                        int v = ch.recv();
                        order.send(v);
                    });
            untilParked(List.of(nine));
            for (int i = 1; i <= 3; i++) {
                int number = i;
                all.go(() -> order.send(number));
            }
            order.send(0);
            ch.send(9);
            all.await();
        }
    }

    @Test
    void readersRunInTheOrderInWhichTheirSocketsBecameReadable() throws Exception {
        assertOrder(
                JavaProcess.of(ReadOrder.class).option("-Djdk.readPollers=1"),
                "0 1 2 3 4 5 6 7 8 9");
    }

    static final class ReadOrder {
        public static void main(String[] args) throws InterruptedException {
            rounds(ReadOrder::run);
        }

        private static void run(Chan<Integer> order) throws InterruptedException {
            InetAddress loopback = InetAddress.getLoopbackAddress();
            List<Socket> sockets = new ArrayList<>();
            try (ServerSocket listener = new ServerSocket(0, 10, loopback)) {
                List<Goroutine> readers = new ArrayList<>();
                WaitGroup all = new WaitGroup();
                for (int i = 0; i < 10; i++) {
                    int number = i;
                    sockets.add(new Socket(loopback, listener.getLocalPort()));
                    Socket peer = listener.accept();
                    sockets.add(peer);
                    readers.add(
                            all.go(() -> {
                                peer.getInputStream().read();
                                order.send(number);
                            }));
                }
                Go.gosched();
                for (Goroutine g : readers) {
                    eventually(() -> g.thread().getState() == Thread.State.WAITING);
                }
                for (int i = 0; i < 10; i++) {
                    sockets.get(2 * i).getOutputStream().write(1);
                }
                all.await();
                for (Socket s : sockets) {
                    s.close();
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private interface Scenario {
        void run(Chan<Integer> order) throws InterruptedException;
    }

    /** Runs a scenario many times and prints a line with the order each time. */
    private static void rounds(Scenario scenario) throws InterruptedException {
        for (int i = 0; i < ROUNDS; i++) {
            Chan<Integer> order = Chan.make(100);
            scenario.run(order);
            print(order);
        }
    }

    private static void untilParked(List<Goroutine> all) {
        Go.gosched();
        for (Goroutine g : all) {
            Blocked.blocked(g);
        }
    }

    private static void print(Chan<Integer> order) {
        order.close();
        System.out.println(
                StreamSupport.stream(order.spliterator(), false)
                        .map(String::valueOf)
                        .collect(Collectors.joining(" ")));
    }

    private static void assertOrder(Class<?> program, String expected) throws Exception {
        assertOrder(JavaProcess.of(program), expected);
    }

    private static void assertOrder(JavaProcess program, String expected) throws Exception {
        Result r = program.maxprocs(1).run();
        assertThat(r.exitCode()).as(r.toString()).isZero();
        List<String> lines = r.out().lines().toList();
        assertThat(lines).hasSize(ROUNDS);
        assertThat(lines.stream().filter(expected::equals).count())
                .as(r.toString())
                .isGreaterThan(ROUNDS / 2);
    }
}
