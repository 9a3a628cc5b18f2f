package dev.jenny;

import static dev.jenny.Go.go;
import static dev.jenny.support.Mode.assumeCustom;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jenny.internal.sched.Probe;
import dev.jenny.support.JavaProcess;
import dev.jenny.support.JavaProcess.Result;
import dev.jenny.sync.WaitGroup;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** How GOMAXPROCS is set, at start and while running. */
@Timeout(90)
class GomaxprocsTest {
    @Test
    void theDefaultIsTheCpuCount() throws Exception {
        assertPrints(JavaProcess.of(Print.class), Runtime.getRuntime().availableProcessors());
        assertPrints(JavaProcess.of(Print.class).option("-XX:ActiveProcessorCount=3"), 3);
    }

    @Test
    void thePropertyAndTheVariableSetIt() throws Exception {
        assertPrints(JavaProcess.of(Print.class).maxprocs(5), 5);
        assertPrints(JavaProcess.of(Print.class).env("JENNY_MAXPROCS", "7"), 7);
        assertPrints(JavaProcess.of(Print.class).env("JENNY_MAXPROCS", "7").maxprocs(5), 5);
    }

    @Test
    void aValueThatMakesNoSenseIsNamedAndIgnored() throws Exception {
        for (String value : new String[] {"0", "-1", "many", "1000000"}) {
            Result r = JavaProcess.of(Print.class).env("JENNY_MAXPROCS", value).run();
            int cpus = Runtime.getRuntime().availableProcessors();
            assertThat(r.out()).as(r.toString()).isEqualTo(cpus + "\n");
            assertThat(r.err()).contains("'" + value + "'").hasLineCount(1);
        }
    }

    static final class Print {
        public static void main(String[] args) {
            System.out.println(GoRuntime.gomaxprocs());
        }
    }

    private static void assertPrints(JavaProcess process, int expected) throws Exception {
        Result r = process.run();
        assertThat(r.out()).as(r.toString()).isEqualTo(expected + "\n");
        assertThat(r.err()).isEmpty();
    }

    @Test
    void aNumberThatIsNotPositiveOnlyAsks() {
        int n = GoRuntime.gomaxprocs();
        assertThat(n).isPositive();
        assertThat(GoRuntime.gomaxprocs(0)).isEqualTo(n);
        assertThat(GoRuntime.gomaxprocs(-3)).isEqualTo(n);
        assertThat(GoRuntime.gomaxprocs()).isEqualTo(n);
        assertThatThrownBy(() -> GoRuntime.gomaxprocs(65_537))
                .isInstanceOf(IllegalArgumentException.class);
        assertThat(GoRuntime.gomaxprocs()).isEqualTo(n);
    }

    @Test
    void itMayChangeWhileGoroutinesWork() throws Exception {
        Result r = JavaProcess.of(Change.class).maxprocs(1).run();
        assertThat(r.out()).as(r.toString()).isEqualTo("1 4 1 256 3 2 ok\n");
        assertThat(r.exitCode()).isZero();
    }

    static final class Change {
        public static void main(String[] args) throws InterruptedException {
            AtomicLong steps = new AtomicLong();
            AtomicInteger round = new AtomicInteger();
            WaitGroup workers = new WaitGroup();
            for (int i = 0; i < 8; i++) {
                workers.go(() -> {
                    Chan<Integer> ch = Chan.make();
                    while (round.get() < 6) {
                        go(() -> ch.send(1));
                        steps.addAndGet(ch.recv());
                    }
                });
            }
            StringBuilder before = new StringBuilder();
            for (int n : new int[] {4, 1, 256, 3, 2, 8}) {
                before.append(GoRuntime.gomaxprocs(n)).append(' ');
                check(GoRuntime.gomaxprocs() == n);
                long seen = steps.get();
                while (steps.get() < seen + 1000) { // work goes on at every size
                    Go.gosched();
                }
                round.incrementAndGet();
            }
            workers.await();
            System.out.println(before + "ok");
        }

        private static void check(boolean condition) {
            if (!condition) {
                throw new AssertionError();
            }
        }
    }

    @Test
    void asManyRunAtOnceAsThereArePs() throws Exception {
        assumeCustom("GOMAXPROCS");
        for (int n : new int[] {2, 4}) {
            Result r = JavaProcess.of(Parallel.class).maxprocs(n).run();
            assertThat(r.out()).as(r.toString()).isEqualTo("ok\n");
        }
    }

    /** Go's TestGoroutineParallelism: spinners that wait for each other must all be running. */
    static final class Parallel {
        public static void main(String[] args) throws InterruptedException {
            int n = GoRuntime.gomaxprocs();
            for (int k = 0; k < 10; k++) {
                AtomicInteger turn = new AtomicInteger();
                WaitGroup all = new WaitGroup();
                for (int p = 0; p < n; p++) {
                    int self = p;
                    all.go(() -> {
                        for (int i = 0; i < 3; i++) {
                            int mine = n * i + self;
                            while (turn.get() != mine) {
                                Thread.onSpinWait();
                            }
                            turn.set(mine + 1);
                        }
                    });
                }
                all.await();
            }
            System.out.println("ok");
        }
    }

    @Test
    void onOnePOneGoroutineRunsAtATime() throws Exception {
        assumeCustom("GOMAXPROCS");
        Result r = JavaProcess.of(OneAtATime.class).maxprocs(1).run();
        assertThat(r.out()).as(r.toString()).isEqualTo("ok\n");
    }

    static final class OneAtATime {
        private static int plain; // one M at a time: no update is lost although nothing orders them

        public static void main(String[] args) throws InterruptedException {
            WaitGroup all = new WaitGroup();
            for (int i = 0; i < 8; i++) {
                all.go(() -> {
                    for (int k = 0; k < 1000; k++) {
                        plain++;
                        Go.gosched();
                    }
                });
            }
            all.await();
            System.out.println(plain == 8000 ? "ok" : "lost updates: " + plain);
        }
    }

    @Test
    void aHeldUpPIsReplacedByOneThatIsFree() throws Exception {
        assumeCustom("Ps that are held up");
        Result r = JavaProcess.of(Retiring.class).maxprocs(4).run();
        assertThat(r.out()).as(r.toString()).isEqualTo("held up: 1\n");
    }

    /** Three Ps that no longer count run goroutines that do not end, and so does the one left. */
    static final class Retiring {
        public static void main(String[] args) throws InterruptedException {
            AtomicBoolean done = new AtomicBoolean();
            AtomicInteger spinning = new AtomicInteger();
            AtomicLong stalls = new AtomicLong();
            WaitGroup all = new WaitGroup();
            all.go(() -> {
                for (int i = 0; i < 3; i++) {
                    all.go(() -> {
                        spinning.incrementAndGet();
                        while (!done.get()) {
                            Thread.onSpinWait();
                        }
                    });
                }
                while (spinning.get() < 3) {
                    Thread.onSpinWait();
                }
                GoRuntime.gomaxprocs(1);
                long before = heldUp();
                go(() -> {
                    stalls.set(heldUp() - before);
                    done.set(true);
                });
                while (!done.get()) {
                    Thread.onSpinWait();
                }
            });
            all.await();
            System.out.println("held up: " + stalls);
        }

        private static long heldUp() {
            Probe.SchedView s = Probe.scheduler();
            return s.burnt() + s.blocked();
        }
    }
}
