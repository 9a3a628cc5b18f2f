package dev.jenny.time;

import static dev.jenny.Select.after;
import static dev.jenny.Select.otherwise;
import static dev.jenny.Select.recv;
import static dev.jenny.Select.select;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.jenny.Chan;
import dev.jenny.Go;
import dev.jenny.RecvChan;
import dev.jenny.Select;
import dev.jenny.support.Fork;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a timer delivers, and when. */
@Timeout(60)
class TimerTest {
    private static final Duration LONG = Duration.ofHours(1);

    @ParameterizedTest
    @EnumSource
    void wakesABlockedReceiverNotBeforeItsTime(Fork.Kind kind) throws Exception {
        Duration d = Duration.ofMillis(20);
        Fork.fork(
                        kind,
                        () -> {
                            long start = System.nanoTime();
                            assertThat(new Timer(d).c().recv()).isNotNull();
                            assertThat(System.nanoTime() - start)
                                    .isGreaterThanOrEqualTo(d.toNanos());
                        })
                .join();
    }

    @ParameterizedTest
    @EnumSource
    void wakesABlockedSelect(Fork.Kind kind) throws Exception {
        Timer timer = new Timer(Duration.ofMillis(10));
        Chan<String> never = Chan.make();
        Fork.fork(
                        kind,
                        () ->
                                assertThat(
                                                Select.<String>select(
                                                        recv(never, v -> "other"),
                                                        recv(timer.c(), due -> "timer")))
                                        .isEqualTo("timer"))
                .join();
    }

    @Test
    void manyTimersAllFireNoneEarly() throws Exception {
        Random random = new Random(1);
        List<Fork> forks = new ArrayList<>();
        for (int i = 0; i < 500; i++) {
            long nanos = random.nextInt(50_000_000);
            forks.add(
                    Fork.fork(
                            Fork.Kind.GOROUTINE,
                            () -> {
                                long start = System.nanoTime();
                                new Timer(Duration.ofNanos(nanos)).c().recv();
                                assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(nanos);
                            }));
        }
        Fork.joinAll(forks);
    }

    @Test
    void theValueIsWhenItWasDueNotWhenItIsRead() throws Exception {
        Duration d = Duration.ofMillis(10);
        Instant start = Instant.now();
        Timer timer = new Timer(d);
        Go.sleep(Duration.ofMillis(200));
        Instant value = timer.c().recv();
        assertThat(value).isCloseTo(start.plus(d), within(100, ChronoUnit.MILLIS));
    }

    @Test
    void theValueIsWhenItWasDueForABlockedReceiverToo() throws Exception {
        Duration d = Duration.ofMillis(10);
        Instant before = Instant.now();
        Timer timer = new Timer(d);
        Instant value = timer.c().recv();
        assertThat(value).isBetween(before.plus(d).minusMillis(5), Instant.now());
    }

    @Test
    void hasOneValueOnly() throws Exception {
        Timer timer = new Timer(Duration.ZERO);
        assertThat(timer.c().recv()).isNotNull();
        assertThat(timer.c().tryRecv()).isNull();
        assertThat(timer.c().isDrained()).isFalse();
    }

    @Test
    void hasNothingBeforeItsTime() throws Exception {
        RecvChan<Instant> c = new Timer(LONG).c();
        assertThat(c.tryRecv()).isNull();
        assertThat(Select.<String>select(recv(c, v -> "value"), otherwise(() -> "none")))
                .isEqualTo("none");
        assertThat(
                        Select.<String>select(
                                recv(c, v -> "value"), after(Duration.ofMillis(1), () -> "none")))
                .isEqualTo("none");
    }

    @ParameterizedTest
    @ValueSource(longs = {0, -1, Long.MIN_VALUE})
    void atOnceIfNotPositive(long nanos) throws Exception {
        assertThat(new Timer(Duration.ofNanos(nanos)).c().tryRecv()).isNotNull();
        assertThat(new Timer(Duration.ofSeconds(Math.min(nanos, 0))).c().recv()).isNotNull();
        RecvChan<Instant> c = new Timer(Duration.ofNanos(nanos)).c();
        assertThat(Select.<String>select(recv(c, v -> "value"), otherwise(() -> "none")))
                .isEqualTo("value");
    }

