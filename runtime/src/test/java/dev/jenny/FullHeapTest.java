package dev.jenny;

import static dev.jenny.Go.go;
import static org.assertj.core.api.Assertions.assertThat;

import dev.jenny.support.JavaProcess;
import dev.jenny.support.JavaProcess.Result;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;

/** An application that gets over an OutOfMemoryError has a runtime that works. */
class FullHeapTest {
    @Test
    void goroutinesRunWaitAndTimeOutAfterIt() throws Exception {
        Result r = JavaProcess.of(Program.class).option("-Xmx32m").embedded().run();
        assertThat(r.exitCode()).as(r.toString()).isZero();
        assertThat(r.out()).contains("survived");
        assertThat(r.err()).doesNotContain("UncaughtExceptionHandler");
    }

    static final class Program {
        static volatile Object kept;

        record Node(Object next, long[] some) {}

        public static void main(String[] args) throws Exception {
            // The program has run for a while: what it does is loaded and linked.
            Chan<Integer> values = Chan.make(1);
            startSome(values, () -> true);
            values.close();
            works();
            values = Chan.make(1); // not used afterwards: who met the error may have left it locked
            AtomicInteger full = new AtomicInteger();
            Thread filler = Thread.ofPlatform().start(() -> fill(full));
            startSome(values, filler::isAlive);
            filler.join(); // or it has died of what it makes
            kept = null;
            works();
            System.out.println("survived");
        }

        private static void fill(AtomicInteger full) {
            while (full.get() < 5) {
                try {
                    kept = new Node(kept, new long[4]);
                } catch (OutOfMemoryError e) {
                    full.incrementAndGet();
                    Object k = kept;
                    if (k instanceof Node n) {
                        kept = n.next; // room for a few
                    }
                }
            }
        }

        /** Goroutines start, sleep, yield, and wait in a channel, until it is closed. */
        private static void startSome(Chan<Integer> values, BooleanSupplier more) {
            Chan<Integer> never = Chan.make();
            for (int i = 0; i < 10_000 && more.getAsBoolean(); i++) {
                int kind = ThreadLocalRandom.current().nextInt(4);
                try {
                    go(() -> {
                        try {
                            switch (kind) {
                                case 0 -> Go.sleep(Duration.ofMillis(1));
                                case 1 -> Go.gosched();
                                case 2 ->
                                        Select.select(
                                                Select.onRecv(values, v -> {}),
                                                Select.onRecv(never, v -> {}));
                                default -> values.send(kind);
                            }
                        } catch (OutOfMemoryError | SendOnClosedChannelException e) {
                            // it may meet one, as any code may
                        }
                    });
                } catch (OutOfMemoryError e) {
                    // not started
                }
            }
        }

        /** New goroutines run, wait, are woken, and time out, as ever. */
        private static void works() throws InterruptedException {
            int n = 1000;
            Chan<Integer> results = Chan.make();
            Chan<Integer> never = Chan.make();
            for (int i = 0; i < n; i++) {
                int value = i;
                go(() -> {
                    Go.sleep(Duration.ofMillis(1));
                    Select.select(
                            Select.onRecv(never, v -> {}),
                            Select.onTimeout(Duration.ofMillis(1), () -> results.send(value)));
                });
            }
            long sum = 0;
            for (int i = 0; i < n; i++) {
                sum += Objects.requireNonNull(results.recv());
            }
            if (sum != n * (n - 1L) / 2) {
                throw new AssertionError("sum " + sum);
            }
        }
    }
}
