package dev.jenny.testing;

import static dev.jenny.Go.go;
import static dev.jenny.Select.after;
import static dev.jenny.Select.onRecv;
import static dev.jenny.Select.recv;
import static dev.jenny.Select.select;
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
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/** Goroutines that are leaked, in small. {@link FixedCases} does each the right way. */
@CheckGoroutines(graceMillis = 3_000)
class LeakyCases {
    private static volatile boolean over;

    @AfterAll
    static void endWhatLives() {
        over = true;
    }

    private static boolean fails() {
        return true;
    }

    private static int compute() {
        return 1;
    }

    private static void lockBoth(Mutex first, Mutex second, WaitGroup both)
            throws InterruptedException {
        first.lock();
        both.done();
        both.await();
        second.lock();
        second.unlock();
        first.unlock();
    }

    /** Asks the next of a chain of {@code n} for the answer, and passes it on. */
    private static void chain(int n, Chan<Integer> answer) throws InterruptedException {
        Chan<Integer> next = Chan.make();
        if (n > 0) {
            go(() -> chain(n - 1, next));
        }
        answer.send(next.recv());
    }

    /** The receiver returns before it has received: an unbuffered send waits. */
    @Test
    void earlyReturn() throws InterruptedException {
        Chan<Integer> answer = Chan.make();
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
    }

    /** A missing return after the send of an error: a second send follows. */
    @Test
    void doubleSend() throws InterruptedException {
        Chan<String> result = Chan.make();
        go(() -> {
            if (fails()) {
                result.send("error");
            }
            result.send("value");
        });
        assertThat(result.recv()).isEqualTo("error");
    }

    /** The receiver gives up after a time; the answer comes later. */
    @Test
    void timeout() throws InterruptedException {
        Chan<Integer> answer = Chan.make();
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
        go(() -> Select.<Void>select(onRecv(never, v -> {})));
    }

    /** Three answer, and only the first answer is taken. */
    @Test
    void firstOfMany() throws InterruptedException {
        Chan<Integer> answers = Chan.make();
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
            if (fails()) {
                return;
            }
            wg.done();
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
    }

    /** A goroutine waits for its context to be cancelled. */
    @Test
    void contextWithoutCancel() throws InterruptedException {
        Context ctx = Context.background().withCancel();
        go(() -> ctx.done().recv());
    }

    /** An early return leaves a mutex locked. */
    @Test
    void lockWithoutUnlock() throws InterruptedException {
        Mutex mu = new Mutex();
        go(
                        () -> {
                            mu.lock();
                            if (fails()) {
                                return;
                            }
                            mu.unlock();
                        })
                .join();
        go(mu::lock);
    }

    /** Two goroutines take two locks in different order. */
    @Test
    void locksInACircle() throws InterruptedException {
        Mutex a = new Mutex();
        Mutex b = new Mutex();
        WaitGroup both = new WaitGroup();
        both.add(2);
        go(() -> lockBoth(a, b, both));
        go(() -> lockBoth(b, a, both));
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
        ready.signal();
        mu.unlock();
    }

    /** The last stage stops early, and the stages before it wait. */
    @Test
    void pipeline() throws InterruptedException {
        Chan<Integer> numbers = Chan.make();
        Chan<Integer> squares = Chan.make();
        go(() -> {
            for (int i = 1; i < 10; i++) {
                numbers.send(i);
            }
            numbers.close();
        });
        go(() -> {
            for (int n : numbers) {
                squares.send(n * n);
            }
            squares.close();
        });
        assertThat(squares.recv()).isOne();
    }

    /** All of a group report errors, the first of which ends it. */
    @Test
    void errorsOfAGroup() throws InterruptedException {
        Chan<String> errors = Chan.make();
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
                if (fails()) {
                    return;
                }
                permits.release();
            });
        }
    }

    /** A timer is stopped while a goroutine waits for it. */
    @Test
    void stoppedTimer() throws InterruptedException {
        Timer t = new Timer(Duration.ofHours(1));
        go(() -> t.c().recv());
        t.stop();
    }

    /** Each goroutine starts the next and waits for it; the last has nobody to ask. */
    @Test
    void recursion() throws InterruptedException {
        Chan<Integer> answer = Chan.make();
        go(() -> chain(3, answer));
    }

    /** A loop over a ticker without a way out: it lives, and does not end. */
    @Test
    void ticksForEver() throws InterruptedException {
        Ticker ticker = new Ticker(Duration.ofMillis(1));
        go(() -> {
            while (!over) {
                ticker.c().recv();
            }
        });
    }
}
