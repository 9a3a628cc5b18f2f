package dev.jenny.inspect.internal.model;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Goroutines that were leaked in one way: blocked for ever, on something that nothing live could
 * reach. That is proven: the garbage collector has taken them.
 *
 * @param count how many, alike in spawn site, wait reason and kind of object
 * @param reason why they waited
 * @param objectKind what they waited on
 * @param site where their {@code go} statement stands; null as in {@link GoroutineInfo}
 * @param labels labels that all of them had in common
 * @param oldestNanos how long the one that had waited longest had waited
 * @param goroutines the numbers of some of them
 * @param stack the stack of one of them, taken before it was collected
 * @param stackOf the number of the goroutine whose stack that is; 0 for none
 */
public record Leak(
        long count,
        String reason,
        String objectKind,
        @Nullable Frame site,
        Map<String, String> labels,
        long oldestNanos,
        List<Long> goroutines,
        List<Frame> stack,
        long stackOf) {
    private static final int MAX_IDS = 10;

    /** The leaks of this and of an earlier search that are alike, as one. */
    public Leak and(Leak earlier) {
        List<Long> ids = new ArrayList<>(goroutines);
        ids.addAll(earlier.goroutines);
        return new Leak(
                count + earlier.count,
                reason,
                objectKind,
                site,
                Grouper.common(labels, earlier.labels),
                Math.max(oldestNanos, earlier.oldestNanos),
                List.copyOf(ids.subList(0, Math.min(ids.size(), MAX_IDS))),
                stack,
                stackOf);
    }

    /** As it is, but for what tells single ones apart. */
    Leak withoutDetails() {
        return new Leak(
                count, reason, objectKind, site, Map.of(), oldestNanos, goroutines, List.of(), 0);
    }
}
