package dev.jenny;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jenny.internal.chan.Channel;
import dev.jenny.support.Blocked;
import dev.jenny.time.Timer;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Each way through a channel is counted once. */
class ChanPassedTest {
    @Test
    void valuesFromTheBufferAndFromWaitingSenders() throws Exception {
        Channel<Integer> ch = new Channel<>(1);
        ch.send(1);
        assertThat(ch.passed()).isZero();
        Goroutine sender = Go.go(() -> ch.send(2));
        Blocked.blocked(sender);
        assertThat(ch.recv()).isEqualTo(1);
        assertThat(ch.passed()).isEqualTo(1);
        assertThat(ch.tryRecv()).isEqualTo(2);
        assertThat(ch.tryRecv()).isNull();
        assertThat(ch.passed()).isEqualTo(2);
        sender.join();
    }

    @Test
    void valuesHandedToAReceiverAndTakenFromASender() throws Exception {
        Channel<Integer> ch = new Channel<>(0);
        Goroutine receiver = Go.go(ch::recv);
        Blocked.blocked(receiver);
        assertThat(ch.trySend(1)).isTrue();
        receiver.join();
        assertThat(ch.passed()).isEqualTo(1);
        Goroutine sender = Go.go(() -> ch.send(2));
        Blocked.blocked(sender);
        assertThat(ch.recv()).isEqualTo(2);
        sender.join();
        assertThat(ch.passed()).isEqualTo(2);
        ch.close();
        assertThat(ch.recv()).isNull();
        assertThat(ch.passed()).isEqualTo(2);
    }

    @Test
    void valuesThroughASelect() throws Exception {
        Channel<Integer> ch = new Channel<>(0);
        Goroutine receiver = Go.go(() -> Select.select(Select.onRecv(ch, v -> {})));
        Blocked.blocked(receiver);
        ch.send(1);
        receiver.join();
        assertThat(ch.passed()).isEqualTo(1);
    }

    @Test
    void aTickThatNobodyGotIsNotCounted() throws Exception {
        Timer timer = new Timer(Duration.ofNanos(1));
        Channel<?> ch = (Channel<?>) timer.c();
        assertThat(timer.c().recv()).isNotNull();
        assertThat(ch.passed()).isEqualTo(1);
        timer.reset(Duration.ofNanos(1));
        while (ch.recvWouldBlock()) {
            ch.beforeRecv(); // delivers what is due
        }
        timer.stop();
        assertThat(ch.tryRecv()).isNull();
        assertThat(ch.passed()).isEqualTo(1);
    }
}
