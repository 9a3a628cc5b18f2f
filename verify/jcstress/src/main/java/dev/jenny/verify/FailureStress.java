package dev.jenny.verify;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import dev.jenny.Chan;
import dev.jenny.Select;
import dev.jenny.internal.chan.Channel;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/**
 * An operation that fails without a look under the lock. A channel of capacity 1 says that there is
 * something to do: the consumer takes the token, then looks; the producer has something, then puts
 * a token there if there is none. If the producer finds the old token, the consumer must find what
 * the producer has: else nobody ever comes for it.
 */
public final class FailureStress {
    private FailureStress() {}

    /** The token, and what there is to do. */
    abstract static class Work {
        final Channel<Integer> token = new Channel<>(1);
        volatile int item;

        Work() {
            token.trySend(0);
        }

        final int consume() {
            token.tryRecv();
            return item;
        }
    }

    /** With {@code trySend}. */
    @JCStressTest
    @Outcome(id = "0, 0", expect = FORBIDDEN, desc = "something to do, and no token")
    @Outcome(expect = ACCEPTABLE, desc = "seen, or a token put there")
    @State
    public static class TrySend extends Work {
        @Actor
        public void consumer(II_Result r) {
            r.r1 = consume();
        }

        @Actor
        public void producer(II_Result r) {
            item = 1;
            r.r2 = token.trySend(1) ? 1 : 0;
        }
    }

    /** With a select. */
    @JCStressTest
    @Outcome(id = "0, 0", expect = FORBIDDEN, desc = "something to do, and no token")
    @Outcome(expect = ACCEPTABLE, desc = "seen, or a token put there")
    @State
    public static class SelectSend extends Work {
        @Actor
        public void consumer(II_Result r) {
            r.r1 = consume();
        }

        @Actor
        public void producer(II_Result r) {
            item = 1;
            try {
                r.r2 =
                        Select.<Integer>select(
                                Select.send(token, 1, () -> 1), Select.otherwise(() -> 0));
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }
    }

    /** The other way round, with {@code tryRecv}: a send, then a look for who has gone. */
    @JCStressTest
    @Outcome(
            id = "0, 0",
            expect = FORBIDDEN,
            desc = "gone without the value, and not seen to have gone")
    @Outcome(expect = ACCEPTABLE, desc = "received, or seen to have gone")
    @State
    public static class TryRecv {
        final Chan<Integer> values = Chan.make(1);
        volatile int gone;

        @Actor
        public void sender(II_Result r) {
            values.trySend(1);
            r.r1 = gone;
        }

        @Actor
        public void receiver(II_Result r) {
            gone = 1;
            r.r2 = values.tryRecv() != null ? 1 : 0;
        }
    }

    /** The falsifier: a failure of which nobody asks whether the lock is held. */
    @JCStressTest
    @Outcome(id = "0, 0", expect = FORBIDDEN, desc = "something to do, and no token")
    @Outcome(expect = ACCEPTABLE, desc = "seen, or a token put there")
    @State
    public static class TrySendBroken extends Work {
        @Actor
        public void consumer(II_Result r) {
            r.r1 = consume();
        }

        @Actor
        public void producer(II_Result r) {
            item = 1;
            r.r2 = !token.sendWouldBlock() && token.trySend(1) ? 1 : 0;
        }
    }
}
