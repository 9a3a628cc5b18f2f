package dev.jenny;

import static dev.jenny.Go.go;
import static dev.jenny.Select.after;
import static dev.jenny.Select.onDefault;
import static dev.jenny.Select.onRecv;
import static dev.jenny.Select.onSend;
import static dev.jenny.Select.onTimeout;
import static dev.jenny.Select.otherwise;
import static dev.jenny.Select.recv;
import static dev.jenny.Select.select;
import static dev.jenny.Select.send;
import static dev.jenny.support.Blocked.blocked;
import static dev.jenny.support.Fork.fork;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jenny.Select.Case;
import dev.jenny.support.Fork;
import dev.jenny.support.Fork.Kind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Which case a select takes, what it returns, and what it refuses. */
@Timeout(60)
class SelectTest {
    private static final Duration LONG = Duration.ofHours(1);

    @ParameterizedTest
    @EnumSource(Kind.class)
    void withoutCasesItBlocksUntilInterrupted(Kind kind) throws Exception {
        Fork f =
                fork(
                        kind,
                        () ->
                                assertThatThrownBy(() -> select())
                                        .isInstanceOf(InterruptedException.class));
        blocked(f.thread());
        assertThat(f.hasEnded()).isFalse();
        f.interrupt();
        f.join();
    }

