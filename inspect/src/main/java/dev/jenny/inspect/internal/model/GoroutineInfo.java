package dev.jenny.inspect.internal.model;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One look at a goroutine.
 *
 * @param id its number
 * @param state {@code running}, {@code runnable} or {@code waiting}
 * @param reason why it waits, in Go's words; {@code ""} if it does not wait
 * @param waitNanos since when it waits, in nanoseconds before the look; 0 if it does not wait or if
 *     that is unknown, as for waits in JDK code
 * @param object what it waits on; null for none
 * @param parent the goroutine that created it; 0 for none
 * @param site where its {@code go} statement stands; null for {@code main} and for virtual threads
 *     that a library started
 * @param labels its labels
 * @param threadName the name of its thread, most often {@code ""}
 * @param threadId the thread's {@link Thread#threadId()}
 * @param p the P that it runs on; -1 if it does not run
 * @param adopted whether a library started it
 * @param stack its frames, the innermost first, without those of waiting and scheduling; empty if
 *     not asked for
 */
public record GoroutineInfo(
        long id,
        String state,
        String reason,
        long waitNanos,
        @Nullable ObjectInfo object,
        long parent,
        @Nullable Frame site,
        Map<String, String> labels,
        String threadName,
        long threadId,
        int p,
        boolean adopted,
        List<Frame> stack)
        implements Subject {
    /** The wait reason if it waits, else the state: the word in a dump's brackets. */
    public String status() {
        return reason.isEmpty() ? state : reason;
    }
}
