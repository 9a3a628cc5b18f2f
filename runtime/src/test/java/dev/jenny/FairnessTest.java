package dev.jenny;

import static dev.jenny.Go.go;
import static dev.jenny.support.Mode.assumeCustom;
import static org.assertj.core.api.Assertions.assertThat;

import dev.jenny.support.Blocked;
import dev.jenny.support.JavaProcess;
import dev.jenny.support.JavaProcess.Result;
import dev.jenny.sync.WaitGroup;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Goroutines that are always busy do not starve the others, not even on one P. */
@Timeout(90)
class FairnessTest {
    @Test
    void aTimerFiresBesideAPingPong() throws Exception {
        assertFinishes(JavaProcess.of(TimerBesidePingPong.class).maxprocs(1));
    }

    /** Go's TestTimerFairness. */
    static final class TimerBesidePingPong {
        public static void main(String[] args) throws InterruptedException {
            pingPong(new AtomicLong(), 1);
            for (int i = 0; i < 5; i++) {
                Go.sleep(Duration.ofMillis(20));
            }
            System.out.println("finished");
        }
    }

    @Test
    void aGoroutineInTheQueueRunsBesideAPingPong() throws Exception {
        assertFinishes(JavaProcess.of(QueueBesidePingPong.class).maxprocs(1));
    }

    /** The two hand the next slot to each other; the queue behind it must get its turn. */
    static final class QueueBesidePingPong {
        public static void main(String[] args) throws InterruptedException {
            pingPong(new AtomicLong(), 1);
            for (int i = 0; i < 100; i++) {
                Chan<Integer> ch = Chan.make();
                go(() -> ch.send(1));
                Go.gosched();
                ch.recv();
            }
            System.out.println("finished");
        }
    }

    @Test
    void twoPairsOnOnePGetAboutTheSame() throws Exception {
        assumeCustom("time slices for chains of hand-offs");
        Result r = null;
        for (int attempt = 0; attempt < 3; attempt++) { // a busy machine may deal out CPU unevenly
            r = JavaProcess.of(PingPongHog.class).maxprocs(1).run();
            assertThat(r.exitCode()).as(r.toString()).isZero();
            String[] counts = r.out().strip().split(" ");
            double ratio = Double.parseDouble(counts[0]) / Double.parseDouble(counts[1]);
            if (ratio < 20 && ratio > 1 / 20.0) {
                return;
            }
        }
        throw new AssertionError("more than 20 times as much for one pair: " + r);
    }

    /** Go's TestPingPongHog: one pair does much work per hand-off, the other little. */
    static final class PingPongHog {
        public static void main(String[] args) throws InterruptedException {
            AtomicLong hog = new AtomicLong();
            AtomicLong light = new AtomicLong();
            pingPong(hog, 1_000_000);
            pingPong(light, 1_000);
            Go.sleep(Duration.ofMillis(500));
            System.out.println(hog + " " + light);
        }
    }

    /** Two goroutines that hand the turn to each other, with some work in between. */
    private static void pingPong(AtomicLong counter, int work) {
        Chan<Boolean> ball = Chan.make();
        for (int i = 0; i < 2; i++) {
            go(() -> {
                for (; ; ) {
                    ball.recv();
                    for (int k = 0; k < work; k++) {
                        counter.setOpaque(counter.getOpaque() + 1);
                    }
                    ball.send(true);
                }
            });
        }
        go(() -> ball.send(true));
    }

    @Test
    void aGoroutineStartsAlthoughEveryPSpins() throws Exception {
        assumeCustom("stalls by goroutines that burn CPU");
        assertFinishes(JavaProcess.of(Spinners.class).maxprocs(2).args("2"));
        assertFinishes(JavaProcess.of(Spinners.class).maxprocs(2).args("4"));
        assertFinishes(JavaProcess.of(Spinners.class).maxprocs(1).args("3"));
    }

    static final class Spinners {
        static volatile boolean stop;

        public static void main(String[] args) throws InterruptedException {
            int n = Integer.parseInt(args[0]);
            WaitGroup spinning = new WaitGroup();
            WaitGroup ended = new WaitGroup();
            spinning.add(n);
            for (int i = 0; i < n; i++) {
                ended.go(() -> {
                    spinning.done();
                    while (!stop) {
                        Thread.onSpinWait();
                    }
                });
            }
            spinning.await(); // they have all started, though there are fewer Ps
            Chan<Integer> ch = Chan.make();
            for (int i = 0; i < 10; i++) {
                go(() -> ch.send(1));
                ch.recv();
            }
            Go.sleep(Duration.ofMillis(1));
            stop = true;
            ended.await();
            System.out.println("finished");
        }
    }

