package dev.jenny.inspect.internal.pprof;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * The labels that goroutines had when they allocated what still lives, be that long ago.
 *
 * <p>The recorder remembers of an object who allocated it and when, but tells that only of objects
 * which a collection has seen, and nobody asks for a long time. So the history of labels is kept.
 * When it has become long, the recorder is asked: the labels of the objects that live are noted,
 * and what was before the newest of them is forgotten, for all that lives from before is known
 * then. If that is not enough, or comes too often, labels are lost, and such objects have none.
 *
 * <p>For one thread at a time.
 */
final class LiveLabels {
    /** So many changes of labels are kept, about 7 MB. */
    static final int MOST_CHANGES = 1 << 17;

    /** For so long they are kept: the marks of the clock are, too. */
    private static final long MOST_NANOS = TimeUnit.MINUTES.toNanos(30);

    /** The recorder, which writes a file to answer, is not asked more often. */
    private static final long LOOK_NANOS = TimeUnit.SECONDS.toNanos(10);

    /**
     * A sampled object.
     *
     * @param thread that has allocated it; 0 if it was no goroutine
     * @param id tells it from others of that thread: the recorder's own time
     * @param time when, on {@link System#nanoTime}
     */
    record Allocation(long thread, long id, long time) {}

    private record Key(long thread, long id) {
        Key(Allocation a) {
            this(a.thread, a.id);
        }
    }

    private final int most;
    private Map<Key, Map<String, String>> known = new HashMap<>(); // of those with labels
    private long begin; // of the history that is kept
    private long looked;

    /**
     * Knows nothing yet.
     *
     * @param most so many changes of labels are kept
     * @param begin when the history begins
     */
    LiveLabels(int most, long begin) {
        this.most = most;
        this.begin = begin;
        this.looked = begin - LOOK_NANOS;
    }

    /** The labels of an object that lives. */
    Map<String, String> of(Allocation a, LabelHistory history) {
        if (a.thread == 0) {
            return Map.of();
        }
        Map<String, String> noted = known.get(new Key(a));
        return noted != null ? noted : a.time - begin < 0 ? Map.of() : history.at(a.thread, a.time);
    }

    /**
     * Has {@code history} forget what nobody will ask for.
     *
     * @param old from when on samples may come of which nothing has been told yet
     * @param now the time
     * @param live asks the recorder for what lives
     */
    void trim(LabelHistory history, long old, long now, Supplier<List<Allocation>> live) {
        if (history.size() == 0) {
            forget(history, old); // nobody had labels
            return;
        }
        if (history.changes() <= most && old - begin < MOST_NANOS) {
            return;
        }
        if (now - looked >= LOOK_NANOS) {
            looked = now;
            forget(history, Math.min(old, note(live.get(), history)));
        }
        if (history.changes() > most || old - begin >= MOST_NANOS) {
            forget(history, old);
        }
    }

    /** Notes the labels of what lives; returns when the newest of it was allocated. */
    private long note(List<Allocation> live, LabelHistory history) {
        Map<Key, Map<String, String>> labels = new HashMap<>();
        long newest = begin;
        for (Allocation a : live) {
            Map<String, String> its = of(a, history);
            if (!its.isEmpty()) {
                labels.put(new Key(a), its);
            }
            newest = Math.max(newest, a.time);
        }
        known = labels;
        return newest;
    }

    /** From when on all labels are known, on {@link System#nanoTime}. */
    long begin() {
        return begin;
    }

    private void forget(LabelHistory history, long time) {
        history.forget(time);
        begin = time;
    }
}
