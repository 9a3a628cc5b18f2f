package dev.jenny.internal.sched;

import dev.jenny.internal.loom.Coroutine;
import dev.jenny.internal.loom.Loom;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * What a goroutine is doing, as one look from outside shows it.
 *
 * @param state running, runnable or waiting
 * @param reason why it waits; null if it does not, or waits in JDK code for a reason that only its
 *     stack tells, or what it is parked on
 * @param waited nanoseconds since the wait began, to about 10 ms; 0 if unknown, as it is of a wait
 *     in JDK code if the goroutine keeps its M, or is not driven directly
 * @param carrier the M that runs it
 */
record GStatus(State state, @Nullable WaitReason reason, long waited, @Nullable M carrier) {
    enum State {
        RUNNABLE("runnable", 1),
        RUNNING("running", 2),
        WAITING("waiting", 4),
        DEAD("dead", 6);

        final String text;
        final int number;

        State(String text, int number) {
            this.text = text;
            this.number = number;
        }
    }

    static GStatus of(G g) {
        Thread t = g.thread;
        M carrier = null;
        if (Loom.CUSTOM && Loom.carrier(t) instanceof M m) {
            carrier = m;
        }
        Thread.State s = t.getState();
        State state = state(t, s, carrier != null);
        if (state != State.WAITING) {
            return new GStatus(state, null, 0, state == State.RUNNING ? carrier : null);
        }
        return waiting(g, s == Thread.State.BLOCKED ? WaitReason.MONITOR_ENTER : null, carrier);
    }

    /** The state of the goroutine that {@code t} is, of which the JDK says {@code s}. */
    static State state(Thread t, Thread.State s, boolean mounted) {
        return switch (s) {
            case NEW, RUNNABLE ->
                    mounted || !Loom.CUSTOM || t == Thread.currentThread()
                            ? State.RUNNING
                            : State.RUNNABLE;
            case TERMINATED -> State.DEAD;
            case BLOCKED -> State.WAITING;
            case WAITING, TIMED_WAITING ->
                    !mounted && Coroutine.isUnparked(t) ? State.RUNNABLE : State.WAITING;
        };
    }

    private static GStatus waiting(G g, @Nullable WaitReason ifUnknown, @Nullable M carrier) {
        WaitReason r = g.waitReason();
        boolean known = r != null || knowsJdkWait(carrier);
        long waited = known ? Math.max(0, Clock.now() - g.waitSince) : 0;
        return new GStatus(State.WAITING, r == null ? ifUnknown : r, waited, carrier);
    }

    /** Whether {@link G#waitSince} is right for a goroutine that waits in JDK code. */
    static boolean knowsJdkWait(@Nullable M carrier) {
        return Coroutine.AVAILABLE && carrier == null;
    }

    int number() {
        return state.number;
    }

    String reasonText() {
        return reason == null ? "" : reason.text();
    }

    /** The word in the brackets of a dump's header, of {@code g} with this stack. */
    String text(G g, StackTraceElement[] stack) {
        if (state != State.WAITING) {
            return state.text;
        }
        if (reason != null) {
            return reason.text();
        }
        Object on = LockSupport.getBlocker(g.thread);
        return on != null ? Blockers.reason(on) : fromStack(stack).text();
    }

    /** Why a goroutine waits in JDK code, as far as its frames tell. */
    static WaitReason fromStack(StackTraceElement[] stack) {
        WaitReason r = WaitReason.PARK;
        for (StackTraceElement f : stack) {
            String c = f.getClassName();
            String m = f.getMethodName();
            if (c.startsWith("sun.nio.ch.")) {
                return WaitReason.IO_WAIT;
            }
            if (c.equals("java.lang.Object") && m.startsWith("wait")) {
                return WaitReason.OBJECT_WAIT;
            }
            if (m.startsWith("sleep") && c.startsWith("java.lang.")) {
                return WaitReason.SLEEP;
            }
            if (!c.startsWith("java.") && !c.startsWith("jdk.") && !c.startsWith("sun.")) {
                break;
            }
        }
        return r;
    }
}
