package dev.jenny.verify;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jenny.Chan;
import dev.jenny.CloseOfClosedChannelException;
import dev.jenny.Select;
import dev.jenny.SendOnClosedChannelException;
import java.util.ArrayDeque;
import org.jetbrains.lincheck.LincheckAssertionError;
import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Options;
import org.jetbrains.lincheck.datastructures.Param;
import org.jetbrains.lincheck.datastructures.StressOptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Channels of capacity 0, 1 and 2 behave like a bounded queue that can be closed. Operations that
 * do not wait, by {@code trySend}, {@code tryRecv} and select; and operations that would wait but
 * are interrupted, which must leave no trace.
 */
@Tag("lincheck")
class ChannelLincheckTest {
    /** What channels are tested against. */
    public static class Spec {
        private final int capacity;
        private final ArrayDeque<Integer> queue = new ArrayDeque<>();
        private boolean closed;

        Spec(int capacity) {
            this.capacity = capacity;
        }

        public boolean trySend(int v) {
            if (closed) {
                throw new SendOnClosedChannelException();
            }
            return queue.size() < capacity && queue.add(v);
        }

        public Integer tryRecv() {
            return queue.poll();
        }

        public boolean selectSend(int v) {
            return trySend(v);
        }

        public Integer selectRecv() {
            return queue.isEmpty() && !closed ? Integer.valueOf(-1) : queue.poll();
        }

        public String interruptedSend(int v) {
            return "interrupted";
        }

        public String interruptedRecv() {
            return "interrupted";
        }

        public void close() {
            if (closed) {
                throw new CloseOfClosedChannelException();
            }
            closed = true;
        }

        public boolean isDrained() {
            return closed && queue.isEmpty();
        }

        public int len() {
            return queue.size();
        }
    }

    /** The specification of an unbuffered channel. */
    public static class Spec0 extends Spec {
        public Spec0() {
            super(0);
        }
    }

    /** The specification of a channel with one slot. */
    public static class Spec1 extends Spec {
        public Spec1() {
            super(1);
        }
    }

    /** The specification of a channel with two slots. */
    public static class Spec2 extends Spec {
        public Spec2() {
            super(2);
        }
    }

    /** The operations on the real channel. */
    @Param(name = "v", gen = IntGen.class, conf = "1:3")
    public static class Real {
        private final Chan<Integer> ch;

        Real(int capacity) {
            ch = Chan.make(capacity);
        }

        @Operation
        public boolean trySend(@Param(name = "v") int v) {
            return ch.trySend(v);
        }

        @Operation
        public Integer tryRecv() {
            return ch.tryRecv();
        }

        @Operation
        public boolean selectSend(@Param(name = "v") int v) throws InterruptedException {
            return Select.<Boolean>select(
                    Select.send(ch, v, () -> true), Select.otherwise(() -> false));
        }

        @Operation
        public Integer selectRecv() throws InterruptedException {
            return Select.<Integer>select(
                    Select.recv(ch, x -> x), Select.otherwise(() -> Integer.valueOf(-1)));
        }

        @Operation
        public String interruptedSend(@Param(name = "v") int v) {
            Thread.currentThread().interrupt();
            try {
                ch.send(v);
                return "sent";
            } catch (InterruptedException e) {
                return "interrupted";
            }
        }

        @Operation
        public String interruptedRecv() {
            Thread.currentThread().interrupt();
            try {
                return "got " + ch.recv();
            } catch (InterruptedException e) {
                return "interrupted";
            }
        }

        @Operation
        public void close() {
            ch.close();
        }

        @Operation
        public boolean isDrained() {
            return ch.isDrained();
        }

        @Operation
        public int len() {
            return ch.len();
        }
    }

    /** The unbuffered channel. */
    public static class Real0 extends Real {
        public Real0() {
            super(0);
        }
    }

    /** The channel with one slot. */
    public static class Real1 extends Real {
        public Real1() {
            super(1);
        }
    }

    /** The channel with two slots. */
    public static class Real2 extends Real {
        public Real2() {
            super(2);
        }
    }

    /** The falsifier: a one-slot channel without a lock. */
    @Param(name = "v", gen = IntGen.class, conf = "1:3")
    public static class Broken {
        private volatile Integer slot;

        @Operation
        public boolean trySend(@Param(name = "v") int v) {
            if (slot != null) {
                return false;
            }
            slot = v;
            return true;
        }

        @Operation
        public Integer tryRecv() {
            Integer v = slot;
            slot = null;
            return v;
        }
    }

    private static <O extends Options<O, ?>> O sized(O options) {
        return options.iterations(15).invocationsPerIteration(1_500).threads(3).actorsPerThread(3);
    }

    @Test
    void unbuffered() {
        sized(new StressOptions()).sequentialSpecification(Spec0.class).check(Real0.class);
    }

    @Test
    void oneSlot() {
        sized(new StressOptions()).sequentialSpecification(Spec1.class).check(Real1.class);
    }

    @Test
    void twoSlots() {
        sized(new StressOptions()).sequentialSpecification(Spec2.class).check(Real2.class);
    }

    @Test
    void theBrokenTwinFails() {
        assertThatThrownBy(() ->
                        new StressOptions()
                                .iterations(50)
                                .invocationsPerIteration(10_000)
                                .threads(2)
                                .actorsPerThread(3)
                                .sequentialSpecification(Spec1.class)
                                .check(Broken.class))
                .isInstanceOf(LincheckAssertionError.class);
    }
}
