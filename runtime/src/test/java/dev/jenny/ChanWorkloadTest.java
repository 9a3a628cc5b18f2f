package dev.jenny;

import static dev.jenny.Go.go;
import static dev.jenny.Select.onRecv;
import static dev.jenny.Select.onSend;
import static dev.jenny.Select.select;
import static org.assertj.core.api.Assertions.assertThat;

import dev.jenny.support.Fork;
import dev.jenny.support.Fork.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Many goroutines at work on channels: nothing is lost, doubled or stuck. */
@Timeout(120)
class ChanWorkloadTest {
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 10, 100})
    void fourProducersAndFourConsumers(int cap) throws Exception {
        int producers = 4;
        int each = 1000;
        Chan<Integer> ch = Chan.make(cap);
        AtomicIntegerArray seen = new AtomicIntegerArray(each);
        List<Fork> consumers =
                Fork.forks(
                        Kind.GOROUTINE,
                        4,
                        () -> {
                            int last = -1;
                            for (int v : ch) {
                                seen.incrementAndGet(v);
                                last = v;
                            }
                            assertThat(last).isLessThan(each);
                        });
        Fork.joinAll(
                Fork.forks(
                        Kind.GOROUTINE,
                        producers,
                        () -> {
                            for (int i = 0; i < each; i++) {
                                ch.send(i);
                            }
                        }));
        ch.close();
        Fork.joinAll(consumers);
        for (int i = 0; i < each; i++) {
            assertThat(seen.get(i)).isEqualTo(producers);
        }
    }

    /** Go's TestMultiConsumer: the sum of what went in comes out. */
    @Test
    void manyConsumersKeepTheSum() throws Exception {
        int workers = 23;
        int items = 271_828;
        int[] primes = {2, 3, 7, 11, 13, 17, 19, 23, 27, 31};
        Chan<Integer> in = Chan.make(workers / 2 + 1);
        Chan<Integer> out = Chan.make(workers + 1);
        List<Fork> pool =
                Fork.forks(
                        Kind.GOROUTINE,
                        workers,
                        () -> {
                            for (int v : in) {
                                if (primes[v % primes.length] == v) {
                                    Go.gosched(); // unequal speeds
                                }
                                out.send(v);
                            }
                        });
        AtomicLong expected = new AtomicLong();
        go(() -> {
            for (int i = 0; i < items; i++) {
                int v = primes[i % primes.length];
                expected.addAndGet(v);
                in.send(v);
            }
            in.close();
            Fork.joinAll(pool);
            out.close();
        });
        long sum = 0;
        int count = 0;
        for (int v : out) {
            sum += v;
            count++;
        }
        assertThat(count).isEqualTo(items);
        assertThat(sum).isEqualTo(expected.get());
    }

    @Test
    void primeSieve() throws Exception {
        Chan<Integer> numbers = Chan.make();
        go(() -> {
            for (int i = 2; ; i++) {
                numbers.send(i);
            }
        });
        List<Integer> primes = new ArrayList<>();
        RecvChan<Integer> in = numbers;
        for (int i = 0; i < 100; i++) {
            int prime = in.recv();
            primes.add(prime);
            RecvChan<Integer> from = in;
            Chan<Integer> to = Chan.make();
            go(() -> {
                for (int n : from) {
                    if (n % prime != 0) {
                        to.send(n);
                    }
                }
            });
            in = to;
        }
        assertThat(primes).startsWith(2, 3, 5, 7, 11, 13).endsWith(523, 541).hasSize(100);
    }

    /** Go's test/chan/goroutines: a value runs through a chain of 10,000. */
    @Test
    void tenThousandGoroutinesInAChain() throws Exception {
        Chan<Integer> right = Chan.make();
        Chan<Integer> leftmost = right;
        for (int i = 0; i < 10_000; i++) {
            Chan<Integer> from = Chan.make();
            Chan<Integer> to = leftmost;
            go(() -> to.send(from.recv() + 1));
            leftmost = from;
        }
        leftmost.send(0);
        assertThat(right.recv()).isEqualTo(10_000);
    }

    /** Go's TestSelectStress: four channels, plain operations and selects, as many in as out. */
    @Test
    void selectsAndPlainOperationsOnFourChannels() throws Exception {
        int n = 10_000;
        List<Chan<Integer>> c = List.of(Chan.make(), Chan.make(), Chan.make(2), Chan.make(3));
        List<Fork> forks = new ArrayList<>();
        for (Chan<Integer> ch : c) { // plain senders and receivers
            forks.add(
                    Fork.fork(
                            Kind.GOROUTINE,
                            () -> {
                                for (int i = 0; i < n; i++) {
                                    ch.send(0);
                                }
                            }));
            forks.add(
                    Fork.fork(
                            Kind.GOROUTINE,
                            () -> {
                                for (int i = 0; i < n; i++) {
                                    ch.recv();
                                }
                            }));
        }
        forks.add(
                Fork.fork(
                        Kind.GOROUTINE,
                        () -> {
                            int[] left = {n, n, n, n};
                            List<Chan<Integer>> open = new ArrayList<>(c);
                            for (int i = 0; i < 4 * n; i++) {
                                select(
                                        onSend(open.get(3), 0, () -> count(left, open, 3)),
                                        onSend(open.get(2), 0, () -> count(left, open, 2)),
                                        onSend(open.get(0), 0, () -> count(left, open, 0)),
                                        onSend(open.get(1), 0, () -> count(left, open, 1)));
                            }
                        }));
        forks.add(
                Fork.fork(
                        Kind.GOROUTINE,
                        () -> {
                            int[] left = {n, n, n, n};
                            List<Chan<Integer>> open = new ArrayList<>(c);
                            for (int i = 0; i < 4 * n; i++) {
                                select(
                                        onRecv(open.get(0), v -> count(left, open, 0)),
                                        onRecv(open.get(1), v -> count(left, open, 1)),
                                        onRecv(open.get(2), v -> count(left, open, 2)),
                                        onRecv(open.get(3), v -> count(left, open, 3)));
                            }
                        }));
        Fork.joinAll(forks);
        for (Chan<Integer> ch : c) {
            assertThat(ch.len()).isZero();
        }
    }

    private static void count(int[] left, List<Chan<Integer>> open, int i) {
        if (--left[i] == 0) {
            open.set(i, null); // a null channel is never ready
        }
    }

    /** Go's select2: selects on channels that are never ready leave nothing behind. */
    @Test
    void aHundredThousandSelectsLeaveNoWaiters() throws Exception {
        Chan<Integer> busy = Chan.make();
        Chan<Integer> quiet = Chan.make();
        int n = 100_000;
        go(() -> {
            for (int i = 0; i < n; i++) {
                busy.send(i);
            }
        });
        for (int i = 0; i < n; i++) {
            select(onRecv(busy, v -> {}), onRecv(quiet, v -> {}));
        }
        assertThat(quiet.trySend(1)).isFalse();
    }
}
