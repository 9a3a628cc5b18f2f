package dev.jenny.internal.sched;

import dev.jenny.internal.event.BlockProfile;
import dev.jenny.internal.event.Stacks;
import dev.jenny.internal.loom.Coroutine;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A goroutine's wait in JDK code, to be in the block profile when it is over.
 *
 * <p>Made by the M that the goroutine has just left, in {@link G#waitNote} while the goroutine
 * cannot be woken yet; {@link #over} is set by whoever wakes it, before it is queued; and the M
 * that takes it from the queue calls {@link #ended}. So all of them come one after the other. It
 * leads to nothing that is alive: a goroutine that is leaked must be collected.
 */
final class JdkWait {
    private final long since = Clock.now();
    private final WaitReason reason;
    private final @Nullable Class<?> on;
    private final int times;
    private final int stack;

    /** Whether JDK code has ended the wait; else another wait may have begun since. */
    boolean over;

    /**
     * The wait of {@code thread}, which the calling M has just run.
     *
     * @param times how many waits it stands for
     */
    JdkWait(Thread thread, Object continuation, int times) {
        StackTraceElement[] frames = Coroutine.stack(continuation);
        Object blocker = LockSupport.getBlocker(thread);
        this.reason =
                Coroutine.entersMonitor(thread)
                        ? WaitReason.MONITOR_ENTER
                        : GStatus.fromStack(frames);
        this.on = blocker == null ? null : blocker.getClass();
        this.times = times;
        this.stack = Stacks.of(frames);
    }

    /** The goroutine, started at {@code site}, is about to run again. */
    void ended(@Nullable SpawnSite site, Map<String, String> labels) {
        BlockProfile.waited(site, labels, reason.text(), on, Clock.now() - since, times, stack);
    }
}
