package dev.jenny.verify;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jenny.internal.sched.RunQueue;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.jetbrains.lincheck.LincheckAssertionError;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.StressOptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The local run queue: one owner, two thieves, every element taken once and in order. */
@Tag("lincheck")
class RunQueueLincheckTest {
    /** What the queue is tested against. */
    public static class Spec {
        private final ArrayDeque<Integer> ring = new ArrayDeque<>();
        private Integer next;
        private int serial;

        public Integer setNext() {
            Integer old = next;
            next = ++serial;
            return old;
        }

        public void put() {
            ring.add(++serial);
        }

        public Integer poll() {
            return ring.poll();
        }

        public Integer takeNext() {
            Integer n = next;
            next = null;
            return n;
        }

        public List<Integer> stealA() {
            return steal();
        }

        public List<Integer> stealB() {
            return steal();
        }

        private List<Integer> steal() {
            List<Integer> stolen = new ArrayList<>();
            int n = ring.size() - ring.size() / 2;
            for (int i = 0; i < n; i++) {
                stolen.add(ring.poll());
            }
            return stolen;
        }
    }

    /** The operations on the real queue. */
    public static class Real {
        private final RunQueue<Integer> queue = new RunQueue<>();
        private final RunQueue<Integer> ringA = new RunQueue<>();
        private final RunQueue<Integer> ringB = new RunQueue<>();
        private int serial;

        @Operation(nonParallelGroup = "owner")
        public Integer setNext() {
            return queue.setNext(++serial);
        }

        @Operation(nonParallelGroup = "owner")
        public void put() {
            queue.put(++serial);
        }

        @Operation(nonParallelGroup = "owner")
        public Integer poll() {
            return queue.poll();
        }

        @Operation
        public Integer takeNext() {
            return queue.takeNext();
        }

        @Operation(nonParallelGroup = "thiefA")
        public List<Integer> stealA() {
            return steal(ringA);
        }

        @Operation(nonParallelGroup = "thiefB")
        public List<Integer> stealB() {
            return steal(ringB);
        }

        private List<Integer> steal(RunQueue<Integer> own) {
            Integer last = own.stealFrom(queue);
            List<Integer> stolen = new ArrayList<>();
            for (Integer i; (i = own.poll()) != null; ) {
                stolen.add(i);
            }
            if (last != null) {
                stolen.add(last);
            }
            return stolen;
        }
    }

    /** The falsifier: takes the next slot by a look and a store. */
    public static class Broken {
        private volatile Integer next;
        private int serial;

        @Operation(nonParallelGroup = "owner")
        public Integer setNext() {
            Integer old = next;
            next = ++serial;
            return old;
        }

        @Operation
        public Integer takeNext() {
            Integer n = next;
            next = null;
            return n;
        }
    }

    @Test
    void linearizableUnderStress() {
        new StressOptions()
                .iterations(10)
                .invocationsPerIteration(2_000)
                .threads(3)
                .actorsPerThread(3)
                .sequentialSpecification(Spec.class)
                .check(Real.class);
    }

    @Test
    void linearizableInEverySchedule() {
        new ModelCheckingOptions()
                .iterations(10)
                .invocationsPerIteration(1_000)
                .threads(3)
                .actorsPerThread(3)
                .sequentialSpecification(Spec.class)
                .check(Real.class);
    }

    @Test
    void theBrokenTwinFails() {
        assertThatThrownBy(() ->
                        new ModelCheckingOptions()
                                .iterations(30)
                                .invocationsPerIteration(1_000)
                                .threads(2)
                                .actorsPerThread(3)
                                .sequentialSpecification(Spec.class)
                                .check(Broken.class))
                .isInstanceOf(LincheckAssertionError.class);
    }
}