    @Test
    void goschedMakesProgress() throws Exception {
        assertFinishes(JavaProcess.of(Yielders.class).maxprocs(1));
        assertFinishes(JavaProcess.of(Yielders.class).maxprocs(2));
    }

    /** Go's TestYieldProgress: who yields lets the others run, and comes back. */
    static final class Yielders {
        static volatile boolean stop;

        public static void main(String[] args) throws InterruptedException {
            WaitGroup ended = new WaitGroup();
            for (int i = 0; i < 3; i++) {
                ended.go(() -> {
                    while (!stop) {
                        Go.gosched();
                    }
                });
            }
            for (int i = 0; i < 1000; i++) {
                Go.gosched();
            }
            Chan<Integer> ch = Chan.make();
            go(() -> ch.send(1)); // not a yielder: it comes to its turn as well
            ch.recv();
            stop = true;
            ended.await();
            System.out.println("finished");
        }
    }

    @Test
    void socketsAreReadBesideAPingPong() throws Exception {
        assertFinishes(JavaProcess.of(SocketBesidePingPong.class).maxprocs(1));
    }

    /** The local queue is never empty, and the time slice does not end. */
    static final class SocketBesidePingPong {
        public static void main(String[] args) throws Exception {
            pingPong(new AtomicLong(), 1);
            readOneHundred();
        }
    }

    @Test
    void socketsAreReadBesideYielders() throws Exception {
        assumeCustom("sockets beside goroutines that yield all the time");
        assertFinishes(JavaProcess.of(SocketBesideYielders.class).maxprocs(1));
    }

    static final class SocketBesideYielders {
        public static void main(String[] args) throws Exception {
            for (int i = 0; i < 2; i++) {
                go(() -> {
                    for (; ; ) {
                        Go.gosched();
                    }
                });
            }
            readOneHundred();
        }
    }

    /** If each took a second, it would take too long. */
    private static void readOneHundred() throws Exception {
        InetAddress loopback = InetAddress.getLoopbackAddress();
        Chan<Integer> got = Chan.make();
        try (ServerSocket listener = new ServerSocket(0, 1, loopback);
                Socket client = new Socket(loopback, listener.getLocalPort())) {
            Socket peer = listener.accept();
            go(() -> {
                try (peer) {
                    for (int b; (b = peer.getInputStream().read()) >= 0; ) {
                        got.send(b);
                    }
                }
            });
            for (int i = 0; i < 100; i++) {
                client.getOutputStream().write(i);
                if (got.recv() != i) {
                    throw new AssertionError("not " + i);
                }
            }
            System.out.println("finished");
        }
    }

    @Test
    void whatAHeldUpPHasQueuedRunsThoughTheOthersAreNeverOutOfWork() throws Exception {
        assumeCustom("Ps that are held up");
        assertFinishes(JavaProcess.of(QueuedBehindHog.class).maxprocs(1));
    }

    static final class QueuedBehindHog {
        public static void main(String[] args) throws InterruptedException {
            AtomicLong yields = new AtomicLong();
            AtomicLong ran = new AtomicLong();
            AtomicBoolean done = new AtomicBoolean();
            go(() -> {
                while (!done.get()) {
                    yields.incrementAndGet();
                    Go.gosched();
                }
            });
            Goroutine hog =
                    go(() -> {
                        long before = yields.get();
                        while (yields.get() < before + 1000) { // then it runs on another P
                            Thread.onSpinWait();
                        }
                        for (int i = 0; i < 10; i++) {
                            go(ran::incrementAndGet); // into the queue of this P
                        }
                        while (ran.get() < 10) {
                            Thread.onSpinWait();
                        }
                    });
            hog.join();
            done.set(true);
            System.out.println("finished");
        }
    }

    @Test
    void whatHasYieldedOnAHeldUpPRunsThoughItsQueueIsFilledAgainAndAgain() throws Exception {
        assumeCustom("Ps that are held up");
        assertFinishes(JavaProcess.of(YieldedBehindSpawner.class).maxprocs(1));
    }

