package dev.jenny;

import static dev.jenny.Go.go;
import static dev.jenny.support.Blocked.blocked;
import static dev.jenny.support.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** trySend, tryRecv and select with otherwise, on channels in every state. */
@Timeout(60)
class ChanTryTest {
    /** What a channel answers to an operation that does not wait. */
    private enum Answer {
        DONE,
        NOT_NOW,
        CLOSED
    }

    static Stream<Arguments> table() {
        return Stream.of(
                // capacity, buffered, closed, send, receive
                Arguments.of(0, 0, false, Answer.NOT_NOW, Answer.NOT_NOW),
                Arguments.of(0, 0, true, Answer.CLOSED, Answer.CLOSED),
                Arguments.of(1, 0, false, Answer.DONE, Answer.NOT_NOW),
                Arguments.of(1, 1, false, Answer.NOT_NOW, Answer.DONE),
                Arguments.of(1, 0, true, Answer.CLOSED, Answer.CLOSED),
                Arguments.of(1, 1, true, Answer.CLOSED, Answer.DONE),
                Arguments.of(3, 0, false, Answer.DONE, Answer.NOT_NOW),
                Arguments.of(3, 1, false, Answer.DONE, Answer.DONE),
                Arguments.of(3, 3, false, Answer.NOT_NOW, Answer.DONE),
                Arguments.of(3, 2, true, Answer.CLOSED, Answer.DONE));
    }

    private static Chan<String> channel(int cap, int buffered, boolean closed) throws Exception {
        Chan<String> ch = Chan.make(cap);
        for (int i = 0; i < buffered; i++) {
            ch.send("v" + i);
        }
        if (closed) {
            ch.close();
        }
        return ch;
    }

    @ParameterizedTest
    @MethodSource("table")
    void trySend(int cap, int buffered, boolean closed, Answer send, Answer recv) throws Exception {
        Chan<String> ch = channel(cap, buffered, closed);
        switch (send) {
            case DONE -> assertThat(ch.trySend("new")).isTrue();
            case NOT_NOW -> assertThat(ch.trySend("new")).isFalse();
            case CLOSED ->
                    assertThatThrownBy(() -> ch.trySend("new"))
                            .isInstanceOf(SendOnClosedChannelException.class);
        }
        assertThat(ch.len()).isEqualTo(buffered + (send == Answer.DONE ? 1 : 0));
    }

    @ParameterizedTest
    @MethodSource("table")
    void tryRecv(int cap, int buffered, boolean closed, Answer send, Answer recv) throws Exception {
        Chan<String> ch = channel(cap, buffered, closed);
        if (recv == Answer.DONE) {
            assertThat(ch.tryRecv()).isEqualTo("v0");
        } else {
            assertThat(ch.tryRecv()).isNull();
            assertThat(ch.isDrained()).isEqualTo(recv == Answer.CLOSED);
        }
        assertThat(ch.len()).isEqualTo(buffered - (recv == Answer.DONE ? 1 : 0));
    }

    @ParameterizedTest
    @MethodSource("table")
    void selectSend(int cap, int buffered, boolean closed, Answer send, Answer recv)
            throws Exception {
        Chan<String> ch = channel(cap, buffered, closed);
        Answer answer;
        try {
            answer =
                    Select.select(
                            Select.send(ch, "new", () -> Answer.DONE),
                            Select.otherwise(() -> Answer.NOT_NOW));
        } catch (SendOnClosedChannelException e) {
            answer = Answer.CLOSED;
        }
        assertThat(answer).isEqualTo(send);
    }

    @ParameterizedTest
    @MethodSource("table")
    void selectRecv(int cap, int buffered, boolean closed, Answer send, Answer recv)
            throws Exception {
        Chan<String> ch = channel(cap, buffered, closed);
        Answer answer =
                Select.select(
                        Select.recv(ch, v -> v == null ? Answer.CLOSED : Answer.DONE),
                        Select.otherwise(() -> Answer.NOT_NOW));
        assertThat(answer).isEqualTo(recv);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void trySendServesAReceiverThatWaits(int cap) throws Exception {
        Chan<String> ch = Chan.make(cap);
        Chan<String> got = Chan.make(1);
        Goroutine g = go(() -> got.send(ch.recv()));
        blocked(g);
        assertThat(ch.trySend("x")).isTrue();
        assertThat(got.recv()).isEqualTo("x");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void tryRecvServesASenderThatWaits(int cap) throws Exception {
        Chan<String> ch = Chan.make(cap);
        if (cap > 0) {
            ch.send("x");
        }
        Goroutine g = go(() -> ch.send(cap > 0 ? "y" : "x"));
        blocked(g);
        assertThat(ch.tryRecv()).isEqualTo("x");
        g.join();
    }

    /** A closed channel with a value in it never looks empty to a receive that does not wait. */
    @Test
    void aClosedChannelThatHoldsAValueNeverLooksEmpty() throws Exception {
        for (int i = 0; i < 20_000; i++) {
            Chan<Integer> ch = Chan.make(1);
            ch.send(1);
            Goroutine closer = go(ch::close);
            assertThat(
                            Select.<Boolean>select(
                                    Select.recv(ch, v -> v != null), Select.otherwise(() -> false)))
                    .isTrue();
            closer.join();
        }
    }

    @Test
    void operationsThatDoNotWaitIgnoreAnInterrupt() throws Exception {
        AtomicBoolean ok = new AtomicBoolean();
        go(() -> {
            Chan<Integer> ch = Chan.make(1);
            Thread.currentThread().interrupt();
            boolean sent = ch.trySend(1);
            Integer got = ch.tryRecv();
            String none =
                    Select.select(Select.recv(ch, v -> "value"), Select.otherwise(() -> "none"));
            ok.set(
                    sent
                            && got == 1
                            && none.equals("none")
                            && Thread.currentThread().isInterrupted());
        });
        eventually(ok::get);
    }
}
