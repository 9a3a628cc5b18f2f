package dev.jenny.verify;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import dev.jenny.internal.sched.RunQueue;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;
import org.openjdk.jcstress.infra.results.II_Result;
import org.openjdk.jcstress.infra.results.I_Result;

/** The local run queue: every goroutine is run once, by whoever takes it. */
public final class RunQueueStress {
    private RunQueueStress() {}

    /** A value whose content must be seen by whoever gets it. */
    static final class Item {
        int value;

        Item(int value) {
            this.value = value;
        }
    }

    static int drain(RunQueue<Item> q) {
        int sum = 0;
        for (Item i; (i = q.poll()) != null; ) {
            sum += i.value;
        }
        return sum;
    }

    /** The owner polls while a thief steals: 1 and 10 and 100 each go to exactly one of them. */
    @JCStressTest
    @Outcome(id = "111", expect = ACCEPTABLE, desc = "each taken once")
    @Outcome(expect = FORBIDDEN, desc = "lost or taken twice")
    @State
    public static class PollAgainstSteal {
        final RunQueue<Item> owner = new RunQueue<>();
        final RunQueue<Item> thief = new RunQueue<>();
        int polled;
        int stolen;

        public PollAgainstSteal() {
            owner.put(new Item(1));
            owner.put(new Item(10));
            owner.put(new Item(100));
        }

        @Actor
        public void owner() {
            Item a = owner.poll();
            Item b = owner.poll();
            polled = (a == null ? 0 : a.value) + (b == null ? 0 : b.value);
        }

        @Actor
        public void thief() {
            Item last = thief.stealFrom(owner);
            stolen = (last == null ? 0 : last.value) + drain(thief);
        }

        @Arbiter
        public void rest(I_Result r) {
            r.r1 = polled + stolen + drain(owner);
        }
    }

    /** The owner and a thief both go for the next slot. */
    @JCStressTest
    @Outcome(
            id = {"1, 0", "0, 1"},
            expect = ACCEPTABLE,
            desc = "one of them has it")
    @Outcome(expect = FORBIDDEN, desc = "lost or taken twice")
    @State
    public static class NextTakenOnce {
        final RunQueue<Item> q = new RunQueue<>();

        public NextTakenOnce() {
            q.setNext(new Item(1));
        }

        @Actor
        public void owner(II_Result r) {
            Item i = q.takeNext();
            r.r1 = i == null ? 0 : i.value;
        }

        @Actor
        public void thief(II_Result r) {
            Item i = q.peekNext();
            r.r2 = i != null && q.takeNext(i) ? i.value : 0;
        }
    }

    /** A displaced next element moves to the ring while thieves look on. */
    @JCStressTest
    @Outcome(id = "11", expect = ACCEPTABLE, desc = "each taken once")
    @Outcome(expect = FORBIDDEN, desc = "lost or taken twice")
    @State
    public static class DisplaceAgainstSteal {
        final RunQueue<Item> owner = new RunQueue<>();
        final RunQueue<Item> thief = new RunQueue<>();
        int stolen;

        public DisplaceAgainstSteal() {
            owner.setNext(new Item(1));
        }

        @Actor
        public void owner() {
            Item old = owner.setNext(new Item(10));
            if (old != null) {
                owner.put(old);
            }
        }

        @Actor
        public void thief() {
            Item next = owner.peekNext();
            if (next != null && owner.takeNext(next)) {
                stolen = next.value;
            }
            Item last = thief.stealFrom(owner);
            stolen += (last == null ? 0 : last.value) + drain(thief);
        }

        @Arbiter
        public void rest(I_Result r) {
            Item next = owner.takeNext();
            r.r1 = stolen + (next == null ? 0 : next.value) + drain(owner);
        }
    }

    /** What the owner wrote into a goroutine before it queued it, its thief sees. */
    @JCStressTest
    @Outcome(
            id = {"-1", "42"},
            expect = ACCEPTABLE,
            desc = "nothing yet, or the whole of it")
    @Outcome(expect = FORBIDDEN, desc = "an unpublished element")
    @State
    public static class Publication {
        final RunQueue<Item> owner = new RunQueue<>();
        final RunQueue<Item> thief = new RunQueue<>();

        @Actor
        public void owner() {
            Item i = new Item(0);
            i.value = 42;
            owner.put(i);
        }

        @Actor
        public void thief(I_Result r) {
            Item i = thief.stealFrom(owner);
            r.r1 = i == null ? -1 : i.value;
        }
    }

    /** Two thieves and the owner. */
    @JCStressTest
    @Outcome(expect = FORBIDDEN, desc = "lost or taken twice")
    @Outcome(
            id = {"1, 0, 0", "0, 1, 0", "0, 0, 1"},
            expect = ACCEPTABLE,
            desc = "one of them has it")
    @State
    public static class ThreeForOne {
        final RunQueue<Item> q = new RunQueue<>();
        final RunQueue<Item> thief1 = new RunQueue<>();
        final RunQueue<Item> thief2 = new RunQueue<>();

        public ThreeForOne() {
            q.put(new Item(1));
        }

        @Actor
        public void owner(III_Result r) {
            Item i = q.poll();
            r.r1 = i == null ? 0 : i.value;
        }

        @Actor
        public void thief1(III_Result r) {
            Item i = thief1.stealFrom(q);
            r.r2 = i == null ? 0 : i.value;
        }

        @Actor
        public void thief2(III_Result r) {
            Item i = thief2.stealFrom(q);
            r.r3 = i == null ? 0 : i.value;
        }
    }

    /** The falsifier: a ring whose takers advance head by a store instead of a CAS. */
    @JCStressTest
    @Outcome(
            id = {"1, 0", "0, 1"},
            expect = ACCEPTABLE,
            desc = "one of them has it")
    @Outcome(expect = FORBIDDEN, desc = "lost or taken twice")
    @State
    public static class PollAgainstStealBroken {
        private static final VarHandle HEAD;

        static {
            try {
                HEAD =
                        MethodHandles.lookup()
                                .findVarHandle(PollAgainstStealBroken.class, "head", int.class);
            } catch (ReflectiveOperationException e) {
                throw new ExceptionInInitializerError(e);
            }
        }

        final int tail = 1;
        int head;

        private int take() {
            int h = (int) HEAD.getAcquire(this);
            if (h == tail) {
                return 0;
            }
            HEAD.setRelease(this, h + 1);
            return 1;
        }

        @Actor
        public void owner(II_Result r) {
            r.r1 = take();
        }

        @Actor
        public void thief(II_Result r) {
            r.r2 = take();
        }
    }
}
