package dev.jenny.inspect.internal.pprof;

import dev.jenny.internal.sched.Probe;
import java.util.HashMap;
import java.util.Map;
import jdk.jfr.consumer.RecordedThread;
import org.jspecify.annotations.Nullable;

/**
 * Which goroutine a recorded thread was, and its labels. Goroutines come and go while something is
 * recorded, so it looks several times; one that lives for less than the time between two looks may
 * stay unknown. With very many goroutines it looks only at the beginning and the end.
 */
final class Goroutines {
    private static final long MANY = 20_000;

    private record Known(long id, Map<String, String> labels) {}

    /** Beyond so many no more are remembered. */
    private static final int MAX = 200_000;

    private final boolean ids;
    private final Map<Long, Known> byThread = new HashMap<>();

    /**
     * {@code ids}: whether samples are to be told apart by goroutine; otherwise only goroutines
     * with labels are of interest.
     */
    Goroutines(boolean ids) {
        this.ids = ids;
    }

    /** Looks at all goroutines that live. */
    void look() {
        Probe.goroutines(g -> {
            if (byThread.size() < MAX && (ids || !g.labels().isEmpty())) {
                byThread.put(g.thread().threadId(), new Known(g.id(), g.labels()));
            }
        });
    }

    /** Whether there were more than are remembered. */
    boolean isFull() {
        return byThread.size() == MAX;
    }

    /** Whether a look is cheap. */
    static boolean areFew() {
        return Probe.scheduler().goroutines() < MANY;
    }

    /** Waits for {@code nanos} and looks now and then. */
    void watch(long nanos) throws InterruptedException {
        long end = System.nanoTime() + nanos;
        look();
        for (long left = nanos; left > 0; left = end - System.nanoTime()) {
            Thread.sleep(Math.min(250, left / 1_000_000 + 1));
            if (areFew()) {
                look();
            }
        }
        look();
    }

    /** The labels of a sample of {@code thread}. */
    Map<String, String> labels(@Nullable RecordedThread thread) {
        if (thread == null) {
            return Map.of();
        }
        if (!thread.isVirtual()) {
            String name = thread.getJavaName();
            return name == null ? Map.of() : Map.of("thread", name);
        }
        Known known = byThread.get(thread.getJavaThreadId());
        if (known == null) {
            return Map.of();
        }
        if (!ids) {
            return known.labels;
        }
        Map<String, String> labels = new HashMap<>(known.labels);
        labels.put("goroutine", Long.toString(known.id));
        return labels;
    }
}