    @Test
    void withNullChannelsOnlyItBlocksUntilInterrupted() throws Exception {
        Fork f =
                fork(
                        Kind.GOROUTINE,
                        () ->
                                assertThatThrownBy(() ->
                                                select(
                                                        recv(null, v -> 1),
                                                        send(null, "x", () -> 2)))
                                        .isInstanceOf(InterruptedException.class));
        blocked(f.thread());
        f.interrupt();
        f.join();
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void oneCaseIsAPlainOperation(Kind kind) throws Exception {
        Chan<String> ch = Chan.make();
        Fork sender = fork(kind, () -> assertThat(select(send(ch, "x", () -> 7))).isEqualTo(7));
        blocked(sender.thread());
        assertThat(Select.<String>select(recv(ch, v -> "got " + v))).isEqualTo("got x");
        sender.join();
    }

    @Test
    void theReadyCaseIsTaken() throws Exception {
        Chan<String> ready = Chan.make(1);
        Chan<String> empty = Chan.make();
        Chan<String> full = Chan.make(1);
        full.send("x");
        ready.send("value");
        String result =
                select(
                        recv(empty, v -> "empty"),
                        send(full, "y", () -> "full"),
                        recv(ready, v -> v),
                        after(LONG, () -> "timeout"));
        assertThat(result).isEqualTo("value");
        assertThat(full.len()).isEqualTo(1);
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void itWaitsForTheFirstToBecomeReady(Kind kind) throws Exception {
        List<Chan<Integer>> channels = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            channels.add(Chan.make());
        }
        for (int i = 0; i < 5; i++) {
            Chan<String> result = Chan.make(1);
            Fork f =
                    fork(
                            kind,
                            () ->
                                    result.send(
                                            select(
                                                    recv(channels.get(0), v -> "0:" + v),
                                                    recv(channels.get(1), v -> "1:" + v),
                                                    recv(channels.get(2), v -> "2:" + v),
                                                    send(channels.get(3), 33, () -> "3"),
                                                    send(channels.get(4), 44, () -> "4"))));
            blocked(f.thread());
            if (i < 3) {
                channels.get(i).send(10 + i);
                assertThat(result.recv()).isEqualTo(i + ":" + (10 + i));
            } else {
                assertThat(channels.get(i).recv()).isEqualTo(11 * i);
                assertThat(result.recv()).isEqualTo("" + i);
            }
            f.join();
            for (Chan<Integer> ch : channels) {
                assertThat(ch.trySend(0)).as("a waiter is left behind").isFalse();
                assertThat(ch.tryRecv()).as("a waiter is left behind").isNull();
            }
        }
    }

    @Test
    void aNullChannelDisablesItsCase() throws Exception {
        Chan<String> ch = Chan.make(1);
        for (int i = 0; i < 100; i++) {
            ch.send("x");
            String got =
                    select(
                            recv((RecvChan<String>) null, v -> "null recv"),
                            recv(ch, v -> v),
                            send((SendChan<String>) null, "y", () -> "null send"));
            assertThat(got).isEqualTo("x");
        }
    }

    @Test
    void otherwiseIsTakenIfNothingIsReady() throws Exception {
        Chan<String> ch = Chan.make();
        assertThat(select(recv(ch, v -> "recv"), otherwise(() -> "otherwise")))
                .isEqualTo("otherwise");
        assertThat(select(otherwise(() -> "alone"))).isEqualTo("alone");
        assertThat(select(recv((Chan<String>) null, v -> "null"), otherwise(() -> "otherwise")))
                .isEqualTo("otherwise");
        assertThat(
                        select(
                                recv(ch, v -> "recv"),
                                send(ch, "x", () -> "send"),
                                after(LONG, () -> "timeout"),
                                otherwise(() -> "otherwise")))
                .isEqualTo("otherwise");
    }

    @Test
    void otherwiseIsNotTakenIfACaseIsReady() throws Exception {
        Chan<String> ch = Chan.make(1);
        for (int i = 0; i < 1000; i++) {
            assertThat(select(otherwise(() -> "otherwise"), send(ch, "x", () -> "send")))
                    .isEqualTo("send");
            assertThat(select(recv(ch, v -> "recv"), otherwise(() -> "otherwise")))
                    .isEqualTo("recv");
        }
    }

    @Test
    void twoOtherwiseAreRefused() {
        assertThatThrownBy(() -> select(otherwise(() -> 1), otherwise(() -> 2)))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aClosedChannelIsReady() throws Exception {
        Chan<String> ch = Chan.make();
        Chan<String> other = Chan.make();
        ch.close();
        for (int i = 0; i < 100; i++) {
            assertThat(
                            Select.<String>select(
                                    recv(ch, v -> v == null ? "closed" : v), recv(other, v -> v)))
                    .isEqualTo("closed");
        }
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void closeWakesASelectThatReceives(Kind kind) throws Exception {
        Chan<String> ch = Chan.make();
        Chan<String> other = Chan.make();
        Fork f =
                fork(
                        kind,
                        () ->
                                assertThat(
                                                Select.<Boolean>select(
                                                        recv(ch, v -> v == null),
                                                        recv(other, v -> false)))
                                        .isTrue());
        blocked(f.thread());
        ch.close();
        f.join();
        assertThat(other.trySend("x")).isFalse();
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void closeWakesASelectThatSendsWithAnException(Kind kind) throws Exception {
        Chan<String> ch = Chan.make();
        Chan<String> other = Chan.make();
        Fork f =
                fork(
                        kind,
                        () ->
                                assertThatThrownBy(() ->
                                                select(send(ch, "x", () -> 1), recv(other, v -> 2)))
                                        .isInstanceOf(SendOnClosedChannelException.class)
                                        .hasMessage("send on closed channel"));
        blocked(f.thread());
        ch.close();
        f.join();
        assertThat(other.trySend("x")).isFalse();
    }

    @Test
    void aSendCaseOnAClosedChannelThrowsIfChosen() throws Exception {
        Chan<String> closed = Chan.make();
        closed.close();
        assertThatThrownBy(() -> select(send(closed, "x", () -> 1)))
                .isInstanceOf(SendOnClosedChannelException.class);
        assertThatThrownBy(() -> select(send(closed, "x", () -> 1), otherwise(() -> 2)))
                .isInstanceOf(SendOnClosedChannelException.class);
    }

    @Test
    void statementsAreTheSameWithoutAValue() throws Exception {
        Chan<String> ch = Chan.make(1);
        List<String> log = new ArrayList<>();
        select(onSend(ch, "x", () -> log.add("sent")), onDefault(() -> log.add("default")));
        select(onRecv(ch, v -> log.add("got " + v)), onDefault(() -> log.add("default")));
        select(onRecv(ch, v -> log.add("got " + v)), onDefault(() -> log.add("default")));
        select(onRecv(ch, v -> log.add("got " + v)), onTimeout(Duration.ZERO, () -> log.add("0")));
        assertThat(log).containsExactly("sent", "got x", "default", "0");
    }

    @Test
    void aCaseMayBeUsedAgain() throws Exception {
        Chan<Integer> ch = Chan.make(10);
        Case<String> sends = send(ch, 5, () -> "sent");
        Case<String> receives = recv(ch, v -> "got " + v);
        for (int i = 0; i < 10; i++) {
            assertThat(select(sends)).isEqualTo("sent");
        }
        for (int i = 0; i < 10; i++) {
            assertThat(select(receives)).isEqualTo("got 5");
        }
    }

    @Test
    void anActionMayReturnNullThrowAndSelectAgain() throws Exception {
        Chan<Integer> ch = Chan.make(1);
        ch.send(1);
        assertThat(Select.<Integer>select(recv(ch, v -> null))).isNull();
        ch.send(2);
        assertThatThrownBy(() ->
                        select(
                                onRecv(
                                        ch,
                                        v -> {
                                            throw new IllegalStateException("from action");
                                        })))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("from action");
        ch.send(3);
        String nested =
                select(
                        recv(
                                ch,
                                v -> {
                                    ch.send(4); // no lock is held here
                                    return v + select(recv(ch, w -> "," + w));
                                }));
        assertThat(nested).isEqualTo("3,4");
    }

    @Test
    void nullValuesAndActionsAreRefused() {
        Chan<String> ch = Chan.make(1);
        assertThatThrownBy(() -> send(ch, null, () -> 1)).isInstanceOf(NullPointerException.class);
        assertThatThrownBy(() -> recv(ch, null)).isInstanceOf(NullPointerException.class);
        assertThatThrownBy(() -> send(ch, "x", null)).isInstanceOf(NullPointerException.class);
        assertThatThrownBy(() -> after(null, () -> 1)).isInstanceOf(NullPointerException.class);
        assertThatThrownBy(() -> otherwise(null)).isInstanceOf(NullPointerException.class);
    }

    @Test
    void aChannelThatIsNotJennysIsRefused() {
        RecvChan<String> foreign =
                new RecvChan<>() {
                    @Override
                    public String recv() {
                        return "x";
                    }

                    @Override
                    public String tryRecv() {
                        return "x";
                    }

                    @Override
                    public boolean isDrained() {
                        return false;
                    }

                    @Override
                    public int len() {
                        return 0;
                    }

                    @Override
                    public int cap() {
                        return 0;
                    }

                    @Override
                    public Iterator<String> iterator() {
                        return List.<String>of().iterator();
                    }
                };
        assertThatThrownBy(() -> recv(foreign, v -> v))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void manyCases() throws Exception {
        int n = 1000;
        List<Chan<Integer>> channels = new ArrayList<>();
        List<Case<Integer>> cases = new ArrayList<>();
        for (int i = 0; i < n; i++) {
            int number = i;
            Chan<Integer> ch = Chan.make();
            channels.add(ch);
            cases.add(recv(ch, v -> v + number));
        }
        @SuppressWarnings({"unchecked", "rawtypes"})
        Case<Integer>[] array = cases.toArray(new Case[0]);
        for (int i : new int[] {0, 1, n / 2, n - 1}) {
            Goroutine g = go(() -> channels.get(i).send(1_000_000));
            assertThat(Select.<Integer>select(array)).isEqualTo(1_000_000 + i);
            g.join();
        }
    }

    @Test
    void twoSelectsMeet() throws Exception {
        Chan<Integer> a = Chan.make();
        Chan<Integer> b = Chan.make();
        int n = 10_000;
        Fork sender =
                fork(
                        Kind.GOROUTINE,
                        () -> {
                            for (int i = 0; i < n; i++) {
                                int value = i;
                                select(onSend(a, value, () -> {}), onSend(b, value, () -> {}));
                            }
                        });
        for (int i = 0; i < n; i++) {
            assertThat(Select.<Integer>select(recv(a, v -> v), recv(b, v -> v))).isEqualTo(i);
        }
        sender.join();
    }
}
