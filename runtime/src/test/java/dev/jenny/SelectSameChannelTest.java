package dev.jenny;

import static dev.jenny.Go.go;
import static dev.jenny.Select.onRecv;
import static dev.jenny.Select.onSend;
import static dev.jenny.Select.otherwise;
import static dev.jenny.Select.recv;
import static dev.jenny.Select.select;
import static dev.jenny.Select.send;
import static dev.jenny.support.Blocked.blocked;
import static org.assertj.core.api.Assertions.assertThat;

import dev.jenny.support.Fork;
import dev.jenny.support.Fork.Kind;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The same channel in several cases of one select. */
@Timeout(60)
class SelectSameChannelTest {
    @Test
    void aValueGoesToOneOfTheCases() throws Exception {
        Chan<Integer> ch = Chan.make();
        Chan<Integer> other = Chan.make();
        Chan<Integer> results = Chan.make(1);
        for (int i = 0; i < 200; i++) {
            Goroutine g =
                    go(() ->
                            results.send(
                                    Select.<Integer>select(
                                            recv(ch, v -> v),
                                            recv(other, v -> -1),
                                            recv(ch, v -> v),
                                            recv(ch, v -> v))));
            if (i % 2 == 0) {
                blocked(g);
            }
            ch.send(i);
            assertThat(results.recv()).isEqualTo(i);
            g.join();
            assertThat(ch.trySend(0)).as("a waiter is left behind").isFalse();
        }
    }

    /** Go's TestSelectDuplicateChannel: the queue must stay sane for those who wait behind. */
    @Test
    void thoseWhoWaitBehindAreServed() throws Exception {
        Chan<Integer> c = Chan.make();
        Chan<Integer> d = Chan.make();
        Chan<Integer> e = Chan.make();
        Chan<String> done = Chan.make(2);
        Goroutine twice =
                go(() -> {
                    select(onRecv(c, v -> {}), onRecv(c, v -> {}), onRecv(d, v -> {}));
                    done.send("select");
                });
        blocked(twice);
        Goroutine behind =
                go(() -> {
                    c.recv();
                    done.send("behind");
                });
        blocked(behind);
        d.send(7); // wakes the select by its third case: its two others leave the queue of c
        assertThat(done.recv()).isEqualTo("select");
        c.send(8);
        assertThat(done.recv()).isEqualTo("behind");
        assertThat(e.len()).isZero();
    }

    @Test
    void aSelectDoesNotReceiveItsOwnSend() throws Exception {
        Chan<Integer> ch = Chan.make();
        String answer =
                select(
                        send(ch, 1, () -> "sent"),
                        recv(ch, v -> "received"),
                        otherwise(() -> "neither"));
        assertThat(answer).isEqualTo("neither");
    }

    /** Go's TestSelfSelect: two goroutines that each send and receive on one channel. */
    @ParameterizedTest
    @ValueSource(ints = {0, 10})
    void aSelectThatSendsAndReceivesMeetsAnother(int cap) throws Exception {
        Chan<Integer> ch = Chan.make(cap);
        int rounds = 2000;
        List<Fork> forks = new ArrayList<>();
        for (int p = 0; p < 2; p++) {
            int self = p;
            forks.add(
                    Fork.fork(
                            Kind.GOROUTINE,
                            () -> {
                                for (int i = 0; i < rounds; i++) {
                                    if (self == 0 || i % 2 == 0) {
                                        select(
                                                onSend(ch, self, () -> {}),
                                                onRecv(ch, v -> check(cap, self, v)));
                                    } else {
                                        select(
                                                onRecv(ch, v -> check(cap, self, v)),
                                                onSend(ch, self, () -> {}));
                                    }
                                }
                            }));
        }
        // One may have all its rounds behind it while the other still waits for a partner.
        while (forks.stream().anyMatch(f -> !f.hasEnded())) {
            if (forks.stream().filter(f -> !f.hasEnded()).count() == 1) {
                ch.tryRecv();
                ch.trySend(9);
            }
            Thread.yield();
        }
        Fork.joinAll(forks);
    }

    private static void check(int cap, int self, Integer value) {
        if (cap == 0 && value == self) {
            throw new AssertionError("goroutine " + self + " received its own send");
        }
    }
}