    @Test
    void neverIfTooFarAway() throws Exception {
        for (Duration d :
                List.of(
                        Duration.ofNanos(Long.MAX_VALUE),
                        Duration.ofNanos(Long.MAX_VALUE - 1),
                        Duration.ofSeconds(Long.MAX_VALUE))) {
            Timer timer = new Timer(d);
            Fork receiver = Fork.fork(Fork.Kind.GOROUTINE, () -> timer.c().recv());
            receiver.blockedOn(timer.c());
            assertThat(timer.stop()).isTrue();
            assertThat(timer.reset(Duration.ZERO)).isFalse();
            receiver.join();
        }
    }

    @Test
    void looksUnbuffered() throws Exception {
        Timer timer = new Timer(Duration.ZERO);
        assertThat(timer.c().cap()).isZero();
        assertThat(timer.c().len()).isZero();
        assertThat(Select.<String>select(recv(timer.c(), v -> "value"), otherwise(() -> "none")))
                .isEqualTo("value");
        assertThat(timer.c().len()).isZero();
    }

    @Test
    void oneOfSeveralReceiversGetsTheValueTheFirst() throws Exception {
        Timer timer = new Timer(LONG);
        Chan<Integer> got = Chan.make(3);
        List<Fork> forks = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            int n = i;
            forks.add(
                    Fork.fork(
                            Fork.Kind.GOROUTINE,
                            () -> {
                                timer.c().recv();
                                got.send(n);
                            }));
            forks.get(i).blockedOn(timer.c());
        }
        for (int i = 0; i < 3; i++) {
            timer.reset(Duration.ofMillis(1));
            assertThat(got.recv()).isEqualTo(i);
        }
        Fork.joinAll(forks);
    }

    @Test
    void anInterruptedReceiverLeavesTheValueForTheNext() throws Exception {
        Timer timer = new Timer(LONG);
        Fork first =
                Fork.fork(
                        Fork.Kind.GOROUTINE,
                        () ->
                                assertThatThrownBy(() -> timer.c().recv())
                                        .isInstanceOf(InterruptedException.class));
        first.blockedOn(timer.c());
        first.interrupt();
        first.join();
        assertThat(timer.reset(Duration.ofMillis(1))).isTrue();
        assertThat(timer.c().recv()).isNotNull();
    }

    @Test
    void theSameTimerMayStandTwiceInASelect() throws Exception {
        Timer timer = new Timer(Duration.ofMillis(5));
        assertThat(Select.<String>select(recv(timer.c(), v -> "one"), recv(timer.c(), v -> "two")))
                .isIn("one", "two");
        assertThat(timer.c().tryRecv()).isNull();
    }

    @Test
    void manySelectsOnOneTimerOneWins() throws Exception {
        Timer timer = new Timer(LONG);
        Chan<String> stop = Chan.make();
        Chan<String> results = Chan.make(8);
        List<Fork> forks =
                Fork.forks(
                        Fork.Kind.GOROUTINE,
                        8,
                        () ->
                                results.send(
                                        select(
                                                recv(timer.c(), v -> "timer"),
                                                recv(stop, v -> "stop"))));
        forks.forEach(Fork::parked);
        timer.reset(Duration.ofMillis(1));
        assertThat(results.recv()).isEqualTo("timer");
        stop.close();
        Fork.joinAll(forks);
        for (int i = 0; i < 7; i++) {
            assertThat(results.recv()).isEqualTo("stop");
        }
    }

    @Test
    void nullIsRefused() {
        assertThatThrownBy(() -> new Timer(null)).isInstanceOf(NullPointerException.class);
        Timer timer = new Timer(LONG);
        assertThatThrownBy(() -> timer.reset(null)).isInstanceOf(NullPointerException.class);
        assertThat(timer.stop()).isTrue();
    }
}
