package dev.jenny.verify;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jenny.sync.Semaphore;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.jetbrains.lincheck.LincheckAssertionError;
import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Options;
import org.jetbrains.lincheck.datastructures.Param;
import org.jetbrains.lincheck.datastructures.StressOptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * The weighted semaphore, in two ways. With single permits and operations that do not wait for
 * ever, as a counter. With weights and blocking operations, as a bound that is never exceeded and
 * at which nobody waits for ever, which Lincheck reports as a hang.
 *
 * <p>Weights are no part of the first: the object that a specification sees has no queue, and a
 * small request fails while a big one is queued.
 */
@Tag("lincheck")
class SemaphoreLincheckTest {
    private static final int SIZE = 2;

    /** What single permits are tested against. */
    public static class Spec {
        private int held;

        public boolean tryAcquire() {
            if (held == SIZE) {
                return false;
            }
            held++;
            return true;
        }

        public boolean timedTryAcquire() {
            return tryAcquire();
        }

        public String interruptedAcquire() {
            return "interrupted";
        }

        public void release() {
            if (held == 0) {
                throw new IllegalStateException();
            }
            held--;
        }
    }

    /** Single permits of the real semaphore. */
    public static class Real {
        private final Semaphore s = new Semaphore(SIZE);

        @Operation
        public boolean tryAcquire() {
            return s.tryAcquire();
        }

        @Operation
        public boolean timedTryAcquire() throws InterruptedException {
            return s.tryAcquire(1, Duration.ofNanos(20_000));
        }

        @Operation
        public String interruptedAcquire() {
            Thread.currentThread().interrupt();
            try {
                s.acquire();
                return "acquired";
            } catch (InterruptedException e) {
                return "interrupted";
            }
        }

        @Operation
        public void release() {
            s.release();
        }
    }

    /** What weighted use is tested against: every operation ends, and well. */
    public static class WeightedSpec {
        public boolean acquire(int n) {
            return true;
        }

        public boolean timedTryAcquire(int n) {
            return true;
        }
    }

    /** Weighted use of the real semaphore. */
    @Param(name = "n", gen = IntGen.class, conf = "1:3")
    public static class Weighted {
        private static final int SIZE = 3;
        private final Semaphore s = new Semaphore(SIZE);
        private final AtomicLong held = new AtomicLong();

        private boolean use(int n) {
            boolean inBounds = held.addAndGet(n) <= SIZE;
            held.addAndGet(-n);
            s.release(n);
            return inBounds;
        }

        @Operation
        public boolean acquire(@Param(name = "n") int n) throws InterruptedException {
            s.acquire(n);
            return use(n);
        }

        @Operation
        public boolean timedTryAcquire(@Param(name = "n") int n) throws InterruptedException {
            while (!s.tryAcquire(n, Duration.ofNanos(2_000))) {
                Thread.onSpinWait();
            }
            return use(n);
        }
    }

    /** The falsifier: it loses a permit when two are given back at the same time. */
    public static class Broken {
        private final AtomicLong held = new AtomicLong();

        @Operation
        public boolean tryAcquire() {
            long h = held.get();
            return h < SIZE && held.compareAndSet(h, h + 1) || held.get() < SIZE && tryAcquire();
        }

        @Operation
        public void release() {
            long h = held.get();
            if (h == 0) {
                throw new IllegalStateException();
            }
            for (int i = 0; i < 50; i++) {
                Thread.onSpinWait(); // wide enough for a test that takes seconds
            }
            held.set(h - 1);
        }
    }

    private static <O extends Options<O, ?>> O sized(O options) {
        return options.iterations(15).invocationsPerIteration(2_000).threads(3).actorsPerThread(3);
    }

    @Test
    void singlePermitsAreLinearizable() {
        sized(new StressOptions()).sequentialSpecification(Spec.class).check(Real.class);
    }

    @Test
    void weightedUseStaysInBoundsAndNobodyWaitsForEver() {
        sized(new StressOptions())
                .sequentialSpecification(WeightedSpec.class)
                .check(Weighted.class);
    }

    @Test
    void theBrokenTwinFails() {
        assertThatThrownBy(() ->
                        new StressOptions()
                                .iterations(100)
                                .invocationsPerIteration(1_000)
                                .threads(3)
                                .actorsPerThread(4)
                                .minimizeFailedScenario(false)
                                .sequentialSpecification(Spec.class)
                                .check(Broken.class))
                .isInstanceOf(LincheckAssertionError.class);
    }
}
