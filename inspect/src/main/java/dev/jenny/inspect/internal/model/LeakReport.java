package dev.jenny.inspect.internal.model;

import java.util.List;

/**
 * The result of a search for leaks.
 *
 * @param leaks the biggest first
 * @param goroutines the first {@link #MAX_GOROUTINES} of them one by one, by number; their reason
 *     ends with {@code (leaked)}
 * @param total how many goroutines were leaked, and are gone now
 * @param checked how many goroutines were looked at: all that were parked
 * @param tookNanos how long the search took, the garbage collection included
 * @param gcNanos how long the garbage collection took
 */
public record LeakReport(
        List<Leak> leaks,
        List<GoroutineInfo> goroutines,
        long total,
        long checked,
        long tookNanos,
        long gcNanos) {
    /** No more goroutines than so many are listed one by one. */
    public static final int MAX_GOROUTINES = 10_000;
}
