package dev.jenny.internal.sched;

import dev.jenny.internal.event.BlockProfile;
import dev.jenny.internal.event.SiteStats.Place;
import dev.jenny.internal.event.Stacks;
import dev.jenny.internal.loom.Coroutine;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A goroutine's wait in JDK code, to be in the profiles of waits when it is over. Traces ask it
 * where and for what such a goroutine waits.
 *
 * <p>Made by the M that the goroutine has just left, in {@link G#note} while the goroutine cannot
 * be woken yet; {@link #over} is set by whoever wakes it, before it is queued; and the M that takes
 * it from the queue calls {@link #ended}. So all of them come one after the other. It leads to
 * nothing that is alive: a goroutine that is leaked must be collected.
 */
final class JdkWait {
    private final long since = Clock.now();
    final WaitReason reason;
    private final @Nullable Class<?> on;
    private final int times;
    final int stack;

    /** Whether JDK code has ended the wait; else another wait may have begun since. */
    boolean over;

    /**
     * The wait of {@code g}, which the calling M has just run.
     *
     * @param times how many waits it stands for in the block profile
     */
    JdkWait(G g, Object continuation, int times) {
        Place place = place(g, continuation);
        Object blocker = LockSupport.getBlocker(g.thread);
        this.reason = WaitReason.of(place.reason());
        this.on = blocker == null ? null : blocker.getClass();
        this.times = times;
        this.stack = place.stack();
    }

    /**
     * What {@code g}, which the calling M has just run, waits for, and where. Takes a few
     * microseconds; the first time in each place, some tens.
     */
    static Place place(G g, Object continuation) {
        return Hooks.stats(g)
                .place(
                        Coroutine.place(continuation),
                        () -> {
                            StackTraceElement[] frames = Coroutine.stack(continuation);
                            WaitReason reason =
                                    Coroutine.entersMonitor(g.thread)
                                            ? WaitReason.MONITOR_ENTER
                                            : GStatus.fromStack(frames);
                            return new Place(reason.number(), Stacks.of(frames));
                        });
    }

    /** The goroutine, started at {@code site}, is about to run again. */
    void ended(@Nullable SpawnSite site, Map<String, String> labels) {
        if (times > 0) {
            BlockProfile.waited(site, labels, reason.text(), on, Clock.now() - since, times, stack);
        }
    }
}
