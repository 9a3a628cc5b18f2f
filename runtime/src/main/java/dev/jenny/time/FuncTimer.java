package dev.jenny.time;

import dev.jenny.Task;
import dev.jenny.internal.sched.Alarm;
import dev.jenny.internal.sched.Clock;
import dev.jenny.internal.sched.GoAlarm;
import dev.jenny.internal.sched.SpinLock;
import org.jspecify.annotations.Nullable;

/**
 * A timer that starts a goroutine. Unlike one with a channel it stands in a heap from start to end,
 * since nobody waits for it.
 *
 * <p>Invariant: {@code armed} is the alarm whose firing will start the task, null if there is none;
 * guarded by this lock. Whoever takes the alarm out of the field decides: the firing, or a stop or
 * reset. An alarm that fires and is not in the field does nothing.
 */
final class FuncTimer extends SpinLock {
    private final Task task;
    private @Nullable Alarm armed;

    FuncTimer(Task task) {
        this.task = task;
    }

    /** Cancels the pending start of the task; false if there is none. */
    boolean stop() {
        return replace(null);
    }

    /** Starts the task {@code nanos} from now instead of when it was to start, if it was. */
    boolean reset(long nanos) {
        Alarm a = new Ring();
        boolean pending = replace(a);
        a.start(Clock.after(Math.max(nanos, 0)));
        return pending;
    }

    private boolean replace(@Nullable Alarm a) {
        lock();
        Alarm old = armed;
        armed = a;
        unlock();
        if (old == null) {
            return false;
        }
        old.cancel();
        return true;
    }

    private final class Ring extends GoAlarm {
        @Override
        protected @Nullable Task due() {
            lock();
            boolean current = armed == this;
            if (current) {
                armed = null;
            }
            unlock();
            return current ? task : null;
        }
    }
}
