package dev.jenny.internal.sched;

import dev.jenny.internal.event.SchedProfile;
import dev.jenny.internal.event.SiteStats.Place;
import dev.jenny.internal.event.Stacks;
import dev.jenny.internal.loom.Coroutine;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Tells the {@link SchedProfile} of goroutines that are about to run: after what, and where that
 * was. They have been claimed and are not mounted yet, so their stacks are as they were when they
 * stopped, and nobody else is at them.
 */
final class WakeUp {
    private static final String GO = "go";
    private static final String YIELD = "yield";

    /** It began before the profile was on. */
    private static final String IN_JDK = "a wait in JDK code";

    private static final int NO_REASON = -1;

    private WakeUp() {}

    /**
     * {@code g} is about to be run by the calling M, {@code nanos} after it became runnable.
     *
     * @param jdk what was noted of its wait in JDK code that is over; null if nothing was
     * @param yielded whether it has yielded, and not waited
     */
    static void record(G g, @Nullable JdkWait jdk, boolean yielded, long nanos) {
        String after = IN_JDK;
        int stack = Stacks.NONE;
        WaitReason own = g.waitReason();
        if (Hooks.isFirst(g)) {
            after = GO;
        } else if (own != null) {
            after = own.text();
            stack = stack(g, own.number(), nanos);
        } else if (jdk != null) {
            after = jdk.reason.text();
            stack = jdk.stack;
        } else if (yielded) {
            after = YIELD;
            stack = stack(g, NO_REASON, nanos);
        }
        SpawnSite site = g.site;
        if (stack == Stacks.NONE && site != null) {
            stack = site.stack();
        }
        SchedProfile.started(after, g.labels, stack, nanos);
    }

    private static int stack(G g, int reason, long nanos) {
        if (!g.isDriven()) {
            return Stacks.NONE; // not claimed yet: others may look at its stack, or run it
        }
        Object continuation = Coroutine.continuation(g.thread);
        if (nanos >= SchedProfile.rate()) {
            return exact(g, reason, continuation);
        }
        Object on = LockSupport.getBlocker(g.thread);
        return Hooks.stats(g)
                .stack(reason, on == null ? g : on, () -> exact(g, reason, continuation));
    }

    private static int exact(G g, int reason, Object continuation) {
        return Hooks.stats(g)
                .place(
                        Coroutine.place(continuation),
                        () -> new Place(reason, Stacks.of(Coroutine.stack(continuation))))
                .stack();
    }
}
