package dev.jenny.internal.event;

import static dev.jenny.Go.go;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jenny.Chan;
import dev.jenny.GoRuntime;
import dev.jenny.Goroutine;
import dev.jenny.Select;
import dev.jenny.SendOnClosedChannelException;
import dev.jenny.internal.chan.Channel;
import dev.jenny.time.Ticker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ChannelOpsTest {
    private static final Map<Integer, String> NAMES =
            Map.of(Event.CHAN_SEND, "send", Event.CHAN_RECV, "recv", Event.CHAN_CLOSE, "close");

    private interface Work {
        void run() throws Exception;
    }

    @BeforeEach
    void customMode() {
        Assumptions.assumeTrue(GoRuntime.mode().equals("custom"));
    }

    /** What a goroutine does on channels while it is recorded: operation, length, passed, cap. */
    private static List<String> ops(Chan<?> ch, Work work) throws Exception {
        try (Recorder recorder = Recorder.start(1 << 20);
                ChannelOps wish = ChannelOps.record(1)) {
            Goroutine g = go(work::run);
            g.join();
            return ops(ch, recorder);
        }
    }

    private static List<String> ops(Chan<?> ch, Recorder recorder) {
        List<String> ops = new ArrayList<>();
        for (Batch b : recorder.snapshot()) {
            for (int i = 0; i < b.size(); i++) {
                String name = NAMES.get(b.type(i));
                if (name != null && b.id(i) == ((Channel<?>) ch).order()) {
                    assertThat(b.type(i + 1)).isEqualTo(Event.MORE);
                    ops.add(name + " " + b.aux(i) + " " + b.id(i + 1) + " " + b.aux(i + 1));
                }
            }
        }
        return ops;
    }

    @Test
    void operationsThatNeedNotWait() throws Exception {
        Chan<Integer> ch = Chan.make(2);
        assertThat(
                        ops(
                                ch,
                                () -> {
                                    ch.send(1);
                                    ch.trySend(2);
                                    ch.trySend(3); // is full
                                    ch.recv();
                                    ch.tryRecv();
                                    ch.tryRecv(); // is empty
                                    ch.close();
                                    ch.recv(); // nothing
                                }))
                .containsExactly(
                        "send 1 0 2", "send 2 0 2", "recv 1 1 2", "recv 0 2 2", "close 0 2 2");
    }

    /** Each side is recorded once, by the goroutine whose operation it is. */
    @Test
    void operationsThatWait() throws Exception {
        Chan<Integer> ch = Chan.make();
        Chan<Integer> never = Chan.make();
        assertThat(
                        ops(
                                ch,
                                () -> {
                                    Goroutine receiver =
                                            go(() -> {
                                                ch.recv();
                                                Select.select(
                                                        Select.recv(ch, v -> v),
                                                        Select.recv(never, v -> v));
                                                ch.recv(); // nothing: it is closed
                                            });
                                    ch.send(1);
                                    ch.send(2);
                                    ch.close();
                                    receiver.join();
                                    assertThatThrownBy(() -> ch.send(3))
                                            .isInstanceOf(SendOnClosedChannelException.class);
                                }))
                .containsExactlyInAnyOrder(
                        "send 0 1 0", "recv 0 1 0", "send 0 2 0", "recv 0 2 0", "close 0 2 0");
    }

    @Test
    void timersAreNotAmongThem() throws Exception {
        try (Recorder recorder = Recorder.start(1 << 20);
                ChannelOps wish = ChannelOps.record(1)) {
            go(
                            () -> {
                                try (Ticker ticker = new Ticker(Duration.ofNanos(1))) {
                                    ticker.c().recv();
                                }
                            })
                    .join();
            assertThat(recorder.snapshot())
                    .allSatisfy(b -> {
                        for (int i = 0; i < b.size(); i++) {
                            assertThat(NAMES).doesNotContainKey(b.type(i));
                        }
                    });
        }
    }

    @Test
    void onlyWhileSomebodyAsksAndRecords() throws Exception {
        assertThat(Events.channels()).isZero();
        ChannelOps few = ChannelOps.record(100);
        assertThat(Events.channels()).as("nobody records").isZero();
        Chan<Integer> ch = Chan.make(1);
        try (Recorder recorder = Recorder.start(1 << 20)) {
            assertThat(Events.channels()).isEqualTo(100);
            try (ChannelOps all = ChannelOps.record(1)) {
                assertThat(Events.channels()).isEqualTo(1);
            }
            assertThat(Events.channels()).isEqualTo(100);
            few.close();
            assertThat(Events.channels()).isZero();
            go(() -> ch.send(1)).join();
            assertThat(ops(ch, recorder)).isEmpty();
        }
        assertThatThrownBy(() -> ChannelOps.record(0)).isInstanceOf(IllegalArgumentException.class);
    }

    /** Sends and receives come in turns: both must be seen, and as many as asked for. */
    @Test
    void oneInAFew() throws Exception {
        int n = 10_000;
        Chan<Integer> ch = Chan.make(1);
        try (Recorder recorder = Recorder.start(4 << 20);
                ChannelOps wish = ChannelOps.record(10)) {
            go(
                            () -> {
                                for (int i = 0; i < n; i++) {
                                    ch.send(i);
                                    ch.recv();
                                }
                            })
                    .join();
            List<String> ops = ops(ch, recorder);
            assertThat(ops.size()).isBetween(n / 10, 3 * n / 10); // 2,000 expected
            assertThat(ops).anyMatch(s -> s.startsWith("send")).anyMatch(s -> s.startsWith("recv"));
        }
    }

    @Test
    void whoAskedForLessBeforeDoesNotDelay() {
        Ring ring = new Ring(0, 0, 16);
        ring.isTurn(ChannelOps.MAX);
        ring.isTurn(ChannelOps.MAX);
        assertThat(ring.isTurn(1)).isTrue();
        assertThat(ring.isTurn(1)).isTrue();
    }
}
