package dev.jenny.time;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jenny.Chan;
import dev.jenny.Go;
import dev.jenny.Select;
import dev.jenny.internal.chan.TimerChannel;
import dev.jenny.support.Fork;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Stop and reset of a timer with a channel: what they return, and that nothing stale comes after.
 */
@Timeout(60)
class TimerStopResetTest {
    private static final Duration LONG = Duration.ofHours(1);

    @Test
    void stopOfARunningTimer() {
        Timer timer = new Timer(LONG);
        assertThat(timer.stop()).isTrue();
        assertThat(timer.stop()).as("stopped already").isFalse();
    }

    @Test
    void stopAfterTheTimeButBeforeTheReceive() {
        Timer timer = new Timer(Duration.ZERO);
        assertThat(timer.stop()).isTrue();
        assertThat(timer.c().tryRecv()).as("stale value").isNull();
        assertThat(timer.stop()).isFalse();
    }

    @Test
    void stopAfterASelectThatAnotherCaseWon() throws Exception {
        Timer timer = new Timer(LONG);
        Chan<String> other = Chan.make();
        Fork fork =
                Fork.fork(
                        Fork.Kind.GOROUTINE,
                        () ->
                                Select.select(
                                        Select.recv(timer.c(), v -> "timer"),
                                        Select.recv(other, v -> "other")));
        fork.parked();
        other.close();
        fork.join();
        assertThat(timer.stop()).isTrue();
        assertThat(timer.c().tryRecv()).isNull();
    }

    /** The state between the firing and the receive, which otherwise takes a race to get into. */
    @Test
    void stopAndResetWithTheValueInTheChannel() {
        TimerChannel c = TimerChannel.timer(0);
        c.beforeRecv();
        assertThat(c.recvWouldBlock()).as("value in the buffer").isFalse();
        assertThat(c.stop()).isTrue();
        assertThat(c.tryRecv()).isNull();
        assertThat(c.stop()).isFalse();

        c.resetTimer(0);
        c.beforeRecv();
        assertThat(c.resetTimer(LONG.toNanos())).isTrue();
        assertThat(c.tryRecv()).isNull();
        assertThat(c.stop()).isTrue();
    }

    @Test
    void stopAfterTheReceive() throws Exception {
        Timer timer = new Timer(Duration.ZERO);
        timer.c().recv();
        assertThat(timer.stop()).isFalse();
    }

    @Test
    void stopLeavesABlockedReceiverBlocked() throws Exception {
        Timer timer = new Timer(LONG);
        Fork receiver = Fork.fork(Fork.Kind.GOROUTINE, () -> timer.c().recv());
        receiver.blockedOn(timer.c());
        assertThat(timer.stop()).isTrue();
        assertThat(receiver.hasEnded()).isFalse();
        assertThat(timer.reset(Duration.ofMillis(1))).isFalse();
        receiver.join();
    }

    @Test
    void resetReturnsWhatStopWould() throws Exception {
        Timer timer = new Timer(LONG);
        assertThat(timer.reset(LONG)).as("running").isTrue();
        timer.stop();
        assertThat(timer.reset(Duration.ZERO)).as("stopped").isFalse();
        assertThat(timer.reset(Duration.ZERO)).as("due, not received").isTrue();
        timer.c().recv();
        assertThat(timer.reset(LONG)).as("received").isFalse();
    }

    @Test
    void resetDropsTheUnreadValue() throws Exception {
        Timer timer = new Timer(Duration.ZERO);
        Go.sleep(Duration.ofMillis(2));
        assertThat(timer.reset(LONG)).isTrue();
        assertThat(timer.c().tryRecv()).isNull();
    }

    @Test
    void resetMovesTheValueToTheNewTime() throws Exception {
        Timer timer = new Timer(Duration.ZERO);
        Instant before = Instant.now();
        timer.reset(Duration.ofMillis(30));
        assertThat(timer.c().recv()).isAfter(before.plusMillis(25));
        assertThat(timer.c().tryRecv()).isNull();
    }

    @ParameterizedTest
    @ValueSource(longs = {-1, 0, 1, 5_000_000})
    void resetToEarlierWakesABlockedReceiver(long nanos) throws Exception {
        Timer timer = new Timer(LONG);
        Fork receiver = Fork.fork(Fork.Kind.GOROUTINE, () -> timer.c().recv());
        receiver.blockedOn(timer.c());
        assertThat(timer.reset(Duration.ofNanos(nanos))).isTrue();
        receiver.join();
        assertThat(timer.stop()).isFalse();
    }

