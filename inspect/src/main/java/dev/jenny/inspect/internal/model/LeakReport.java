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
 * @param psHeldUp how many Ps a goroutine held up all the time, so that they could not let go of
 *     goroutines that they had run before: a leaked one among these is not found
 */
public record LeakReport(
        List<Leak> leaks,
        List<GoroutineInfo> goroutines,
        long total,
        long checked,
        long tookNanos,
        long gcNanos,
        int psHeldUp) {
    /** No more goroutines than so many are listed one by one. */
    public static final int MAX_GOROUTINES = 10_000;

    /** That leaked goroutines may not have been found, and why; {@code ""} if that is not so. */
    public String missed() {
        if (psHeldUp == 0) {
            return "";
        }
        boolean one = psHeldUp == 1;
        return (one ? "A P was" : psHeldUp + " Ps were")
                + " held up by "
                + (one
                        ? "a goroutine that computes or blocks its"
                        : "goroutines that compute or block their")
                + " thread, and may have kept leaked goroutines from being found: search again"
                + " when "
                + (one ? "it is free" : "they are free")
                + " (`jenny issues` names who holds "
                + (one ? "it" : "them")
                + " up).";
    }
}
