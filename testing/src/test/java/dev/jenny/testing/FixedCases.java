package dev.jenny.testing;

import static dev.jenny.Go.go;
import static dev.jenny.Select.after;
import static dev.jenny.Select.onRecv;
import static dev.jenny.Select.recv;
import static dev.jenny.Select.select;
import static dev.jenny.Select.send;
import static org.assertj.core.api.Assertions.assertThat;

import dev.jenny.Chan;
import dev.jenny.RecvChan;
import dev.jenny.Select;
import dev.jenny.context.Context;
import dev.jenny.sync.Cond;
import dev.jenny.sync.Mutex;
import dev.jenny.sync.Semaphore;
import dev.jenny.sync.WaitGroup;
import dev.jenny.time.Ticker;
import dev.jenny.time.Timer;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** {@link LeakyCases} fixed. */
@CheckGoroutines(graceMillis = 60_000)
class FixedCases {
    private static boolean fails() {
        return true;
    }

    private static int compute() {
        return 1;
    }

    private static void lockBoth(Mutex first, Mutex second) {
        first.lock();
        second.lock();
        second.unlock();
        first.unlock();
    }

    /** Asks the next of a chain of {@code n} for the answer, and passes it on. */
    private static void chain(int n, Chan<Integer> answer) throws InterruptedException {
        if (n == 0) {
            answer.send(1);
            return;
        }
        Chan<Integer> next = Chan.make();
        go(() -> chain(n - 1, next));
        answer.send(next.recv());
    }

    /** The receiver returns before it has received: an unbuffered send waits. */
    @Test
    void earlyReturn() throws InterruptedException {
        Chan<Integer> answer = Chan.make(1);
        go(() -> answer.send(compute()));
        if (fails()) {
            return;
        }
        assertThat(answer.recv()).isOne();
    }

    /** Workers range over a channel; closing it ends them. */
    @Test
    void rangeWithoutClose() throws InterruptedException {
        Chan<Integer> jobs = Chan.make();
        WaitGroup done = new WaitGroup();
        done.add(3);
        for (int i = 0; i < 3; i++) {
            go(() -> {
                for (int job : jobs) {
                    assertThat(job).isOne();
                    done.done();
                }
            });
        }
        for (int i = 0; i < 3; i++) {
            jobs.send(1);
        }
        done.await();
        jobs.close();
    }

    /** A missing return after the send of an error: a second send follows. */
    @Test
    void doubleSend() throws InterruptedException {
        Chan<String> result = Chan.make();
        go(() -> {
            if (fails()) {
                result.send("error");
                return;
            }
            result.send("value");
        });
        assertThat(result.recv()).isEqualTo("error");
    }

    /** The receiver gives up after a time; the answer comes later. */
    @Test
    void timeout() throws InterruptedException {
        Chan<Integer> answer = Chan.make(1);
        Chan<Boolean> slow = Chan.make();
        go(() -> {
            slow.recv();
            answer.send(compute());
        });
        boolean timedOut =
                select(recv(answer, v -> false), after(Duration.ofMillis(1), () -> true));
        assertThat(timedOut).isTrue();
        slow.close();
    }

    /** A receive from null channels only, since the field was never set. */
    @Test
    void nilChannel() throws InterruptedException {
        RecvChan<Integer> never = null;
        Chan<Boolean> stop = Chan.make();
        go(() -> Select.<Void>select(onRecv(never, v -> {}), onRecv(stop, v -> {})));
        stop.close();
    }

    /** Three answer, and only the first answer is taken. */
    @Test
    void firstOfMany() throws InterruptedException {
        Chan<Integer> answers = Chan.make(3);
        for (int i = 0; i < 3; i++) {
            go(() -> answers.send(compute()));
        }
        assertThat(answers.recv()).isOne();
    }

    /** One of the ways through a task does not count down. */
    @Test
    void missingDone() throws InterruptedException {
        WaitGroup wg = new WaitGroup();
        wg.add(1);
        go(() -> {
            try {
                if (fails()) {
                    return;
                }
            } finally {
                wg.done();
            }
        });
        go(wg::await);
    }

