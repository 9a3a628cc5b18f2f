package dev.jenny.bench.jmh;

import static dev.jenny.Go.go;
import static dev.jenny.Go.gosched;
import static dev.jenny.Select.otherwise;
import static dev.jenny.Select.recv;
import static dev.jenny.Select.select;

import dev.jenny.Chan;
import dev.jenny.Select.Case;
import dev.jenny.Task;
import dev.jenny.sync.Mutex;
import dev.jenny.sync.Once;
import dev.jenny.sync.RWMutex;
import dev.jenny.sync.WaitGroup;
import dev.jenny.time.Timer;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What a goroutine does most. Those whose names begin with {@code free} must not allocate: {@code
 * ./jenny bench jmh --check} fails if they do.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
        value = 2,
        jvmArgsAppend = {
            "-Djmh.executor=CUSTOM",
            "-Djmh.executor.class=dev.jenny.bench.jmh.GoroutineExecutor"
        })
@State(Scope.Thread)
public class HotPaths {
    private static final Integer VALUE = 42;
    private static final Task NOTHING = () -> {};
    private static final Duration HOUR = Duration.ofHours(1);

    private final Chan<Integer> buffered = Chan.make(16);
    private final Chan<Integer> empty = Chan.make(1);
    private final Chan<Integer> empty2 = Chan.make(1);
    private final Mutex mutex = new Mutex();
    private final RWMutex rwMutex = new RWMutex();
    private final Once once = new Once();
    private final WaitGroup wg = new WaitGroup();
    private final Case<Integer>[] oneCase = cases(recv(empty, v -> 1), otherwise(() -> 0));
    private final Case<Integer>[] twoCases =
            cases(recv(empty, v -> 1), recv(empty2, v -> 2), otherwise(() -> 0));
    private final Case<Integer>[] readyCase =
            cases(recv(buffered, v -> 1), recv(empty, v -> 2), otherwise(() -> 0));
    private final Chan<Integer> ping = Chan.make();
    private final Chan<Integer> pong = Chan.make();

    @SafeVarargs
    @SuppressWarnings("varargs")
    private static Case<Integer>[] cases(Case<Integer>... cases) {
        return cases;
    }

    /** Starts the other player. */
    @Setup
    public void start() {
        go(() -> {
            for (Integer v : ping) {
                pong.send(v);
            }
        });
    }

    /** Ends the other player. */
    @TearDown
    public void stop() {
        ping.close();
    }

    /** A send and a receive that find room and a value. */
    @Benchmark
    public @Nullable Integer freeBufferedSendRecv() throws InterruptedException {
        buffered.send(VALUE);
        return buffered.recv();
    }

    /** The same with the methods that do not wait. */
    @Benchmark
    public @Nullable Integer freeTrySendTryRecv() {
        buffered.trySend(VALUE);
        return buffered.tryRecv();
    }

    /** A mutex that nobody else wants. */
    @Benchmark
    public void freeMutex() {
        mutex.lock();
        mutex.unlock();
    }

    /** The reader's side of a read-write mutex that nobody else wants. */
    @Benchmark
    public void freeRwMutexRead() {
        rwMutex.rLock();
        rwMutex.rUnlock();
    }

    /** A Once that is done. */
    @Benchmark
    public void freeOnce() throws Exception {
        once.run(NOTHING);
    }

    /** A select with one channel and a default, whose cases are used again. */
    @Benchmark
    public int freeSelectNonBlocking1() throws InterruptedException {
        return select(oneCase);
    }

    /** The same with two channels. */
    @Benchmark
    public int freeSelectNonBlocking2() throws InterruptedException {
        return select(twoCases);
    }

    /** A send, and a select that finds the value. */
    @Benchmark
    public int freeSelectReady() throws InterruptedException {
        buffered.send(VALUE);
        return select(readyCase);
    }

    /** A yield with nobody else to run. */
    @Benchmark
    public void yieldAlone() {
        gosched();
    }

    /** A goroutine that starts, ends, and is waited for. */
    @Benchmark
    public void goAndWait() throws InterruptedException {
        wg.go(NOTHING);
        wg.await();
    }

    /** Two goroutines ready each other and park: a round trip over unbuffered channels. */
    @Benchmark
    public @Nullable Integer parkReadyRoundTrip() throws InterruptedException {
        ping.send(VALUE);
        return pong.recv();
    }

    /** A timer that is called off. */
    @Benchmark
    public boolean timerStartStop() {
        return Timer.afterFunc(HOUR, NOTHING).stop();
    }

    /** The making of a channel. */
    @Benchmark
    public Chan<Integer> makeChan() {
        return Chan.make();
    }
}
