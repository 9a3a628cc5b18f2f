package dev.jenny;

import static dev.jenny.Go.go;
import static dev.jenny.Select.after;
import static dev.jenny.Select.otherwise;
import static dev.jenny.Select.recv;
import static dev.jenny.Select.select;
import static dev.jenny.Select.send;
import static dev.jenny.support.Blocked.blocked;
import static dev.jenny.support.Fork.fork;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jenny.support.Fork;
import dev.jenny.support.Fork.Kind;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Select with a time limit. */
@Timeout(60)
class SelectTimeoutTest {
    private static final Duration SHORT = Duration.ofMillis(20);
    private static final Duration LONG = Duration.ofHours(1);

    @ParameterizedTest
    @EnumSource(Kind.class)
    void theTimeoutIsTakenWhenNothingElseBecomesReady(Kind kind) throws Exception {
        Chan<String> ch = Chan.make();
        fork(
                        kind,
                        () -> {
                            long start = System.nanoTime();
                            String got =
                                    select(
                                            recv(ch, v -> "recv"),
                                            send(ch, "x", () -> "send"),
                                            after(SHORT, () -> "timeout"));
                            assertThat(got).isEqualTo("timeout");
                            assertThat(System.nanoTime() - start)
                                    .isGreaterThanOrEqualTo(SHORT.toNanos());
                        })
                .join();
        assertThat(ch.trySend("x")).as("a receiver is left behind").isFalse();
        assertThat(ch.tryRecv()).as("a sender is left behind").isNull();
    }

    @Test
    void aTimeoutAloneIsASleep() throws Exception {
        assertThat(select(after(SHORT, () -> "over"))).isEqualTo("over");
    }

    @Test
    void theShortestOfSeveralCounts() throws Exception {
        assertThat(
                        select(
                                after(LONG, () -> "long"),
                                after(SHORT, () -> "short"),
                                after(Duration.ofHours(2), () -> "longer")))
                .isEqualTo("short");
    }

    @Test
    void aTimeoutThatIsNotPositiveIsReadyAtOnce() throws Exception {
        Chan<String> ch = Chan.make();
        for (Duration d : new Duration[] {Duration.ZERO, Duration.ofSeconds(-1)}) {
            assertThat(select(recv(ch, v -> "recv"), after(d, () -> "timeout")))
                    .isEqualTo("timeout");
            assertThat(select(otherwise(() -> "otherwise"), after(d, () -> "timeout")))
                    .isEqualTo("timeout");
        }
    }

    @Test
    void aHugeTimeoutNeverComes() throws Exception {
        Chan<String> ch = Chan.make();
        Duration forEver = Duration.ofSeconds(Long.MAX_VALUE, 999_999_999);
        Fork f =
                fork(
                        Kind.GOROUTINE,
                        () ->
                                assertThat(
                                                Select.<String>select(
                                                        recv(ch, v -> v),
                                                        after(forEver, () -> "timeout")))
                                        .isEqualTo("value"));
        blocked(f.thread());
        ch.send("value");
        f.join();
    }

    @Test
    void aValueThatComesInTimeIsTaken() throws Exception {
        Chan<String> ch = Chan.make();
        Goroutine g = go(() -> ch.send("x"));
        assertThat(Select.<String>select(recv(ch, v -> v), after(LONG, () -> "timeout")))
                .isEqualTo("x");
        g.join();
    }

    /** A timeout against a value: if the timeout wins, the value is still there. */
    @Test
    void noValueIsLostToATimeout() throws Exception {
        Chan<Integer> ch = Chan.make();
        int n = 2000;
        Goroutine sender =
                go(() -> {
                    for (int i = 0; i < n; i++) {
                        ch.send(i);
                        if (i % 3 == 0) {
                            Go.sleep(Duration.ofNanos(50_000));
                        }
                    }
                });
        int next = 0;
        while (next < n) {
            int expected = next;
            next +=
                    select(
                            recv(
                                    ch,
                                    v -> {
                                        assertThat(v).isEqualTo(expected);
                                        return 1;
                                    }),
                            after(Duration.ofNanos(50_000), () -> 0));
        }
        sender.join();
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void anInterruptEndsTheWait(Kind kind) throws Exception {
        Chan<String> ch = Chan.make();
        Fork f =
                fork(
                        kind,
                        () ->
                                assertThatThrownBy(() ->
                                                select(
                                                        recv(ch, v -> "recv"),
                                                        after(LONG, () -> "timeout")))
                                        .isInstanceOf(InterruptedException.class));
        blocked(f.thread());
        f.interrupt();
        f.join();
        assertThat(ch.trySend("x")).isFalse();
    }
}
