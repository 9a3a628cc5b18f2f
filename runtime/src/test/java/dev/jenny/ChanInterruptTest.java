package dev.jenny;

import static dev.jenny.support.Fork.fork;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jenny.support.Fork;
import dev.jenny.support.Fork.Kind;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** An interrupt leaves the channel as if the operation had not been called. */
@Timeout(60)
class ChanInterruptTest {
    @ParameterizedTest
    @EnumSource(Kind.class)
    void anInterruptedSendIsTakenBack(Kind kind) throws Exception {
        Chan<String> ch = Chan.make();
        Fork sender =
                fork(
                        kind,
                        () -> {
                            assertThatThrownBy(() -> ch.send("x"))
                                    .isInstanceOf(InterruptedException.class);
                            assertThat(Thread.currentThread().isInterrupted()).isFalse();
                        });
        sender.blockedOn(ch);
        sender.interrupt();
        sender.join();
        assertThat(ch.tryRecv()).as("a sender is still queued").isNull();
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void anInterruptedReceiveTakesNothing(Kind kind) throws Exception {
        Chan<String> ch = Chan.make();
        Fork receiver =
                fork(
                        kind,
                        () ->
                                assertThatThrownBy(ch::recv)
                                        .isInstanceOf(InterruptedException.class));
        receiver.blockedOn(ch);
        receiver.interrupt();
        receiver.join();
        assertThat(ch.trySend("x")).as("a receiver is still queued").isFalse();
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void aThreadThatIsInterruptedAlreadyDoesNothing(Kind kind) throws Exception {
        Chan<String> ch = Chan.make(2);
        ch.send("a");
        fork(
                        kind,
                        () -> {
                            Thread.currentThread().interrupt();
                            assertThatThrownBy(() -> ch.send("b"))
                                    .isInstanceOf(InterruptedException.class);
                            assertThat(Thread.currentThread().isInterrupted()).isFalse();
                            Thread.currentThread().interrupt();
                            assertThatThrownBy(ch::recv).isInstanceOf(InterruptedException.class);
                            assertThat(Thread.currentThread().isInterrupted()).isFalse();
                        })
                .join();
        assertThat(ch.len()).isEqualTo(1);
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void theOthersInTheQueueKeepTheirPlace(Kind kind) throws Exception {
        Chan<Integer> ch = Chan.make();
        Fork[] senders = new Fork[5];
        for (int i = 0; i < senders.length; i++) {
            int value = i;
            boolean stays = i % 2 == 0;
            senders[i] =
                    fork(
                            kind,
                            () -> {
                                if (stays) {
                                    ch.send(value);
                                } else {
                                    assertThatThrownBy(() -> ch.send(value))
                                            .isInstanceOf(InterruptedException.class);
                                }
                            });
            senders[i].blockedOn(ch);
        }
        senders[1].interrupt();
        senders[3].interrupt();
        senders[1].join();
        senders[3].join();
        assertThat(ch.recv()).isEqualTo(0);
        assertThat(ch.recv()).isEqualTo(2);
        assertThat(ch.recv()).isEqualTo(4);
        for (Fork f : senders) {
            f.join();
        }
    }

    /** An interrupt against a hand-off: exactly one of them wins, and both sides agree on which. */
    @ParameterizedTest
    @EnumSource(Kind.class)
    void anInterruptRacesASend(Kind kind) throws Exception {
        int interrupted = 0;
        for (int i = 0; i < 500; i++) {
            Chan<Integer> ch = Chan.make();
            Integer[] got = new Integer[1];
            boolean[] threw = new boolean[1];
            Fork receiver =
                    fork(
                            kind,
                            () -> {
                                try {
                                    got[0] = ch.recv();
                                } catch (InterruptedException e) {
                                    threw[0] = true;
                                }
                            });
            receiver.blockedOn(ch);
            boolean[] sent = new boolean[1];
            Fork sender = fork(Kind.GOROUTINE, () -> sent[0] = ch.trySend(7));
            receiver.interrupt();
            sender.join();
            receiver.join();
            assertThat(threw[0]).isNotEqualTo(sent[0]);
            assertThat(got[0]).isEqualTo(sent[0] ? Integer.valueOf(7) : null);
            interrupted += threw[0] ? 1 : 0;
        }
        assertThat(interrupted).isBetween(0, 500); // either is right; both sides agreed each time
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void anInterruptThatComesTooLateStaysPending(Kind kind) throws Exception {
        for (int i = 0; i < 500; i++) {
            Chan<Integer> ch = Chan.make();
            boolean[] pending = new boolean[1];
            boolean[] threw = new boolean[1];
            Fork sender =
                    fork(
                            kind,
                            () -> {
                                try {
                                    ch.send(1);
                                    pending[0] = true;
                                    // At the latest here: the interrupt must not get lost.
                                    assertThatThrownBy(() -> Chan.make().recv())
                                            .isInstanceOf(InterruptedException.class);
                                } catch (InterruptedException e) {
                                    threw[0] = true;
                                }
                            });
            sender.blockedOn(ch);
            Fork receiver = fork(Kind.GOROUTINE, ch::tryRecv);
            sender.interrupt();
            receiver.join();
            sender.join();
            assertThat(pending[0]).isNotEqualTo(threw[0]);
        }
    }
}