    /** Three yield on the P, so that one is left there when another P has as many as it can run. */
    static final class YieldedBehindSpawner {
        public static void main(String[] args) throws InterruptedException {
            AtomicBoolean done = new AtomicBoolean();
            AtomicLong[] yields = new AtomicLong[3];
            for (int i = 0; i < yields.length; i++) {
                AtomicLong n = yields[i] = new AtomicLong();
                go(() -> {
                    while (!done.get()) {
                        n.incrementAndGet();
                        Go.gosched();
                    }
                });
            }
            Go.gosched();
            Goroutine hog =
                    go(() -> {
                        for (AtomicLong n : yields) { // all of them, while this one holds the P
                            for (long before = n.get(); n.get() < before + 100; ) {
                                if (GoRuntime.numGoroutine() < 1000) {
                                    go(() -> {});
                                }
                            }
                        }
                    });
            hog.join();
            done.set(true);
            System.out.println("finished");
        }
    }

    @Test
    void whatARetiringPHasQueuedRunsThoughTheOthersAreNeverOutOfWork() throws Exception {
        assumeCustom("GOMAXPROCS");
        assertFinishes(JavaProcess.of(QueuedOnRetiring.class).maxprocs(2));
    }

    static final class QueuedOnRetiring {
        public static void main(String[] args) throws InterruptedException {
            AtomicBoolean running = new AtomicBoolean();
            AtomicBoolean one = new AtomicBoolean();
            AtomicBoolean done = new AtomicBoolean();
            AtomicLong ran = new AtomicLong();
            Goroutine hog =
                    go(() -> {
                        running.set(true);
                        while (!one.get()) {
                            Thread.onSpinWait();
                        }
                        for (int i = 0; i < 10; i++) {
                            go(ran::incrementAndGet);
                        }
                        while (ran.get() < 10) {
                            Thread.onSpinWait();
                        }
                    });
            while (!running.get()) {
                Thread.onSpinWait(); // on the other P
            }
            GoRuntime.gomaxprocs(1);
            go(() -> {
                while (!done.get()) {
                    Go.gosched();
                }
            });
            one.set(true);
            hog.join();
            done.set(true);
            System.out.println("finished");
        }
    }

    @Test
    void whatWaitsInTheGlobalQueueIsNotForgottenBesideOneThatYields() throws Exception {
        assumeCustom("the global queue");
        int turns = 0;
        // On a busy machine another M may run them all before main comes to its first turn.
        for (int attempt = 0; turns == 0 && attempt < 5; attempt++) {
            Result r = JavaProcess.of(GlobalBesideYielder.class).maxprocs(1).run();
            assertThat(r.exitCode()).as(r.toString()).isZero();
            turns = Integer.parseInt(r.out().strip());
        }
        assertThat(turns).isBetween(1, 200);
    }

    /**
     * 1,000 goroutines come into the global queue while another yields again and again, and fills
     * the local queue with so many that an M comes to a 61st time slice in each turn. Prints how
     * often it has yielded when all of them have run: taken one by one it would be 1,000 times, in
     * batches it is some twenty.
     */
    static final class GlobalBesideYielder {
        public static void main(String[] args) throws Exception {
            Chan<Integer> gate = Chan.make();
            WaitGroup through = new WaitGroup();
            List<Goroutine> waiting = new ArrayList<>();
            for (int i = 0; i < 1000; i++) {
                waiting.add(through.go(() -> gate.recv()));
            }
            Go.gosched();
            waiting.forEach(Blocked::blocked);
            AtomicBoolean all = new AtomicBoolean();
            go(() -> {
                through.await();
                all.set(true);
            });
            Thread opening = Thread.ofPlatform().start(gate::close);
            while (opening.isAlive()) { // holds the P: they wait in the queue
                Thread.onSpinWait();
            }
            int turns = 0;
            for (; !all.get(); turns++) {
                for (int i = 0; i < 61; i++) {
                    go(() -> {});
                }
                Go.gosched();
            }
            System.out.println(turns);
        }
    }

    private static void assertFinishes(JavaProcess process) throws InterruptedException {
        Result r = process.run();
        assertThat(r.out()).as(r.toString()).isEqualTo("finished\n");
        assertThat(r.exitCode()).isZero();
    }
}
