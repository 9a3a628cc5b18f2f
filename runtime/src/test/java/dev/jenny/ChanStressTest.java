package dev.jenny;

import static dev.jenny.Select.after;
import static dev.jenny.Select.otherwise;
import static dev.jenny.Select.recv;
import static dev.jenny.Select.select;
import static dev.jenny.Select.send;
import static org.assertj.core.api.Assertions.assertThat;

import dev.jenny.support.Fork;
import dev.jenny.support.Fork.Kind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Goroutines and platform threads send, receive and select on a few channels in every way there is,
 * while they are interrupted at random: each value that was sent is received exactly once.
 */
@Tag("stress")
@Timeout(300)
class ChanStressTest {
    private static final int EACH = Integer.getInteger("jenny.stress.values", 20_000);

    private final List<Chan<Integer>> channels = new ArrayList<>();
    private final AtomicBoolean over = new AtomicBoolean();
    private final AtomicLong interrupts = new AtomicLong();

    @ParameterizedTest
    @CsvSource({
        // senders and receivers that are goroutines, and that are platform threads
        "8, 0, 0",
        "8, 0, 1",
        "8, 0, 3",
        "4, 4, 0",
        "4, 4, 2",
        "0, 4, 0",
        "40, 2, 1"
    })
    void nothingIsLostOrDoubled(int goroutines, int platform, int cap) throws Exception {
        for (int i = 0; i < 3; i++) {
            channels.add(Chan.make(cap));
        }
        int senders = goroutines + platform;
        int values = EACH / senders * senders;
        AtomicIntegerArray received = new AtomicIntegerArray(values);
        List<Fork> sending = new ArrayList<>();
        List<Fork> receiving = new ArrayList<>();
        for (int i = 0; i < senders; i++) {
            Kind kind = i < goroutines ? Kind.GOROUTINE : Kind.PLATFORM;
            int first = i;
            sending.add(
                    Fork.fork(
                            kind,
                            () -> {
                                for (int v = first; v < values; v += senders) {
                                    sendSomehow(v);
                                }
                            }));
            receiving.add(Fork.fork(kind, () -> receiveAll(received)));
        }
        List<Fork> all = new ArrayList<>(sending);
        all.addAll(receiving);
        Fork interrupter =
                Fork.fork(
                        Kind.PLATFORM,
                        () -> {
                            while (!over.get()) {
                                int i = ThreadLocalRandom.current().nextInt(all.size());
                                all.get(i).interrupt();
                                Thread.sleep(0, 100_000);
                            }
                        });
        await(sending);
        for (Chan<Integer> ch : channels) {
            ch.close();
        }
        await(receiving);
        over.set(true);
        interrupter.join();
        for (int v = 0; v < values; v++) {
            assertThat(received.get(v)).as("value %s", v).isEqualTo(1);
        }
        for (Chan<Integer> ch : channels) {
            assertThat(ch.isDrained()).isTrue();
        }
        assertThat(interrupts.get()).as("interrupts that hit an operation").isPositive();
    }

    private static void await(List<Fork> forks) throws InterruptedException {
        for (Fork f : forks) {
            f.thread().join(Duration.ofMinutes(2));
            f.join();
        }
    }

    private Chan<Integer> anyChannel() {
        return channels.get(ThreadLocalRandom.current().nextInt(channels.size()));
    }

    /**
     * Sends {@code v} once; an operation that is interrupted has not happened, and is tried again.
     */
    private void sendSomehow(int v) {
        boolean sent = false;
        while (!sent) {
            Chan<Integer> a = anyChannel();
            Chan<Integer> b = anyChannel();
            try {
                sent =
                        switch (ThreadLocalRandom.current().nextInt(5)) {
                            case 0 -> {
                                a.send(v);
                                yield true;
                            }
                            case 1 -> a.trySend(v);
                            case 2 -> select(send(a, v, () -> true), send(b, v, () -> true));
                            case 3 ->
                                    select(
                                            send(a, v, () -> true),
                                            send(b, v, () -> true),
                                            otherwise(() -> false));
                            default ->
                                    select(
                                            send(a, v, () -> true),
                                            after(Duration.ofNanos(20_000), () -> false));
                        };
            } catch (InterruptedException e) {
                interrupts.incrementAndGet();
            }
            if (!sent) {
                Go.gosched();
            }
        }
    }

    private void receiveAll(AtomicIntegerArray received) {
        while (!channels.stream().allMatch(Chan::isDrained)) {
            Chan<Integer> a = anyChannel();
            Chan<Integer> b = anyChannel();
            Integer v = null;
            try {
                v =
                        switch (ThreadLocalRandom.current().nextInt(5)) {
                            case 0 -> a.recv();
                            case 1 -> a.tryRecv();
                            case 2 ->
                                    Select.<Integer>select(
                                            recv(a, x -> x), recv(b, x -> x), recv(a, x -> x));
                            case 3 ->
                                    Select.<Integer>select(
                                            recv(a, x -> x),
                                            recv(b, x -> x),
                                            otherwise(() -> null));
                            default ->
                                    Select.<Integer>select(
                                            recv(a, x -> x),
                                            recv(b, x -> x),
                                            after(Duration.ofNanos(20_000), () -> null));
                        };
            } catch (InterruptedException e) {
                interrupts.incrementAndGet();
            }
            if (v == null) {
                Go.gosched();
            } else {
                received.incrementAndGet(v);
            }
        }
    }
}
