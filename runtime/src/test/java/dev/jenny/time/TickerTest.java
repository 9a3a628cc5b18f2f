package dev.jenny.time;

import static dev.jenny.Select.after;
import static dev.jenny.Select.recv;
import static dev.jenny.support.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.jenny.Go;
import dev.jenny.GoRuntime;
import dev.jenny.Goroutine;
import dev.jenny.Select;
import dev.jenny.internal.chan.Channel;
import dev.jenny.support.Fork;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Ticks: their rate and phase, dropping, stop and reset. */
@Timeout(60)
class TickerTest {
    private static final Duration LONG = Duration.ofHours(1);

    @ParameterizedTest
    @EnumSource
    void ticksComeOnePerIntervalAndNotFaster(Fork.Kind kind) throws Exception {
        Duration interval = Duration.ofMillis(5);
        Fork.fork(
                        kind,
                        () -> {
                            long start = System.nanoTime();
                            try (Ticker ticker = new Ticker(interval)) {
                                for (int i = 1; i <= 10; i++) {
                                    assertThat(ticker.c().recv()).isNotNull();
                                    assertThat(System.nanoTime() - start)
                                            .isGreaterThanOrEqualTo(i * interval.toNanos());
                                }
                            }
                        })
                .join();
    }

    @Test
    void ticksKeepTheirPhaseHoweverLateTheyAreRead() throws Exception {
        long interval = 20_000_000;
        try (Ticker ticker = new Ticker(Duration.ofNanos(interval))) {
            Instant first = ticker.c().recv();
            long last = 0;
            for (int i = 1; i < 6; i++) {
                Go.sleep(Duration.ofMillis(i * 7));
                long since = Duration.between(first, ticker.c().recv()).toNanos();
                long ticks = Math.round((double) since / interval);
                assertThat(since).isCloseTo(ticks * interval, within(interval / 4));
                assertThat(ticks).isGreaterThan(last);
                last = ticks;
            }
        }
    }

    @Test
    void unreadForSeveralIntervalsThereIsOneTickTheFirstMissed() throws Exception {
        long interval = 20_000_000;
        Instant start = Instant.now();
        try (Ticker ticker = new Ticker(Duration.ofNanos(interval))) {
            Go.sleep(Duration.ofNanos(interval * 11 / 2));
            Instant first = ticker.c().recv();
            Instant second = ticker.c().recv();
            assertThat(Duration.between(start, first).toNanos())
                    .isCloseTo(interval, within(interval));
            long between = Duration.between(first, second).toNanos();
            assertThat(Math.round((double) between / interval)).isGreaterThanOrEqualTo(5);
        }
    }

    @Test
    void looksUnbuffered() throws Exception {
        try (Ticker ticker = new Ticker(Duration.ofNanos(1))) {
            Go.sleep(Duration.ofMillis(1));
            assertThat(ticker.c().len()).isZero();
            assertThat(ticker.c().cap()).isZero();
            assertThat(ticker.c().recv()).isNotNull();
            assertThat(ticker.c().isDrained()).isFalse();
        }
    }

    @Test
    void afterStopNoTickNotEvenAnOldOne() throws Exception {
        Ticker ticker = new Ticker(Duration.ofMillis(1));
        Go.sleep(Duration.ofMillis(5));
        ticker.stop();
        assertThat(ticker.c().tryRecv()).isNull();
        assertThat(
                        Select.<String>select(
                                recv(ticker.c(), v -> "tick"),
                                after(Duration.ofMillis(5), () -> "none")))
                .isEqualTo("none");
        ticker.stop();
        ticker.close();
        assertThat(ticker.c().tryRecv()).isNull();
        assertThat(ticker.c().isDrained()).as("stop does not close the channel").isFalse();
    }

    @Test
    void afterResetNoOldTick() throws Exception {
        Ticker ticker = new Ticker(Duration.ofMillis(1));
        Go.sleep(Duration.ofMillis(5));
        ticker.reset(LONG);
        assertThat(ticker.c().tryRecv()).isNull();
    }

    @Test
    void resetRevivesAStoppedTickerEvenUnderABlockedReceiver() throws Exception {
        Ticker ticker = new Ticker(LONG);
        ticker.stop();
        Fork receiver =
                Fork.fork(
                        Fork.Kind.GOROUTINE,
                        () -> {
                            ticker.c().recv();
                            ticker.c().recv();
                        });
        receiver.blockedOn(ticker.c());
        ticker.reset(Duration.ofMillis(1));
        receiver.join();
    }

