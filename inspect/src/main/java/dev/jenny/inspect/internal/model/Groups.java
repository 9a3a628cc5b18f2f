package dev.jenny.inspect.internal.model;

import java.util.List;

/**
 * All goroutines of a program, grouped.
 *
 * @param groups the biggest group first
 * @param total how many goroutines are in them, and in those left out
 * @param matched how many of all goroutines the query let through; the same as {@code total}
 *     without a query
 * @param omitted how many groups were left out because of the limit
 * @param takenNanos when it was taken, on the clock of waits
 * @param tookNanos how long that took
 */
public record Groups(
        List<GoroutineGroup> groups,
        long total,
        long matched,
        int omitted,
        long takenNanos,
        long tookNanos) {}
