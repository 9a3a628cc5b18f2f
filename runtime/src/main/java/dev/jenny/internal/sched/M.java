package dev.jenny.internal.sched;

import dev.jenny.internal.event.Events;
import dev.jenny.internal.loom.Loom;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A machine: the platform thread that carries goroutines for one {@link P}.
 *
 * <p>Its loop is Go's {@code schedule}: find a runnable goroutine, run it until it parks, yields or
 * ends, look again. {@link #find} gives the order of the places it looks in.
 */
final class M extends Thread {
    /**
     * Every so many time slices one of the queues that are shared goes first, so that local work
     * cannot starve them.
     */
    private static final int GLOBAL_FAIRNESS = 61;

    private static final int GLOBAL_TURN = 0;
    private static final int YIELD_TURN = 1;
    private static final int POLLERS_TURN = 2;
    private static final int TURNS = 3;

    private static final int STEAL_PASSES = 4;
    private static final int P_BATCH = RunQueue.CAPACITY / 2;

    /** A spare M with nothing to do ends after this. */
    private static final long RETIRE_NANOS = TimeUnit.SECONDS.toNanos(10);

    /** Goroutine frames live on the carrier's stack while they run; reserved, not committed. */
    private static final long STACK_BYTES = 16L << 20;

    private static final VarHandle CURG;

    static {
        try {
            CURG = MethodHandles.lookup().findVarHandle(M.class, "curg", G.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    final P p;

    /** Made here: when the thread starts there may be no memory for it. */
    private final BooleanSupplier loop = this::schedule;

    /** Where to read this thread's CPU time; set by the thread itself at its start. */
    volatile @Nullable ThreadCpu cpu;

    /** The goroutine being run, for the monitor and for dumps. Written by this M only. */
    volatile @Nullable G curg;

    /** Whether the goroutine that {@link #find} returned shares its predecessor's time slice. */
    private boolean inheritTime;

    private int timerTick;

    // for the hooks: the goroutine whose start was recorded last, and why it stops, if known
    @Nullable G traced;
    long stopped; // the number of the one whose stop was recorded since
    int stopType;
    int stopReason;
    int stopStack;

    /** Whether time has passed since the last event that was recorded. */
    boolean searched;

    M(P p) {
        super(Sched.threadGroup(), null, "jenny-m" + p.id, STACK_BYTES, false);
        this.p = p;
        setDaemon(true);
    }

    /** The M that the current thread is or is carried by; null for other threads. */
    static @Nullable M current() {
        return of(Thread.currentThread());
    }

    /** The M that {@code t}, the current thread, is or is carried by. */
    static @Nullable M of(Thread t) {
        if (t instanceof M m) {
            return m;
        }
        return Loom.CUSTOM && t.isVirtual() && Loom.carrier(t) instanceof M m ? m : null;
    }

    /**
     * The P that the current code runs on. It stays so until the caller parks, yields or blocks.
     */
    static @Nullable P currentP() {
        M m = current();
        return m == null ? null : m.p;
    }

    @Override
    public void run() {
        cpu = ThreadCpu.ofCurrentThread();
        Panics.keepGoing(loop);
    }

    private boolean schedule() {
        for (; ; ) {
            G g = find();
            if (g == null) {
                return false;
            }
            if (p.spinning) {
                Sched.foundWork(p);
            }
            p.step(!inheritTime);
            CURG.setRelease(this, g);
            boolean ran = true;
            try {
                ran = g.resume(this);
            } catch (Throwable t) {
                // The JDK's continuation code threw: no goroutine's business, and this M must go
                // on.
                Panics.internal(t);
            }
            if (Events.tracing && ran) {
                Hooks.stop(this, g);
            }
            CURG.setRelease(this, null);
        }
    }

    /**
     * Finds a goroutine to run, sleeping while there is none: due timers, now and then what is
     * shared, the own queue with {@code next} first, what is shared (the global queue, the share of
     * it that this P has, and the socket pollers), other Ps' queues.
     *
     * @return null if this M is to end
     */
    private @Nullable G find() {
        P p = this.p;
        for (; ; ) {
            if (p.status != P.ACTIVE && !comeBack()) {
                return null;
            }
            checkTimers();
            inheritTime = false;
            if (p.preempt) {
                p.preempt = false;
                forget();
                G next = p.runq.takeNext();
                if (next != null) {
                    // To the global queue, as Go does: at the local tail it would come round again
                    // before the global queue gets its turn, at a 61st slice.
                    Sched.GLOBAL.add(next);
                    Sched.wake();
                }
            }
            if (Sched.pollsDue > 0) {
                G g = poller();
                Sched.pollsDue = g == null ? 0 : Sched.pollsDue - 1;
                if (g != null) {
                    return g;
                }
            }
            if (p.schedtick % GLOBAL_FAIRNESS == 0) {
                G g = fairTurn();
                if (g != null) {
                    return g;
                }
            }
            G g = p.runq.takeNext();
            if (g != null) {
                inheritTime = true;
                return g;
            }
            g = p.runq.poll();
            if (g != null) {
                return g;
            }
            g = fromShared();
            if (g != null) {
                return g;
            }
            searched = true;
            if (p.spinning || Sched.maySpin(p)) {
                int switches = Sched.switchesBeside(p);
                g = steal();
                if (g != null) {
                    return g;
                }
                if (Sched.handsOff(p, switches) && Sched.nap(p)) {
                    continue;
                }
            }
            if (p.status == P.ACTIVE && p.runq.isEmpty() && p.yieldq.size() == 0) {
                sleepIdle();
            }
        }
    }

    private void checkTimers() {
        long next = Timers.next();
        if (next == Long.MAX_VALUE) {
            return;
        }
        // Reading the clock costs a good part of a goroutine switch. In a chain of hand-offs
        // through the next slot it is read at every 16th.
        if (p.runq.peekNext() != null && (++timerTick & 15) != 0) {
            return;
        }
        long now = Clock.now();
        if (next <= now) {
            Timers.runDue(now);
        }
    }

    /**
     * One from the global queue, this P's share of it, or the pollers, though the own queue is not
     * empty. A poller, which may find 64 goroutines more, only when its turn has come.
     */
    private @Nullable G fairTurn() {
        P p = this.p;
        int turn = p.fairTurn;
        p.fairTurn = (turn + 1) % TURNS;
        G g = ofTurn(turn, 1);
        for (int t = 0; g == null && t < POLLERS_TURN; t++) {
            g = ofTurn(t, 1);
        }
        return g;
    }

    /** From what is shared, now that the own queue is empty. */
    private @Nullable G fromShared() {
        P p = this.p;
        for (int i = 0; i < TURNS; i++) {
            int turn = p.turn;
            p.turn = (turn + 1) % TURNS;
            G g = ofTurn(turn, P_BATCH);
            if (g != null) {
                return g;
            }
        }
        return null;
    }

    private @Nullable G ofTurn(int turn, int max) {
        return switch (turn) {
            case GLOBAL_TURN -> fromGlobal(max);
            case YIELD_TURN -> p.yieldq.poll();
            default -> poller();
        };
    }

    private @Nullable G poller() {
        @Nullable Object[] batch = p.batch;
        if (Sched.POLLERS.poll(batch, 1) == 0) {
            return null;
        }
        searched = true;
        G g = (G) batch[0];
        batch[0] = null;
        if (!Sched.POLLERS.isEmpty()) {
            Sched.wake(); // there is more than this M can run at once
        }
        return g;
    }

    private @Nullable G fromGlobal(int max) {
        int size = Sched.GLOBAL.size();
        if (size == 0) {
            return null;
        }
        searched = true;
        @Nullable Object[] batch = p.batch;
        int n = Sched.GLOBAL.poll(batch, Math.min(max, size / Sched.gomaxprocs() + 1));
        if (n == 0) {
            return null;
        }
        G first = (G) batch[0];
        batch[0] = null;
        for (int i = 1; i < n; i++) {
            G g = (G) batch[i];
            batch[i] = null;
            if (g != null) {
                Sched.putTail(p, g); // more than one only into an empty ring: no use of batch
            }
        }
        if (n > 1 || !Sched.GLOBAL.isEmpty()) {
            VarHandle.fullFence(); // what has been put into the ring, then the look who is idle
            Sched.wake(); // there is more than this M can run at once
        }
        return first;
    }

    private @Nullable G steal() {
        P[] all = Sched.allp();
        int n = all.length;
        for (int pass = 0; pass < STEAL_PASSES; pass++) {
            boolean last = pass == STEAL_PASSES - 1;
            if (last) {
                checkTimers();
                G own = p.runq.takeNext();
                if (own != null) {
                    inheritTime = true;
                    return own;
                }
                own = p.runq.poll();
                if (own != null) {
                    return own;
                }
            }
            int pos = Integer.remainderUnsigned(p.nextRandom(), n);
            int stride = coprimeStride(n);
            for (int i = 0; i < n; i++, pos = (pos + stride) % n) {
                P victim = all[pos];
                if (victim == p || victim.idle || victim.status == P.SPARE) {
                    continue;
                }
                G g = p.runq.stealFrom(victim.runq);
                if (g == null && victim.yieldq.size() > 1) {
                    g = p.yieldq.stealFrom(victim.yieldq);
                }
                if (g == null && last) {
                    g = stealHeldUp(victim);
                }
                if (g != null) {
                    Hooks.stole(this, victim);
                    return g;
                }
            }
            if (!Sched.GLOBAL.isEmpty()) {
                G g = fromGlobal(P_BATCH);
                if (g != null) {
                    return g;
                }
            }
        }
        return null;
    }

    /**
     * Takes the one goroutine that {@code victim}'s M would run next, if it does not come to it.
     */
    private @Nullable G stealHeldUp(P victim) {
        G next = victim.runq.peekNext();
        if ((next == null && victim.yieldq.size() == 0) || !Sched.heldUp(victim)) {
            return null;
        }
        return next != null && victim.runq.takeNext(next)
                ? next
                : p.yieldq.stealFrom(victim.yieldq);
    }

    /** A random step that visits all of {@code n} places. */
    private int coprimeStride(int n) {
        int stride = 1 + Integer.remainderUnsigned(p.nextRandom(), n);
        while (gcd(stride, n) != 1) {
            stride++;
        }
        return stride % n == 0 ? 1 : stride;
    }

    private static int gcd(int a, int b) {
        while (b != 0) {
            int r = a % b;
            a = b;
            b = r;
        }
        return a;
    }

    /**
     * Lets go of goroutines that this M no longer runs, so that those who leaked can be collected.
     */
    private void forget() {
        if (!Events.tracing) {
            traced = null; // the recording ended while it ran
        }
        p.forget();
    }

    /** Goes idle, and returns once this M has been woken or a timer is due. */
    private void sleepIdle() {
        P p = this.p;
        boolean wasSpinning = p.spinning;
        p.spinning = false;
        p.idle = true;
        Hooks.idle(this);
        boolean keeper = Sched.enterIdle(p);
        if (wasSpinning) {
            Sched.stopSpinning();
        }
        // Work that was submitted before we were seen idle, relying on us: look once more.
        if (Sched.hasWork()) {
            Sched.wake();
        }
        while (p.idle) {
            if (p.preempt) {
                p.preempt = false;
                forget(); // asked for by a search for leaks
            }
            Thread.interrupted(); // that came late for a goroutine: it would keep this M awake
            if (!keeper) {
                LockSupport.park(this);
                continue;
            }
            long wait = Sched.keeperWait(p);
            if (wait <= 0) {
                if (Sched.leaveKeeper(p)) {
                    break;
                }
                wait = Long.MAX_VALUE; // a waker has us already
            }
            if (wait == Long.MAX_VALUE) {
                LockSupport.park(this);
            } else {
                LockSupport.parkNanos(this, wait);
            }
        }
        Clock.tick();
        Hooks.busy(this);
    }

    /**
     * Called when the P is no longer {@link P#ACTIVE}: returns it to the count, or empties it and
     * sleeps as a spare until it is needed again.
     *
     * @return false if it was not needed for long, and this M must end
     */
    private boolean comeBack() {
        boolean stalled = p.status == P.STALLED;
        boolean active = Procs.rejoin(p);
        if (stalled) {
            Hooks.rejoined(this, active);
        }
        if (active) {
            return true;
        }
        boolean wasSpinning = p.spinning;
        p.spinning = false;
        for (G g;
                (g = p.runq.takeNext()) != null
                        || (g = p.runq.poll()) != null
                        || (g = p.yieldq.poll()) != null; ) {
            Sched.GLOBAL.add(g);
        }
        forget();
        if (wasSpinning) {
            Sched.stopSpinning();
        }
        if (Sched.hasWork()) {
            Sched.wake();
        }
        Hooks.idle(this);
        long deadline = Clock.now() + RETIRE_NANOS;
        while (p.status == P.SPARE) {
            if (p.preempt) {
                p.preempt = false;
                forget(); // asked for since
            }
            Thread.interrupted(); // as in sleepIdle
            long wait = deadline - Clock.now();
            if (wait <= 0) {
                if (Procs.endSpare(p)) {
                    return false;
                }
                continue;
            }
            LockSupport.parkNanos(this, wait);
        }
        Hooks.busy(this);
        return true;
    }
}
