package dev.jenny.internal.sched;

import dev.jenny.Task;
import dev.jenny.internal.event.Events;
import dev.jenny.internal.event.LabelChanges;
import dev.jenny.internal.event.LabelSet;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/**
 * Labels of goroutines, Go's {@code pprof.Do}: an immutable map per goroutine, handed down to the
 * goroutines that it starts. A thread that is no goroutine keeps its map in a thread local, which
 * is looked at only once such a thread has used labels.
 */
public final class Labels {
    private static final ThreadLocal<Map<String, String>> OF_THREAD = new ThreadLocal<>();
    private static volatile boolean threadsHaveThem;

    private Labels() {}

    /** The calling thread's labels. */
    public static Map<String, String> current() {
        G g = G.current();
        if (g != null) {
            return g.labels;
        }
        Map<String, String> m = threadsHaveThem ? OF_THREAD.get() : null;
        return m == null ? Map.of() : m;
    }

    /** Runs {@code task} with {@code more} added to the calling thread's labels. */
    public static void run(Map<String, String> more, Task task) throws Exception {
        Objects.requireNonNull(task, "task");
        Map<String, String> before = current();
        Map<String, String> now = new TreeMap<>(before);
        more.forEach((k, v) ->
                now.put(
                        Objects.requireNonNull(k, "label name"),
                        Objects.requireNonNull(v, "label value")));
        set(LabelSet.copyOf(now));
        try {
            task.run();
        } finally {
            set(before);
        }
    }

    /** {@code g}, which inherits its labels, is about to be started. */
    static void started(G g) {
        if (!g.labels.isEmpty()) {
            LabelChanges.tell(g.thread.threadId(), Map.of(), g.labels);
        }
    }

    /** {@code g} is about to end. */
    static void ended(G g) {
        if (!g.labels.isEmpty()) {
            LabelChanges.tell(g.thread.threadId(), g.labels, Map.of());
        }
    }

    private static void set(Map<String, String> labels) {
        G g = G.current();
        if (g != null) {
            if (Events.labels) {
                LabelChanges.tell(g.thread.threadId(), g.labels, labels);
            }
            g.labels = labels;
            if (Events.tracing) {
                Hooks.labelled(g, labels);
            }
        } else if (labels.isEmpty()) {
            OF_THREAD.remove();
        } else {
            OF_THREAD.set(labels);
            threadsHaveThem = true;
        }
    }
}
