package dev.jenny;

import dev.jenny.internal.event.Event;
import dev.jenny.internal.event.Events;
import dev.jenny.internal.event.Ring;
import dev.jenny.internal.event.Strings;
import dev.jenny.internal.sched.Runtimes;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Says in execution traces what the program is doing, as Go's package {@code runtime/trace} does:
 * tasks, which may span goroutines; regions, which lie within one; and messages.
 *
 * <pre>{@code
 * try (Tracing.UserTask order = Tracing.task("order")) {
 *     order.log("id", "4711");
 *     Go.go(() -> {
 *         try (Tracing.Region r = order.region("charge")) {
 *             charge();
 *         }
 *     });
 *     try (Tracing.Region r = order.region("pack")) {
 *         pack();
 *     }
 * }
 * }</pre>
 *
 * <p>While nobody records, each call costs a few nanoseconds. What is done on a thread that is no
 * goroutine, or in fallback mode, is not recorded. Names are kept for ever, so let there be few of
 * them; what varies belongs into messages, of which the last 16,384 are kept. The methods may be
 * called from any thread.
 */
public final class Tracing {
    private static final AtomicLong TASKS = new AtomicLong();

    private Tracing() {}

    /** True while somebody records; before the work of putting a message together, ask this. */
    public static boolean isEnabled() {
        return Events.tracing;
    }

    /**
     * Begins a task: one request, order or job. It ends with {@link UserTask#close}, which may be
     * called in another goroutine.
     */
    public static UserTask task(String name) {
        return new UserTask(name, 0);
    }

    /**
     * Begins a region of the calling goroutine. It must be closed by the same goroutine, after all
     * regions that were begun later.
     */
    public static Region region(String name) {
        return new Region(0, name);
    }

    /** Leaves a message. */
    public static void log(String category, String message) {
        log(0, category, message);
    }

    private static void log(long task, String category, String message) {
        if (Events.tracing) {
            int c = Strings.name(category);
            int m = Strings.message(message);
            Ring r = Runtimes.traceRing();
            if (r != null) {
                r.now(Event.LOG, task, c, 0, m);
            }
        }
    }

    private static void event(int type, long task, String name) {
        if (Events.tracing) {
            int n = Strings.name(name);
            Ring r = Runtimes.traceRing();
            if (r != null) {
                r.now(type, 0, task, n);
            }
        }
    }

    /** A task; see {@link Tracing#task}. */
    public static final class UserTask implements AutoCloseable {
        private final long id = TASKS.incrementAndGet();

        private UserTask(String name, long parent) {
            if (Events.tracing) {
                int n = Strings.name(name);
                Ring r = Runtimes.traceRing();
                if (r != null) {
                    r.now(Event.TASK_BEGIN, id, n, parent, 0);
                }
            }
        }

        /** Begins a task that is a part of this one. */
        public UserTask task(String name) {
            return new UserTask(name, id);
        }

        /** Begins a region that belongs to this task; see {@link Tracing#region}. */
        public Region region(String name) {
            return new Region(id, name);
        }

        /** Leaves a message that belongs to this task. */
        public void log(String category, String message) {
            Tracing.log(id, category, message);
        }

        /** Ends the task. */
        @Override
        public void close() {
            event(Event.TASK_END, id, "");
        }
    }

    /** A region; see {@link Tracing#region}. */
    public static final class Region implements AutoCloseable {
        private final long task;
        private final String name;

        private Region(long task, String name) {
            this.task = task;
            this.name = name;
            event(Event.REGION_BEGIN, task, name);
        }

        /** Ends the region. */
        @Override
        public void close() {
            event(Event.REGION_END, task, name);
        }
    }
}
