package dev.jenny.internal.sched;

import dev.jenny.Task;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An alarm that starts a goroutine. A thread of the scheduler starts it, for whoever made the
 * alarm: it gets that one's labels and context class loader. If there is no memory for it then, the
 * alarm goes off again.
 */
public abstract class GoAlarm extends Alarm {
    private static final long RETRY = 1_000_000;

    private final Map<String, String> labels = Labels.current();
    private final @Nullable ClassLoader loader = Thread.currentThread().getContextClassLoader();
    private @Nullable Task late; // that could not be started

    /** The task to start, now that the time has come; null for none. Takes no memory. */
    protected abstract @Nullable Task due();

    @Override
    protected final void fire(long now) {
        Task task = late != null ? late : due();
        if (task == null) {
            return;
        }
        try {
            Sched.goFor(task, labels, loader);
        } catch (OutOfMemoryError e) {
            late = task;
            start(Clock.after(RETRY));
        }
    }
}