    /** A worker with a stop method that nobody calls. */
    @Test
    void startWithoutStop() throws InterruptedException {
        Chan<Boolean> stop = Chan.make();
        Chan<Integer> in = Chan.make();
        go(() -> {
            boolean running = true;
            while (running) {
                running = select(recv(in, v -> true), recv(stop, v -> false));
            }
        });
        in.send(1);
        stop.close();
    }

    /** A goroutine waits for its context to be cancelled. */
    @Test
    void contextWithoutCancel() throws InterruptedException {
        try (Context ctx = Context.background().withCancel()) {
            go(() -> ctx.done().recv());
        }
    }

    /** An early return leaves a mutex locked. */
    @Test
    void lockWithoutUnlock() throws InterruptedException {
        Mutex mu = new Mutex();
        go(
                        () -> {
                            mu.lock();
                            try {
                                assertThat(fails()).isTrue();
                            } finally {
                                mu.unlock();
                            }
                        })
                .join();
        go(mu::lock);
    }

    /** Two goroutines take two locks in different order. */
    @Test
    void locksInACircle() throws InterruptedException {
        Mutex a = new Mutex();
        Mutex b = new Mutex();
        go(() -> lockBoth(a, b));
        go(() -> lockBoth(a, b));
    }

    /** Two wait for a condition, and one is told. */
    @Test
    void signalForOneOfTwo() throws InterruptedException {
        Mutex mu = new Mutex();
        Cond ready = new Cond(mu);
        Chan<Boolean> waiting = Chan.make(2);
        for (int i = 0; i < 2; i++) {
            go(() -> {
                mu.lock();
                try {
                    waiting.send(true);
                    ready.await();
                } finally {
                    mu.unlock();
                }
            });
        }
        waiting.recv();
        waiting.recv();
        mu.lock();
        ready.broadcast();
        mu.unlock();
    }

    /** The last stage stops early, and the stages before it wait. */
    @Test
    void pipeline() throws InterruptedException {
        Chan<Integer> numbers = Chan.make();
        Chan<Integer> squares = Chan.make();
        Chan<Boolean> stop = Chan.make();
        go(() -> {
            for (int i = 1; i < 10; i++) {
                if (!select(send(numbers, i, () -> true), recv(stop, v -> false))) {
                    break;
                }
            }
            numbers.close();
        });
        go(() -> {
            for (int n : numbers) {
                if (!select(send(squares, n * n, () -> true), recv(stop, v -> false))) {
                    return;
                }
            }
        });
        assertThat(squares.recv()).isOne();
        stop.close();
    }

    /** All of a group report errors, the first of which ends it. */
    @Test
    void errorsOfAGroup() throws InterruptedException {
        Chan<String> errors = Chan.make(3);
        WaitGroup wg = new WaitGroup();
        for (int i = 0; i < 3; i++) {
            wg.go(() -> errors.send("error"));
        }
        go(() -> {
            wg.await();
            errors.close();
        });
        assertThat(errors.recv()).isEqualTo("error");
    }

    /** A permit is not given back when a task fails. */
    @Test
    void semaphoreWithoutRelease() throws InterruptedException {
        Semaphore permits = new Semaphore(1);
        for (int i = 0; i < 2; i++) {
            go(() -> {
                permits.acquire();
                try {
                    assertThat(fails()).isTrue();
                } finally {
                    permits.release();
                }
            });
        }
    }

    /** A timer is stopped while a goroutine waits for it. */
    @Test
    void stoppedTimer() throws InterruptedException {
        Timer t = new Timer(Duration.ofHours(1));
        go(() -> t.c().recv());
        t.reset(Duration.ofMillis(1));
    }

    /** Each goroutine starts the next and waits for it; the last has nobody to ask. */
    @Test
    void recursion() throws InterruptedException {
        Chan<Integer> answer = Chan.make();
        go(() -> chain(3, answer));
        assertThat(answer.recv()).isOne();
    }

    /** A loop over a ticker without a way out: it lives, and does not end. */
    @Test
    void ticksForEver() throws InterruptedException {
        Chan<Boolean> stop = Chan.make();
        Ticker ticker = new Ticker(Duration.ofMillis(1));
        go(() -> {
            boolean running = true;
            while (running) {
                running = select(recv(ticker.c(), v -> true), recv(stop, v -> false));
            }
            ticker.stop();
        });
        stop.close();
    }
}
