package dev.jenny;

import static dev.jenny.support.Fork.fork;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jenny.support.Fork;
import dev.jenny.support.Fork.Kind;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What close does, and what a closed channel does. */
@Timeout(60)
class ChanCloseTest {
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 10})
    void aClosedEmptyChannelGivesNullAtOnceAndForEver(int cap) throws Exception {
        Chan<String> ch = Chan.make(cap);
        ch.close();
        for (int i = 0; i < 3; i++) {
            assertThat(ch.recv()).isNull();
            assertThat(ch.tryRecv()).isNull();
        }
        assertThat(ch.isDrained()).isTrue();
    }

    @Test
    void whatIsBufferedIsReceivedFirst() throws Exception {
        Chan<Integer> ch = Chan.make(3);
        ch.send(1);
        ch.send(2);
        ch.close();
        assertThat(ch.isDrained()).isFalse();
        assertThat(ch.recv()).isEqualTo(1);
        assertThat(ch.isDrained()).isFalse();
        assertThat(ch.tryRecv()).isEqualTo(2);
        assertThat(ch.isDrained()).isTrue();
        assertThat(ch.recv()).isNull();
    }

    @Test
    void anOpenChannelIsNotDrained() {
        assertThat(Chan.make().isDrained()).isFalse();
        assertThat(Chan.make(1).isDrained()).isFalse();
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void blockedReceiversWakeWithNull(Kind kind) throws Exception {
        Chan<String> ch = Chan.make();
        List<Fork> receivers = Fork.forks(kind, 5, () -> assertThat(ch.recv()).isNull());
        for (Fork r : receivers) {
            r.blockedOn(ch);
        }
        ch.close();
        Fork.joinAll(receivers);
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void blockedSendersWakeWithAnException(Kind kind) throws Exception {
        Chan<String> ch = Chan.make(1);
        ch.send("buffered");
        List<Fork> senders =
                Fork.forks(
                        kind,
                        5,
                        () ->
                                assertThatThrownBy(() -> ch.send("x"))
                                        .isInstanceOf(SendOnClosedChannelException.class)
                                        .hasMessage("send on closed channel"));
        for (Fork s : senders) {
            s.blockedOn(ch);
        }
        ch.close();
        Fork.joinAll(senders);
        // None of their values got in.
        assertThat(ch.recv()).isEqualTo("buffered");
        assertThat(ch.recv()).isNull();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void sendOnAClosedChannelThrows(int cap) {
        Chan<String> ch = Chan.make(cap);
        ch.close();
        assertThatThrownBy(() -> ch.send("x"))
                .isInstanceOf(SendOnClosedChannelException.class)
                .hasMessage("send on closed channel");
        assertThatThrownBy(() -> ch.trySend("x"))
                .isInstanceOf(SendOnClosedChannelException.class)
                .hasMessage("send on closed channel");
    }

    @Test
    void aFullClosedChannelThrowsAsWell() throws Exception {
        Chan<String> ch = Chan.make(1);
        ch.send("x");
        ch.close();
        assertThatThrownBy(() -> ch.trySend("y")).isInstanceOf(SendOnClosedChannelException.class);
        assertThatThrownBy(() -> ch.send("y")).isInstanceOf(SendOnClosedChannelException.class);
        assertThat(ch.recv()).isEqualTo("x");
    }

    @Test
    void theSecondCloseThrows() {
        Chan<String> ch = Chan.make();
        ch.close();
        for (int i = 0; i < 2; i++) {
            assertThatThrownBy(ch::close)
                    .isInstanceOf(CloseOfClosedChannelException.class)
                    .hasMessage("close of closed channel");
        }
    }

    @Test
    void exactlyOneOfManyClosesSucceeds() throws Exception {
        for (int round = 0; round < 200; round++) {
            Chan<String> ch = Chan.make();
            Chan<Boolean> closed = Chan.make(4);
            Fork.joinAll(
                    Fork.forks(
                            Kind.GOROUTINE,
                            4,
                            () -> {
                                try {
                                    ch.close();
                                    closed.send(true);
                                } catch (CloseOfClosedChannelException e) {
                                    // as it should be for three of them
                                }
                            }));
            assertThat(closed.len()).isEqualTo(1);
        }
    }

    private int plain;

    @Test
    void closeHappensBeforeTheReceiveThatReturnsNull() throws Exception {
        for (int i = 1; i <= 1000; i++) {
            Chan<String> ch = Chan.make();
            int expected = i;
            Fork receiver =
                    fork(
                            Kind.GOROUTINE,
                            () -> {
                                assertThat(ch.recv()).isNull();
                                assertThat(plain).isEqualTo(expected);
                            });
            plain = i;
            ch.close();
            receiver.join();
        }
    }

    @Test
    void theExceptionsAreUnchecked() {
        assertThat(new SendOnClosedChannelException()).isInstanceOf(RuntimeException.class);
        assertThat(new CloseOfClosedChannelException()).isInstanceOf(RuntimeException.class);
    }
}
