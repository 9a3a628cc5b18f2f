package dev.jenny;

import static dev.jenny.Go.go;
import static dev.jenny.support.Blocked.blocked;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who waits first is served first. */
@Timeout(60)
class ChanFifoTest {
    private static final int WAITERS = 20;

    @Test
    void receiversAreServedInTheOrderTheyCame() throws Exception {
        Chan<Integer> ch = Chan.make();
        int[] got = new int[WAITERS];
        List<Goroutine> receivers = new ArrayList<>();
        for (int i = 0; i < WAITERS; i++) {
            int number = i;
            Goroutine g = go(() -> got[number] = ch.recv());
            blocked(g);
            receivers.add(g);
        }
        for (int i = 0; i < WAITERS; i++) {
            ch.send(i);
        }
        for (int i = 0; i < WAITERS; i++) {
            receivers.get(i).join();
            assertThat(got[i]).isEqualTo(i);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 5})
    void sendersAreServedInTheOrderTheyCame(int cap) throws Exception {
        Chan<Integer> ch = Chan.make(cap);
        for (int i = 0; i < cap; i++) {
            ch.send(i);
        }
        List<Goroutine> senders = new ArrayList<>();
        for (int i = cap; i < cap + WAITERS; i++) {
            int value = i;
            Goroutine g = go(() -> ch.send(value));
            blocked(g);
            senders.add(g);
        }
        // A blocked sender's value comes behind all that is buffered.
        for (int i = 0; i < cap + WAITERS; i++) {
            assertThat(ch.recv()).isEqualTo(i);
        }
        for (Goroutine g : senders) {
            g.join();
        }
        assertThat(ch.len()).isZero();
    }

    @Test
    void aSenderThatTakesTheFreedRoomKeepsTheBufferFull() throws Exception {
        Chan<Integer> ch = Chan.make(2);
        ch.send(1);
        ch.send(2);
        Goroutine g = go(() -> ch.send(3));
        blocked(g);
        assertThat(ch.recv()).isEqualTo(1);
        assertThat(ch.len()).isEqualTo(2);
        g.join();
        assertThat(ch.recv()).isEqualTo(2);
        assertThat(ch.recv()).isEqualTo(3);
    }

    /** The time to take a waiter out must not grow with the number of waiters: chanlinear. */
    @Test
    void manyWaitersOnOneChannelAreServed() throws Exception {
        Chan<Integer> ch = Chan.make();
        Chan<Integer> ended = Chan.make();
        int n = 20_000;
        for (int i = 0; i < n; i++) {
            go(() -> {
                Select.select(
                        Select.onRecv(ch, v -> {}), Select.onRecv(Chan.<Integer>make(), v -> {}));
                ended.send(1);
            });
        }
        go(() -> {
            for (int i = 0; i < n; i++) {
                ch.send(i);
            }
        });
        for (int i = 0; i < n; i++) {
            ended.recv();
        }
    }
}
