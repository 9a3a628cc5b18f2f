package dev.jenny.inspect.internal.analyze;

import java.util.Comparator;
import java.util.List;

/**
 * What a trace tells. Times are nanoseconds; moments are those of the trace's clock.
 *
 * @param findings the worst first
 * @param from the first event
 * @param to the last event
 * @param gomaxprocs as the trace tells; if it does not, the Ps that were seen
 * @param goroutines how many were seen
 * @param left how many were there at the end
 * @param dropped events that were lost, as far as the trace tells
 * @param gaps in how many places a goroutine's events are missing
 * @param paused how long the garbage collector stopped the program
 * @param pausedOtherwise how long the JVM did for something else
 * @param starts how often a goroutine that had become runnable began to run
 * @param p50 how long half of these had waited for that, at most
 * @param p99 how long 99 % of them had
 * @param longest how long one of them had
 * @param ps what the Ps did
 * @param sites what the goroutines of each spawn site did
 */
public record Report(
        List<Finding> findings,
        long from,
        long to,
        int gomaxprocs,
        long goroutines,
        long left,
        long dropped,
        long gaps,
        long paused,
        long pausedOtherwise,
        long starts,
        long p50,
        long p99,
        long longest,
        List<P> ps,
        List<Site> sites) {
    /**
     * A P.
     *
     * @param ran how long goroutines ran on it
     * @param held how long one of them blocked its thread
     * @param slices how many pieces of goroutines it ran
     */
    public record P(int id, long ran, long held, long slices) {}

    /**
     * What goroutines waited for.
     *
     * @param reason in Go's words
     * @param place the line; empty if not known
     */
    public record Wait(String reason, String place, long count, long nanos) {}

    /**
     * The goroutines that one {@code go} statement started.
     *
     * @param name the line
     * @param seen how many of them
     * @param live how many were there at the end
     * @param ran how long they ran, all together
     * @param ready how long they were runnable
     * @param waited how long they waited
     * @param waits for what, the longest first
     */
    public record Site(
            String name,
            long seen,
            long live,
            long ran,
            long slices,
            long ready,
            long longestReady,
            long waited,
            List<Wait> waits) {
        static Site of(Sites.Site s) {
            List<Wait> waits =
                    s.waits.entrySet().stream()
                            .map(e ->
                                    new Wait(
                                            e.getKey().reason(),
                                            e.getKey().place(),
                                            e.getValue().count,
                                            e.getValue().nanos))
                            .sorted(Comparator.comparingLong((Wait w) -> -w.nanos()))
                            .toList();
            return new Site(
                    s.name,
                    s.seen,
                    s.live,
                    s.ranNanos,
                    s.slices,
                    s.readyNanos,
                    s.longestReady,
                    s.waitNanos,
                    waits);
        }
    }

    /** How long the trace is, at least 1. */
    public long duration() {
        return Math.max(1, to - from);
    }
}
