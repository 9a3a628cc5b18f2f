package dev.jenny.verify;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import dev.jenny.internal.sched.GlobalQueue;
import dev.jenny.internal.sched.RunQueue;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.I_Result;
import org.openjdk.jcstress.infra.results.ZZ_Result;

/**
 * The rule that no wake-up is lost: a submitter queues, then asks who is idle; an M says that it is
 * idle, then looks into the queues. At least one of the two must see the other.
 */
public final class WakeupStress {
    private WakeupStress() {}

    /** Through the next slot of a P. */
    @JCStressTest
    @Outcome(id = "false, false", expect = FORBIDDEN, desc = "a goroutine nobody runs")
    @Outcome(expect = ACCEPTABLE, desc = "at least one side saw the other")
    @State
    public static class NextSlot {
        final RunQueue<Object> q = new RunQueue<>();
        volatile boolean idle;

        @Actor
        public void submitter(ZZ_Result r) {
            q.setNext(this);
            r.r1 = idle;
        }

        @Actor
        public void machine(ZZ_Result r) {
            idle = true;
            r.r2 = !q.isEmpty();
        }
    }

    /** Through the ring, with the fence that the scheduler puts behind it. */
    @JCStressTest
    @Outcome(id = "false, false", expect = FORBIDDEN, desc = "a goroutine nobody runs")
    @Outcome(expect = ACCEPTABLE, desc = "at least one side saw the other")
    @State
    public static class Ring {
        final RunQueue<Object> q = new RunQueue<>();
        volatile boolean idle;

        @Actor
        public void submitter(ZZ_Result r) {
            q.put(this);
            VarHandle.fullFence();
            r.r1 = idle;
        }

        @Actor
        public void machine(ZZ_Result r) {
            idle = true;
            r.r2 = !q.isEmpty();
        }
    }

    /** Through the global queue. */
    @JCStressTest
    @Outcome(id = "false, false", expect = FORBIDDEN, desc = "a goroutine nobody runs")
    @Outcome(expect = ACCEPTABLE, desc = "at least one side saw the other")
    @State
    public static class Global {
        final GlobalQueue<Object> q = new GlobalQueue<>();
        volatile boolean idle;

        @Actor
        public void submitter(ZZ_Result r) {
            q.add(this);
            r.r1 = idle;
        }

        @Actor
        public void machine(ZZ_Result r) {
            idle = true;
            r.r2 = !q.isEmpty();
        }
    }

    /** The falsifier: the ring without the fence. */
    @JCStressTest
    @Outcome(id = "false, false", expect = FORBIDDEN, desc = "a goroutine nobody runs")
    @Outcome(expect = ACCEPTABLE, desc = "at least one side saw the other")
    @State
    public static class RingBroken {
        private static final VarHandle IDLE;

        static {
            try {
                IDLE =
                        MethodHandles.lookup()
                                .findVarHandle(RingBroken.class, "idle", boolean.class);
            } catch (ReflectiveOperationException e) {
                throw new ExceptionInInitializerError(e);
            }
        }

        final RunQueue<Object> q = new RunQueue<>();
        boolean idle;

        @Actor
        public void submitter(ZZ_Result r) {
            q.put(this);
            r.r1 = (boolean) IDLE.getOpaque(this);
        }

        @Actor
        public void machine(ZZ_Result r) {
            IDLE.setRelease(this, true);
            r.r2 = !q.isEmpty();
        }
    }

    /** Two producers and two consumers at the global queue. */
    @JCStressTest
    @Outcome(id = "111", expect = ACCEPTABLE, desc = "each taken once")
    @Outcome(expect = FORBIDDEN, desc = "lost or taken twice")
    @State
    public static class GlobalTakenOnce {
        final GlobalQueue<Integer> q = new GlobalQueue<>();
        int first;
        int second;

        public GlobalTakenOnce() {
            q.add(100);
        }

        @Actor
        public void producer1() {
            q.add(1);
        }

        @Actor
        public void producer2() {
            q.addAll(new Object[] {10}, 1);
        }

        @Actor
        public void consumer1() {
            first = take();
        }

        @Actor
        public void consumer2() {
            second = take();
        }

        private int take() {
            Object[] into = new Object[2];
            int n = q.poll(into, 2);
            int sum = 0;
            for (int i = 0; i < n; i++) {
                sum += (Integer) into[i];
            }
            return sum;
        }

        @Arbiter
        public void rest(I_Result r) {
            r.r1 = first + second + take() + take();
        }
    }
}
