package dev.jenny.internal.sched;

import dev.jenny.Task;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An alarm that starts a goroutine. A thread of the scheduler starts it, for whoever made the
 * alarm: it gets that one's labels and context class loader.
 */
public abstract class GoAlarm extends Alarm {
    private final Map<String, String> labels = Labels.current();
    private final @Nullable ClassLoader loader = Thread.currentThread().getContextClassLoader();

    /** Starts the goroutine; for {@link #fire}, which may decide not to. */
    protected final void go(Task task) {
        Sched.goFor(task, labels, loader);
    }
}
