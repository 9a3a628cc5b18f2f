package dev.jenny.verify;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import dev.jenny.Chan;
import dev.jenny.Select;
import dev.jenny.internal.sched.SeqLock;
import java.lang.invoke.VarHandle;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.I_Result;

/**
 * A look at two things at one instant, without their locks. One token is in one of two places, or
 * in both while it is moved from the first to the second: a look that is not given up must find
 * one.
 */
public final class SeqLockStress {
    private static final int GIVEN_UP = -1;

    private SeqLockStress() {}

    /** A place, with how many tokens there are. */
    static final class Place extends SeqLock {
        int tokens;

        Place(int tokens) {
            this.tokens = tokens;
        }

        void add(int n) {
            lock();
            tokens += n;
            unlock();
        }
    }

    /** The places, and how the token is moved. */
    abstract static class Places {
        final Place first = new Place(1);
        final Place second = new Place(0);

        final void move() {
            second.add(1);
            first.add(-1);
        }
    }

    /** The protocol as it is. */
    @JCStressTest
    @Outcome(id = "0", expect = FORBIDDEN, desc = "no token at any place")
    @Outcome(expect = ACCEPTABLE, desc = "a token, or given up")
    @State
    public static class TokenSeen extends Places {
        @Actor
        public void mover() {
            move();
        }

        @Actor
        public void observer(I_Result r) {
            r.r1 = GIVEN_UP;
            long s2 = second.stamp();
            int n2 = second.tokens;
            long s1 = first.stamp();
            int n1 = first.tokens;
            VarHandle.acquireFence();
            if (!second.isHeld()
                    && second.stamp() == s2
                    && !first.isHeld()
                    && first.stamp() == s1) {
                r.r1 = n1 + n2;
            }
        }
    }

    /** The falsifier: nobody looks whether the things are still as they were. */
    @JCStressTest
    @Outcome(id = "0", expect = FORBIDDEN, desc = "no token at any place")
    @Outcome(expect = ACCEPTABLE, desc = "a token, or given up")
    @State
    public static class TokenSeenBroken extends Places {
        @Actor
        public void mover() {
            move();
        }

        @Actor
        public void observer(I_Result r) {
            int n2 = second.tokens;
            int n1 = first.tokens;
            r.r1 = n1 + n2;
        }
    }

    /**
     * The falsifier: whether a lock is held is looked at again, but not how often it was released.
     */
    @JCStressTest
    @Outcome(id = "0", expect = FORBIDDEN, desc = "no token at any place")
    @Outcome(expect = ACCEPTABLE, desc = "a token, or given up")
    @State
    public static class TokenSeenUncountedBroken extends Places {
        @Actor
        public void mover() {
            move();
        }

        @Actor
        public void observer(I_Result r) {
            r.r1 = GIVEN_UP;
            int n2 = second.tokens;
            int n1 = first.tokens;
            VarHandle.acquireFence();
            if (!second.isHeld() && !first.isHeld()) {
                r.r1 = n1 + n2;
            }
        }
    }

    /**
     * The same with channels: a select with a default must not take it while one of two has a
     * value.
     */
    @JCStressTest
    @Outcome(
            id = "0",
            expect = FORBIDDEN,
            desc = "the default, though a value was there all the time")
    @Outcome(
            id = {"1", "2"},
            expect = ACCEPTABLE,
            desc = "received from the first or the second")
    @State
    public static class SelectSeesValue {
        final Chan<Integer> first = Chan.make(1);
        final Chan<Integer> second = Chan.make(1);

        public SelectSeesValue() {
            first.trySend(1);
        }

        @Actor
        public void mover() {
            second.trySend(2);
            first.tryRecv();
        }

        @Actor
        public void selector(I_Result r) {
            try {
                r.r1 =
                        Select.<Integer>select(
                                Select.recv(second, v -> v),
                                Select.recv(first, v -> v),
                                Select.otherwise(() -> 0));
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }
    }
}
