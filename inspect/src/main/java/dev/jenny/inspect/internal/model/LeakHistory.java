package dev.jenny.inspect.internal.model;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The leaks that were ever found in this JVM, by whomever: each search frees what it finds, but who
 * asks later wants to know, too.
 *
 * @param leaks by what they have in common
 * @param newest the newest one by one, the oldest first
 * @param total how many
 */
public record LeakHistory(List<Leak> leaks, List<GoroutineInfo> newest, long total) {
    private static final Book ALL = new Book();

    /**
     * Gathers what is found.
     *
     * <p>Invariant: {@code total} is the sum of {@code leaks}, and no less than there are {@code
     * newest}. Guarded by the book; nothing else is locked inside.
     */
    static final class Book {
        /**
         * Beyond so many kinds, new ones go without labels and stack: labels that name single
         * requests would make ever more.
         */
        static final int MAX_KINDS = 4_096;

        private record Kind(
                @Nullable Frame site,
                String reason,
                String objectKind,
                Map<String, String> labels,
                List<Frame> stack) {
            static Kind of(Leak l) {
                return new Kind(l.site(), l.reason(), l.objectKind(), l.labels(), l.stack());
            }
        }

        private final Map<Kind, Leak> leaks = new LinkedHashMap<>();
        private final Deque<GoroutineInfo> newest = new ArrayDeque<>();
        private long total;

        synchronized LeakHistory now() {
            return new LeakHistory(List.copyOf(leaks.values()), List.copyOf(newest), total);
        }

        synchronized void add(LeakReport report) {
            for (Leak l : report.leaks()) {
                Leak kept = l;
                if (leaks.size() >= MAX_KINDS && !leaks.containsKey(Kind.of(l))) {
                    kept = l.withoutDetails();
                }
                leaks.merge(Kind.of(kept), kept, (before, now) -> now.and(before));
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