    @Test
    void severalReceiversShareTheTicks() throws Exception {
        try (Ticker ticker = new Ticker(Duration.ofMillis(1))) {
            Fork.joinAll(
                    Fork.forks(
                            Fork.Kind.GOROUTINE,
                            4,
                            () -> {
                                for (int i = 0; i < 10; i++) {
                                    assertThat(ticker.c().recv()).isNotNull();
                                }
                            }));
        }
    }

    @Test
    void aLoopOverItsChannel() {
        int n = 0;
        List<Instant> ticks = new ArrayList<>();
        try (Ticker ticker = new Ticker(Duration.ofMillis(1))) {
            for (Instant tick : ticker.c()) {
                ticks.add(tick);
                if (++n == 3) {
                    break;
                }
            }
        }
        assertThat(ticks).hasSize(3).isSorted();
    }

    @ParameterizedTest
    @ValueSource(longs = {0, -1, Long.MIN_VALUE})
    void theIntervalMustBePositive(long nanos) {
        Duration d = Duration.ofNanos(nanos);
        assertThatThrownBy(() -> new Ticker(d))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("non-positive interval for NewTicker");
        Ticker ticker = new Ticker(LONG);
        assertThatThrownBy(() -> ticker.reset(d))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("non-positive interval for Ticker.Reset");
    }

    @Test
    void aRefusedResetChangesNothing() throws Exception {
        Ticker ticker = new Ticker(Duration.ofMillis(1));
        assertThatThrownBy(() -> ticker.reset(Duration.ZERO))
                .isInstanceOf(IllegalArgumentException.class);
        assertThat(ticker.c().recv()).isNotNull();
    }

    @Test
    void anIntervalBeyondAllTimeNeverTicks() {
        assertThat(new Ticker(Duration.ofSeconds(Long.MAX_VALUE)).c().tryRecv()).isNull();
    }

    @Test
    void teardownInTheMiddleOfTicks() throws Exception {
        Heap heap = new Heap();
        AtomicInteger got = new AtomicInteger();
        Fork.joinAll(
                Fork.forks(
                        Fork.Kind.GOROUTINE,
                        8,
                        () -> {
                            for (int i = 0; i < 50; i++) {
                                try (Ticker ticker = new Ticker(Duration.ofNanos(100_000))) {
                                    ticker.c().recv();
                                    got.incrementAndGet();
                                    Fork waiting =
                                            Fork.fork(
                                                    Fork.Kind.GOROUTINE,
                                                    () -> {
                                                        try {
                                                            for (; ; ) {
                                                                ticker.c().recv();
                                                            }
                                                        } catch (InterruptedException e) {
                                                            // the end
                                                        }
                                                    });
                                    ticker.c().recv();
                                    ticker.stop();
                                    waiting.interrupt();
                                    waiting.join();
                                }
                            }
                        }));
        assertThat(got).hasValue(400);
        heap.comesTo(0);
    }

    /** Who looks just when a tick is due hands it to one receiver; the other waits for the next. */
    @Test
    void aLookBetweenTwoTicksDoesNotMakeAReceiverForgotten() throws Exception {
        assumeTrue(GoRuntime.mode().equals("custom"), "needs one P, so that the alarm comes late");
        int procs = GoRuntime.gomaxprocs(1);
        try (Ticker ticker = new Ticker(Duration.ofMillis(20))) {
            for (int round = 0; round < 20; round++) {
                ticker.c().tryRecv();
                List<Goroutine> receivers = new ArrayList<>();
                for (int i = 0; i < 2; i++) {
                    receivers.add(Go.go(() -> ticker.c().recv()));
                }
                for (Goroutine r : receivers) {
                    eventually(
                            () -> !r.isAlive() || LockSupport.getBlocker(r.thread()) == ticker.c());
                }
                Go.go(
                                () -> {
                                    // holds the only P until the tick has gone to one of them
                                    Channel<?> c = (Channel<?>) ticker.c();
                                    long before = c.passed();
                                    while (c.passed() == before && c.tryRecv() == null) {
                                        Thread.onSpinWait();
                                    }
                                })
                        .join();
                for (Goroutine r : receivers) {
                    assertThat(r.thread().join(Duration.ofSeconds(10))).isTrue();
                }
            }
        } finally {
            GoRuntime.gomaxprocs(procs);
        }
    }
}
