package dev.jenny;

import static dev.jenny.Go.go;
import static dev.jenny.support.Blocked.blocked;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** len, cap, and what make refuses. */
@Timeout(60)
class ChanLenCapTest {
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 100})
    void lenCountsWhatIsBuffered(int cap) throws Exception {
        Chan<Integer> ch = Chan.make(cap);
        assertThat(ch.cap()).isEqualTo(cap);
        for (int i = 0; i < cap; i++) {
            assertThat(ch.len()).isEqualTo(i);
            ch.send(i);
        }
        assertThat(ch.len()).isEqualTo(cap);
        ch.close();
        for (int i = cap; i > 0; i--) {
            assertThat(ch.len()).isEqualTo(i);
            ch.recv();
        }
        assertThat(ch.len()).isZero();
        assertThat(ch.cap()).isEqualTo(cap);
    }

    @Test
    void lenDoesNotCountWaiters() throws Exception {
        Chan<Integer> ch = Chan.make();
        Goroutine g = go(() -> ch.send(1));
        blocked(g);
        assertThat(ch.len()).isZero();
        ch.recv();
        g.join();
    }

    @Test
    void makeWithoutACapacityIsUnbuffered() {
        assertThat(Chan.make().cap()).isZero();
    }

    @Test
    void aNegativeCapacityIsRefused() {
        assertThatThrownBy(() -> Chan.make(-1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("makechan: size out of range");
    }

    @Test
    void bothSidesOfAChannelAreTheChannel() throws Exception {
        Chan<Integer> ch = Chan.make(1);
        SendChan<Integer> in = ch;
        RecvChan<Integer> out = ch;
        in.send(1);
        assertThat(out.len()).isEqualTo(1);
        assertThat(out.recv()).isEqualTo(1);
        in.close();
        assertThat(out.isDrained()).isTrue();
    }
}
