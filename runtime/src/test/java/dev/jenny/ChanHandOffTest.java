package dev.jenny;

import static dev.jenny.Go.go;
import static dev.jenny.support.Blocked.blocked;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jenny.support.Fork;
import dev.jenny.support.Fork.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Sends and receives that wait for each other, or for room in the buffer. */
@Timeout(60)
class ChanHandOffTest {
    @ParameterizedTest
    @EnumSource(Kind.class)
    void aSendWaitsForAReceiver(Kind kind) throws Exception {
        Chan<String> ch = Chan.make();
        Fork sender = Fork.fork(kind, () -> ch.send("x"));
        sender.blockedOn(ch);
        assertThat(sender.hasEnded()).isFalse();
        assertThat(ch.recv()).isEqualTo("x");
        sender.join();
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void aReceiveWaitsForASender(Kind kind) throws Exception {
        Chan<String> ch = Chan.make();
        List<String> got = new ArrayList<>();
        Fork receiver = Fork.fork(kind, () -> got.add(ch.recv()));
        receiver.blockedOn(ch);
        ch.send("x");
        receiver.join();
        assertThat(got).containsExactly("x");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 7, 199})
    void aBufferTakesItsCapacityWithoutAReceiver(int cap) throws Exception {
        Chan<Integer> ch = Chan.make(cap);
        for (int i = 0; i < cap; i++) {
            ch.send(i);
        }
        Goroutine g = go(() -> ch.send(cap));
        blocked(g);
        assertThat(ch.len()).isEqualTo(cap);
        for (int i = 0; i <= cap; i++) {
            assertThat(ch.recv()).isEqualTo(i);
        }
        g.join();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3})
    void aReceiverThatWaitsGetsTheValuePastTheBuffer(int cap) throws Exception {
        Chan<Integer> ch = Chan.make(cap);
        Fork receiver = Fork.fork(Kind.GOROUTINE, () -> assertThat(ch.recv()).isEqualTo(1));
        receiver.blockedOn(ch);
        ch.send(1);
        assertThat(ch.len()).isZero(); // handed over, not buffered
        receiver.join();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 10, 199})
    void valuesArriveInOrder(int cap) throws Exception {
        Chan<Integer> ch = Chan.make(cap);
        int n = 2000;
        go(() -> {
            for (int i = 0; i < n; i++) {
                ch.send(i);
            }
        });
        for (int i = 0; i < n; i++) {
            assertThat(ch.recv()).isEqualTo(i);
        }
    }

    @Test
    void aValueComesToOneReceiverOnly() throws Exception {
        Chan<Integer> ch = Chan.make();
        AtomicInteger received = new AtomicInteger();
        List<Fork> receivers =
                Fork.forks(
                        Kind.GOROUTINE,
                        5,
                        () -> {
                            if (ch.recv() != null) {
                                received.incrementAndGet();
                            }
                        });
        for (Fork r : receivers) {
            r.blockedOn(ch);
        }
        ch.send(1);
        ch.send(2);
        ch.close();
        Fork.joinAll(receivers);
        assertThat(received).hasValue(2);
    }

    /** A plain field: only the channel orders the accesses. */
    private int plain;

    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void aSendHappensBeforeItsReceive(int cap) throws Exception {
        Chan<Boolean> there = Chan.make(cap);
        Chan<Boolean> back = Chan.make(cap);
        int rounds = 10_000;
        Goroutine g =
                go(() -> {
                    for (int i = 0; i < rounds; i++) {
                        there.recv();
                        plain++;
                        back.send(true);
                    }
                });
        for (int i = 0; i < rounds; i++) {
            plain++;
            there.send(true);
            back.recv();
        }
        g.join();
        assertThat(plain).isEqualTo(2 * rounds);
    }

    @Test
    void aReceiveHappensBeforeTheSendThatTakesItsRoom() throws Exception {
        Chan<Boolean> permits =
                Chan.make(1); // a mutex: the k-th receive comes before the next send
        int workers = 4;
        int rounds = 2_000;
        List<Fork> forks =
                Fork.forks(
                        Kind.GOROUTINE,
                        workers,
                        () -> {
                            for (int i = 0; i < rounds; i++) {
                                permits.send(true);
                                plain++;
                                permits.recv();
                            }
                        });
        Fork.joinAll(forks);
        assertThat(plain).isEqualTo(workers * rounds);
    }

    @Test
    void nullIsRefused() {
        Chan<String> ch = Chan.make(1);
        assertThatThrownBy(() -> ch.send(null)).isInstanceOf(NullPointerException.class);
        assertThatThrownBy(() -> ch.trySend(null)).isInstanceOf(NullPointerException.class);
        assertThat(ch.len()).isZero();
    }
}
