package dev.jenny;

import static dev.jenny.Select.onRecv;
import static dev.jenny.Select.onSend;
import static dev.jenny.Select.select;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jenny.support.Fork;
import dev.jenny.support.Fork.Kind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Any thread may use the API: platform threads, and virtual threads that are not goroutines. */
@Timeout(60)
class PlatformThreadTest {
    @ParameterizedTest
    @CsvSource({
        "PLATFORM, GOROUTINE, 0", "GOROUTINE, PLATFORM, 0", "PLATFORM, PLATFORM, 0",
        "PLATFORM, GOROUTINE, 3", "GOROUTINE, PLATFORM, 3", "PLATFORM, PLATFORM, 3"
    })
    void oneKindSendsTheOtherReceives(Kind sender, Kind receiver, int cap) throws Exception {
        Chan<Integer> ch = Chan.make(cap);
        int n = 2000;
        AtomicLong sum = new AtomicLong();
        Fork r =
                Fork.fork(
                        receiver,
                        () -> {
                            for (int v : ch) {
                                sum.addAndGet(v);
                            }
                        });
        Fork s =
                Fork.fork(
                        sender,
                        () -> {
                            for (int i = 1; i <= n; i++) {
                                ch.send(i);
                            }
                            ch.close();
                        });
        s.join();
        r.join();
        assertThat(sum).hasValue(n * (n + 1L) / 2);
    }

    @Test
    void bothKindsWaitInOneQueueInOrder() throws Exception {
        Chan<Integer> ch = Chan.make();
        List<Fork> senders = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            int value = i;
            Kind kind = i % 2 == 0 ? Kind.PLATFORM : Kind.GOROUTINE;
            senders.add(Fork.fork(kind, () -> ch.send(value)).blockedOn(ch));
        }
        for (int i = 0; i < 10; i++) {
            assertThat(ch.recv()).isEqualTo(i);
        }
        Fork.joinAll(senders);
    }

    @Test
    void selectsOfBothKindsMeet() throws Exception {
        Chan<Integer> a = Chan.make();
        Chan<Integer> b = Chan.make();
        int n = 2000;
        AtomicLong sum = new AtomicLong();
        Fork platform =
                Fork.fork(
                        Kind.PLATFORM,
                        () -> {
                            for (int i = 0; i < n; i++) {
                                select(onSend(a, 1, () -> {}), onSend(b, 2, () -> {}));
                            }
                        });
        Fork goroutine =
                Fork.fork(
                        Kind.GOROUTINE,
                        () -> {
                            for (int i = 0; i < n; i++) {
                                select(
                                        onRecv(a, v -> sum.addAndGet(v)),
                                        onRecv(b, v -> sum.addAndGet(v)));
                            }
                        });
        platform.join();
        goroutine.join();
        assertThat(sum.get()).isBetween((long) n, 2L * n);
    }

    @Test
    void aVirtualThreadOfTheJdkIsNoGoroutineButMayTakePart() throws Exception {
        Chan<String> ch = Chan.make();
        Goroutine[] current = new Goroutine[1];
        Thread t =
                Thread.ofVirtual()
                        .start(() -> {
                            current[0] = Go.current();
                            try {
                                Go.sleep(Duration.ofMillis(1));
                                ch.send("from a virtual thread");
                            } catch (InterruptedException e) {
                                throw new AssertionError(e);
                            }
                        });
        assertThat(ch.recv()).isEqualTo("from a virtual thread");
        t.join();
        assertThat(current[0]).isNull();
    }

    @Test
    void outsideAGoroutine() throws Exception {
        assertThat(Go.current()).isNull();
        assertThatThrownBy(Go::goexit).isInstanceOf(IllegalStateException.class);
        Go.gosched(); // yields the thread
        long start = System.nanoTime();
        Go.sleep(Duration.ofMillis(5));
        assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(5_000_000);
    }
}
