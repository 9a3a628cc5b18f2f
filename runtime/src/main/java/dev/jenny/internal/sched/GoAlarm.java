package dev.jenny.internal.sched;

import dev.jenny.Task;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An alarm that starts a goroutine. A thread of the scheduler starts it, for whoever made the
 * alarm: it gets that one's labels and context class loader. One that is not set but made to {@link
 * #goNow} starts it for who calls that. If there is no memory for it, the alarm goes off again
 * until there is: no goroutine is lost.
 */
public abstract class GoAlarm extends Alarm {
    private static final long RETRY = 1_000_000;

    // of whoever the goroutine is started for; changed before the alarm is set, if at all
    private Map<String, String> labels = Labels.current();
    private @Nullable ClassLoader loader = Thread.currentThread().getContextClassLoader();
    private @Nullable Task late; // that could not be started

    /** The task to start, now that the time has come; null for none. Takes no memory. */
    protected abstract @Nullable Task due();

    /** Starts what is due at once, for the caller; instead of setting the alarm, and once. */
    public final void goNow() {
        Task task = due();
        if (task == null) {
            return;
        }
        try {
            Sched.go(task, task);
        } catch (OutOfMemoryError e) {
            labels = Labels.current();
            loader = Thread.currentThread().getContextClassLoader();
            retry(task);
        }
    }

    @Override
    protected final void fire(long now) {
        Task task = late != null ? late : due();
        if (task == null) {
            return;
        }
        try {
            Sched.goFor(task, labels, loader);
        } catch (OutOfMemoryError e) {
            retry(task);
        }
    }

    private void retry(Task task) {
        late = task;
        start(Clock.after(RETRY));
    }
}
