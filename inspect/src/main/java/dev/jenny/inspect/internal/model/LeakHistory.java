package dev.jenny.inspect.internal.model;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The leaks that were ever found in this JVM, by whomever: each search frees what it finds, but who
 * asks later wants to know, too.
 *
 * @param counts how many, by what they have in common
 * @param newest the newest one by one, the oldest first
 * @param total how many
 */
public record LeakHistory(
        Map<LeakHistory.Kind, Long> counts, List<GoroutineInfo> newest, long total) {
    private static final Book ALL = new Book();

    /** What leaked goroutines have in common; as in {@link Leak}. */
    public record Kind(
            @Nullable Frame site, String reason, Map<String, String> labels, List<Frame> stack) {}

    /**
     * Gathers what is found.
     *
     * <p>Invariant: {@code total} is the sum of {@code counts}, and no less than there are {@code
     * newest}. Guarded by the book; nothing else is locked inside.
     */
    static final class Book {
        /**
         * Beyond so many kinds, new ones go without labels and stack: labels that name single
         * requests would make ever more.
         */
        static final int MAX_KINDS = 4_096;

        private final Map<Kind, Long> counts = new HashMap<>();
        private final Deque<GoroutineInfo> newest = new ArrayDeque<>();
        private long total;

        synchronized LeakHistory now() {
            return new LeakHistory(Map.copyOf(counts), List.copyOf(newest), total);
        }

        synchronized void add(LeakReport report) {
            for (Leak l : report.leaks()) {
                Kind k = new Kind(l.site(), l.reason(), l.labels(), l.stack());
                if (counts.size() >= MAX_KINDS && !counts.containsKey(k)) {
                    k = new Kind(l.site(), l.reason(), Map.of(), List.of());
                }
                counts.merge(k, l.count(), Long::sum);
            }
            for (GoroutineInfo g : report.goroutines()) {
                if (newest.size() == LeakReport.MAX_GOROUTINES) {
                    newest.removeFirst();
                }
                newest.addLast(g);
            }
            total += report.total();
        }
    }

    /** What has been found up to now. */
    public static LeakHistory now() {
        return ALL.now();
    }

    /** Adds what a search has found. */
    static void add(LeakReport report) {
        ALL.add(report);
    }
}
