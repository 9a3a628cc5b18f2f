package dev.jenny;

import static dev.jenny.Select.recv;
import static dev.jenny.Select.select;
import static dev.jenny.Select.send;
import static dev.jenny.support.Blocked.blocked;
import static dev.jenny.support.Fork.fork;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jenny.support.Fork;
import dev.jenny.support.Fork.Kind;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** An interrupted select has touched no channel. */
@Timeout(60)
class SelectInterruptTest {
    @ParameterizedTest
    @EnumSource(Kind.class)
    void noWaiterIsLeftBehind(Kind kind) throws Exception {
        Chan<String> a = Chan.make();
        Chan<String> b = Chan.make();
        Fork f =
                fork(
                        kind,
                        () -> {
                            assertThatThrownBy(() ->
                                            select(
                                                    recv(a, v -> 1),
                                                    send(b, "x", () -> 2),
                                                    recv(a, v -> 3)))
                                    .isInstanceOf(InterruptedException.class);
                            assertThat(Thread.currentThread().isInterrupted()).isFalse();
                        });
        blocked(f.thread());
        f.interrupt();
        f.join();
        assertThat(a.trySend("x")).isFalse();
        assertThat(b.tryRecv()).isNull();
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void aThreadThatIsInterruptedAlreadyDoesNothing(Kind kind) throws Exception {
        Chan<String> ready = Chan.make(1);
        ready.send("x");
        fork(
                        kind,
                        () -> {
                            Thread.currentThread().interrupt();
                            assertThatThrownBy(() -> select(recv(ready, v -> v)))
                                    .isInstanceOf(InterruptedException.class);
                        })
                .join();
        assertThat(ready.len()).isEqualTo(1);
    }

    /** An interrupt against a send: exactly one of them wins, and both sides agree on which. */
    @ParameterizedTest
    @EnumSource(Kind.class)
    void anInterruptRacesASend(Kind kind) throws Exception {
        for (int i = 0; i < 500; i++) {
            Chan<Integer> a = Chan.make();
            Chan<Integer> b = Chan.make();
            Integer[] got = new Integer[1];
            boolean[] threw = new boolean[1];
            Fork receiver =
                    fork(
                            kind,
                            () -> {
                                try {
                                    got[0] = select(recv(a, v -> v), recv(b, v -> v));
                                } catch (InterruptedException e) {
                                    threw[0] = true;
                                }
                            });
            blocked(receiver.thread());
            boolean[] sent = new boolean[1];
            Fork sender = fork(Kind.GOROUTINE, () -> sent[0] = b.trySend(7));
            receiver.interrupt();
            sender.join();
            receiver.join();
            assertThat(threw[0]).isNotEqualTo(sent[0]);
            assertThat(got[0]).isEqualTo(sent[0] ? Integer.valueOf(7) : null);
        }
    }
}
