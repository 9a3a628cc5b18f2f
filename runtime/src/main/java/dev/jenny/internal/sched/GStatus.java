package dev.jenny.internal.sched;

import dev.jenny.internal.loom.Coroutine;
import dev.jenny.internal.loom.Loom;
import org.jspecify.annotations.Nullable;

/**
 * What a goroutine is doing, as one look from outside shows it.
 *
 * @param state running, runnable or waiting
 * @param reason why it waits; null if it does not, or waits in JDK code for a reason that only its
 *     stack tells
 * @param waited nanoseconds since the wait began, to about 10 ms; 0 if unknown
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
        return switch (t.getState()) {
            case NEW, RUNNABLE ->
                    new GStatus(
                            carrier != null || !Loom.CUSTOM || t == Thread.currentThread()
                                    ? State.RUNNING
                                    : State.RUNNABLE,
                            null,
                            0,
                            carrier);
            case TERMINATED -> new GStatus(State.DEAD, null, 0, null);
            case BLOCKED -> waiting(g, WaitReason.MONITOR_ENTER, carrier);
            case WAITING, TIMED_WAITING ->
                    carrier == null && Coroutine.isUnparked(t)
                            ? new GStatus(State.RUNNABLE, null, 0, null)
                            : waiting(g, null, carrier);
        };
    }

    private static GStatus waiting(G g, @Nullable WaitReason ifUnknown, @Nullable M carrier) {
        WaitReason r = g.waitReason;
        long waited = r == null ? 0 : Math.max(0, Clock.now() - g.waitSince);
        return new GStatus(State.WAITING, r == null ? ifUnknown : r, waited, carrier);
    }

    int number() {
        return state.number;
    }

    String reasonText() {
        return reason == null ? "" : reason.text();
    }

    /** The word in the brackets of a dump's header. */
    String text(StackTraceElement[] stack) {
        if (state != State.WAITING) {
            return state.text;
        }
        WaitReason r = reason != null ? reason : fromStack(stack);
        return r.text();
    }

    /** Why a goroutine waits in JDK code. */
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
