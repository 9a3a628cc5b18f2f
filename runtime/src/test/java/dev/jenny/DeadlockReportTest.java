package dev.jenny;

import static dev.jenny.Go.go;
import static dev.jenny.support.Mode.assumeCustom;
import static org.assertj.core.api.Assertions.assertThat;

import dev.jenny.support.JavaProcess;
import dev.jenny.support.JavaProcess.Result;
import dev.jenny.sync.Cond;
import dev.jenny.sync.Mutex;
import dev.jenny.sync.Pool;
import dev.jenny.sync.RWMutex;
import dev.jenny.sync.Semaphore;
import dev.jenny.sync.WaitGroup;
import dev.jenny.time.Ticker;
import dev.jenny.time.Timers;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Under jenny run, a program in which nobody can ever go on is reported and ended. */
@Timeout(120)
class DeadlockReportTest {
    private static final String FIRST_LINES =
            "fatal error: all goroutines are asleep - deadlock!\n\ngoroutine 1 [";

    @BeforeEach
    void customOnly() {
        assumeCustom("deadlock reports");
    }

    private static Result deadlock(Class<?> program, String... args) throws InterruptedException {
        Result r = JavaProcess.of(program).args(args).run();
        assertThat(r.exitCode()).as(r.toString()).isEqualTo(2);
        assertThat(r.err()).as(r.toString()).startsWith(FIRST_LINES);
        return r;
    }

    @Test
    void allGoroutinesAreShownWithReasonStackAndCreator() throws Exception {
        Result r = deadlock(Several.class);
        assertThat(r.out()).isEqualTo("before\n");
        assertThat(r.err())
                .containsPattern("goroutine 1 \\[sync\\.WaitGroup\\.Wait]:\n")
                .containsPattern(
                        "\n\ngoroutine \\d+ \\[chan receive]:\n"
                                + "dev\\.jenny\\.DeadlockReportTest\\$Several\\.worker\\(\\.\\.\\.\\)\n"
                                + "\tDeadlockReportTest\\.java:\\d+\n"
                                + "(.*\n\t.*\n)*"
                                + "created by dev\\.jenny\\.DeadlockReportTest\\$Several\\.main"
                                + " in goroutine 1\n\tDeadlockReportTest\\.java:\\d+\n");
        assertThat(r.err().lines().filter(l -> l.startsWith("goroutine ")).count()).isEqualTo(4);
        assertThat(r.err().lines().filter(l -> l.contains("[chan receive]")).count()).isEqualTo(3);
    }

    static final class Several {
        public static void main(String[] args) throws InterruptedException {
            System.out.println("before");
            Chan<Integer> ch = Chan.make();
            WaitGroup wg = new WaitGroup();
            for (int i = 0; i < 3; i++) {
                wg.add(1);
                go(() -> worker(ch, wg));
            }
            wg.await();
        }

        private static void worker(Chan<Integer> ch, WaitGroup wg) throws InterruptedException {
            ch.recv();
            wg.done();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "recv, chan receive",
        "send, chan send",
        "select, select",
        "nothing, select (no cases)",
        "waitgroup, sync.WaitGroup.Wait",
        "mutex, sync.Mutex.Lock",
        "rlock, sync.RWMutex.RLock",
        "wlock, sync.RWMutex.Lock",
        "cond, sync.Cond.Wait",
        "semaphore, semacquire",
        "pool, chan receive",
    })
    void mainAloneWaits(String how, String reason) throws Exception {
        Result r = deadlock(Alone.class, how);
        assertThat(r.err()).startsWith(FIRST_LINES + reason + "]:\n");
        assertThat(r.err()).contains("DeadlockReportTest$Alone.main(...)");
    }

