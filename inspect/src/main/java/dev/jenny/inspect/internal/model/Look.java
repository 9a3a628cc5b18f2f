package dev.jenny.inspect.internal.model;

import dev.jenny.internal.sched.JdkLocks;
import dev.jenny.internal.sched.Probe;
import dev.jenny.internal.sched.Probe.Cursor;
import dev.jenny.internal.sched.Probe.GView;
import dev.jenny.internal.sched.SpawnSite;
import dev.jenny.internal.sched.WaitReason;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Turns what the scheduler shows into records.
 *
 * <p>Why a goroutine waits in JDK code the object tells that it is parked on, or its stack if there
 * is none. Walking a stack takes the JDK about 10 µs. A Look has a budget for those that are walked
 * only for that; when it is used up, such waits are called {@code LockSupport.park}. Which monitor
 * a goroutine waits to enter takes 20 µs to find out, and is asked of so many only.
 */
final class Look {
    private static final long MAIN = 1;

    private static final StackTraceElement[] NONE = {};
    private static final int MONITORS = 2_000;

    private long stackBudgetNanos;
    private int monitorsLeft = MONITORS;

    Look(long stackBudgetNanos) {
        this.stackBudgetNanos = stackBudgetNanos;
    }

    /**
     * A record of {@code g}, with its stack if {@code stack}, with its object if {@code object}.
     */
    GoroutineInfo info(GView g, boolean object, boolean stack) {
        StackTraceElement[] trace = stack ? g.thread().getStackTrace() : NONE;
        String reason = reason(g, trace);
        List<Frame> frames = stack ? Probe.trim(trace).stream().map(Frame::of).toList() : List.of();
        return new GoroutineInfo(
                g.id(),
                g.state().text(),
                reason,
                g.waited(),
                object ? Objects.of(g.on()) : null,
                g.parent(),
                g.id() == MAIN ? null : frame(g.site()), // the launcher is no go statement
                g.labels(),
                g.thread().getName(),
                g.thread().threadId(),
                g.p(),
                g.adopted(),
                frames);
    }

    /** Why {@code g} waits; {@code ""} if it does not. */
    String reason(GView g) {
        return reason(g, NONE);
    }

    /** Why the goroutine at {@code c} waits; {@code ""} if it does not. */
    String reason(Cursor c) {
        if (c.state() != Probe.State.WAITING) {
            return "";
        }
        WaitReason r = c.reason();
        if (r != null) {
            return r.text();
        }
        Object on = c.on();
        return on != null ? Probe.parkedOn(on) : reason(c.view(), NONE);
    }

    /** Why {@code g} waits; {@code ""} if it does not. {@code trace} is empty if not taken yet. */
    String reason(GView g, StackTraceElement[] trace) {
        if (g.state() != Probe.State.WAITING) {
            return "";
        }
        WaitReason r = g.reason();
        if (r != null) {
            return r.text();
        }
        if (g.on() != null) {
            return Probe.parkedOn(g.on());
        }
        if (trace.length > 0) {
            return Probe.reasonOf(trace).text();
        }
        if (stackBudgetNanos <= 0) {
            return WaitReason.PARK.text();
        }
        long start = System.nanoTime();
        StackTraceElement[] walked = g.thread().getStackTrace();
        stackBudgetNanos -= System.nanoTime() - start;
        return Probe.reasonOf(walked).text();
    }

    /** What the goroutine at {@code c} waits on; a monitor, too, if it is one of the first. */
    @Nullable Object on(Cursor c) {
        if (!isAtMonitor(c) || monitorsLeft == 0) {
            return c.on();
        }
        monitorsLeft--;
        return JdkLocks.monitors(c.view().thread()).entering();
    }

    /** Whether the goroutine at {@code c} waits to enter a monitor. */
    static boolean isAtMonitor(Cursor c) {
        return c.reason() == WaitReason.MONITOR_ENTER;
    }

    /** The stack of {@code g}, trimmed. */
    static List<Frame> stack(GView g) {
        return Probe.trim(g.thread().getStackTrace()).stream().map(Frame::of).toList();
    }

    static @Nullable Frame frame(@Nullable SpawnSite site) {
        return site == null ? null : Frame.of(site.function(), site.location());
    }
}