    @Test
    void resetToLaterHoldsABlockedReceiverBack() throws Exception {
        for (int i = 0; i < 50; i++) {
            Timer timer = new Timer(Duration.ofMillis(5));
            AtomicInteger got = new AtomicInteger();
            Fork receiver =
                    Fork.fork(
                            Fork.Kind.GOROUTINE,
                            () -> {
                                timer.c().recv();
                                got.incrementAndGet();
                            });
            if (timer.reset(LONG)) {
                receiver.blockedOn(timer.c());
                assertThat(got).hasValue(0);
                timer.reset(Duration.ZERO);
            }
            receiver.join();
        }
    }

    /** Whatever the interleaving: stop says true, or the receiver gets the value, never both. */
    @Test
    void stopAgainstFiringAgainstReceive() throws Exception {
        for (int i = 0; i < 2_000; i++) {
            Timer timer = new Timer(Duration.ofNanos(i % 50 * 1_000));
            AtomicInteger received = new AtomicInteger();
            Fork receiver =
                    Fork.fork(
                            Fork.Kind.GOROUTINE,
                            () -> {
                                try {
                                    timer.c().recv();
                                    received.incrementAndGet();
                                } catch (InterruptedException e) {
                                    // the value did not come
                                }
                            });
            for (int spin = i % 7 * 20; spin > 0; spin--) {
                Thread.onSpinWait();
            }
            boolean stopped = timer.stop();
            if (stopped) {
                receiver.interrupt();
            }
            receiver.join();
            assertThat(received.get()).isEqualTo(stopped ? 0 : 1);
        }
    }

    /** Reset moves the event; however often, exactly one value comes after the last one. */
    @Test
    void concurrentResetsLeaveOneValue() throws Exception {
        for (int round = 0; round < 100; round++) {
            Timer timer = new Timer(Duration.ofNanos(1_000));
            timer.stop();
            AtomicInteger fresh = new AtomicInteger(); // resets that found nothing to call off
            Fork.joinAll(
                    Fork.forks(
                            Fork.Kind.GOROUTINE,
                            8,
                            () -> {
                                for (int i = 0; i < 20; i++) {
                                    if (!timer.reset(Duration.ofNanos(i * 500L))) {
                                        fresh.incrementAndGet();
                                    }
                                    Go.gosched();
                                }
                            }));
            assertThat(fresh).as("nobody has received").hasValue(1);
            assertThat(timer.c().recv()).isNotNull();
            assertThat(timer.c().tryRecv()).isNull();
            assertThat(timer.stop()).isFalse();
        }
    }

    /** Values received + calls that called one off = times that the timer was set. */
    @Test
    void everySettingEndsExactlyOnce() throws Exception {
        Heap heap = new Heap();
        Timer timer = new Timer(LONG);
        AtomicInteger set = new AtomicInteger(1);
        AtomicInteger ended = new AtomicInteger();
        Chan<String> quit = Chan.make();
        var receivers =
                Fork.forks(
                        Fork.Kind.GOROUTINE,
                        4,
                        () -> {
                            while (Select.select(
                                    Select.recv(timer.c(), v -> true),
                                    Select.recv(quit, v -> false))) {
                                ended.incrementAndGet();
                            }
                        });
        Fork.joinAll(
                Fork.forks(
                        Fork.Kind.GOROUTINE,
                        8,
                        () -> {
                            for (int i = 0; i < 500; i++) {
                                if (i % 3 == 0) {
                                    if (timer.stop()) {
                                        ended.incrementAndGet();
                                    }
                                } else {
                                    set.incrementAndGet();
                                    if (timer.reset(Duration.ofNanos(i % 5 * 10_000))) {
                                        ended.incrementAndGet();
                                    }
                                }
                                if (i % 16 == 0) {
                                    Go.gosched();
                                }
                            }
                        }));
        if (timer.stop()) {
            ended.incrementAndGet();
        }
        quit.close();
        Fork.joinAll(receivers);
        assertThat(ended.get()).isEqualTo(set.get());
        heap.comesTo(0);
    }
}
