package dev.jenny.inspect.internal.model;

import java.util.List;

/**
 * Goroutines one by one.
 *
 * @param goroutines those that the query let through, up to the limit
 * @param matched how many the query let through
 * @param total how many live
 * @param takenNanos when the list was taken, on the clock of waits
 */
public record Listing(List<GoroutineInfo> goroutines, long matched, long total, long takenNanos) {}