    static final class Alone {
        public static void main(String[] args) throws InterruptedException {
            Chan<Integer> ch = Chan.make();
            switch (args[0]) {
                case "recv" -> ch.recv();
                case "send" -> ch.send(1);
                case "select" ->
                        Select.select(
                                Select.onRecv(ch, v -> {}),
                                Select.onSend(Chan.<Integer>make(), 1, () -> {}));
                case "nothing" -> Select.select();
                case "waitgroup" -> {
                    WaitGroup wg = new WaitGroup();
                    wg.add(1);
                    wg.await();
                }
                case "mutex" -> {
                    Mutex mutex = new Mutex();
                    go(mutex::lock); // ends without unlocking
                    while (mutex.tryLock()) {
                        mutex.unlock();
                        Go.gosched();
                    }
                    mutex.lock();
                }
                case "rlock" -> {
                    RWMutex mutex = new RWMutex();
                    mutex.lock();
                    mutex.rLock();
                }
                case "wlock" -> {
                    RWMutex mutex = new RWMutex();
                    mutex.rLock();
                    mutex.lock();
                }
                case "cond" -> {
                    Mutex mutex = new Mutex();
                    mutex.lock();
                    new Cond(mutex).await();
                }
                case "semaphore" -> new Semaphore(1).acquire(2);
                case "pool" -> { // has a thread that is told of collections
                    new Pool<>(Object::new).get();
                    ch.recv();
                }
                default -> throw new AssertionError(args[0]);
            }
        }
    }

    /** Neither a ticker nor a timer whose channel nobody receives from can wake anybody. */
    @ParameterizedTest
    @ValueSource(strings = {"ticker", "after", "stopped", "slept", "fired", "selected"})
    void timersThatCannotWakeAnybodyDoNotPreventIt(String how) throws Exception {
        Result r = deadlock(WithTimers.class, how);
        assertThat(r.err()).startsWith(FIRST_LINES + "chan receive]:\n");
    }

    static final class WithTimers {
        public static void main(String[] args) throws InterruptedException {
            Chan<Integer> ch = Chan.make();
            Duration hour = Duration.ofHours(1);
            Duration shortly = Duration.ofMillis(50);
            Object keep =
                    switch (args[0]) {
                        case "ticker" -> new Ticker(Duration.ofMillis(10));
                        case "after" -> Timers.after(hour);
                        case "stopped" -> Timers.afterFunc(hour, ch::close).stop();
                        case "slept" -> go(() -> Go.sleep(shortly));
                        case "fired" -> Timers.afterFunc(shortly, () -> {});
                        case "selected" ->
                                Select.select(
                                        Select.recv(Chan.make(), v -> "none"),
                                        Select.after(shortly, () -> "timeout"));
                        default -> throw new AssertionError(args[0]);
                    };
            ch.recv();
            System.out.println(keep);
        }
    }

    @Test
    void aThreadThatHasEndedDoesNotPreventIt() throws Exception {
        deadlock(AfterThread.class);
    }

    static final class AfterThread {
        public static void main(String[] args) throws InterruptedException {
            Chan<Integer> ch = Chan.make();
            Thread.ofPlatform().start(() -> ch.trySend(1)); // too early: nobody waits
            Thread t = Thread.ofPlatform().start(() -> {});
            t.join();
            Chan.make().recv();
        }
    }

    @Test
    void finallyBlocksDoNotRunButHooksDo() throws Exception {
        Result r = deadlock(Hooks.class);
        assertThat(r.out()).isEqualTo("hook\n");
    }

    static final class Hooks {
        public static void main(String[] args) throws InterruptedException {
            Runtime.getRuntime().addShutdownHook(new Thread(() -> System.out.println("hook")));
            try {
                Chan.make().recv();
            } finally {
                System.out.println("finally");
            }
        }
    }

    @Test
    void manyGoroutines() throws Exception {
        Result r = deadlock(Many.class);
        assertThat(r.err().lines().filter(l -> l.startsWith("goroutine ")).count()).isEqualTo(5001);
    }

    static final class Many {
        public static void main(String[] args) throws InterruptedException {
            Chan<Integer> ch = Chan.make();
            for (int i = 0; i < 5000; i++) {
                go(ch::recv);
            }
            ch.recv();
        }
    }
}
