package dev.jenny.inspect.internal.issue;

import dev.jenny.inspect.internal.model.Frame;
import dev.jenny.inspect.internal.model.Groups;
import dev.jenny.inspect.internal.model.Leak;
import dev.jenny.inspect.internal.model.ObjectDetail;
import dev.jenny.inspect.internal.model.WaitGraph;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the rules look at: the program at one moment, and what happened since the moment before.
 *
 * @param at when, on the clock of waits
 * @param groups all goroutines in groups
 * @param objects what they wait on
 * @param cycles who waits for each other
 * @param heldUp goroutines that were reported to hold up their P since the last observation
 * @param yielding goroutines that were found to be yielding
 * @param leaks leaks that were proven since the last observation
 * @param queues the run queues of the Ps that are in use; empty in fallback mode
 */
record Observation(
        long at,
        Groups groups,
        List<ObjectDetail> objects,
        List<WaitGraph.Cycle> cycles,
        List<Held> heldUp,
        List<Yielding> yielding,
        List<Leak> leaks,
        List<LocalQueue> queues) {
    /**
     * A goroutine that holds up its P, or did.
     *
     * @param goroutine its number
     * @param site where its {@code go} statement stands
     * @param p the P
     * @param burns whether it computed; else it blocked its thread
     * @param nanos for how long, so far or in all
     * @param over whether it has let go
     * @param behind how many waited in run queues when it was found
     * @param stack its stack
     */
    record Held(
            long goroutine,
            @Nullable Frame site,
            int p,
            boolean burns,
            long nanos,
            boolean over,
            int behind,
            List<Frame> stack) {}

    /**
     * A goroutine that was found in {@code gosched} or {@code Thread.yield}.
     *
     * @param goroutine its number
     * @param site where its {@code go} statement stands
     * @param at the line that yields
     */
    record Yielding(long goroutine, @Nullable Frame site, Frame at) {}

    /**
     * The local run queue of a P.
     *
     * @param p the P
     * @param active whether the P counts to GOMAXPROCS; else its goroutine has held it up
     * @param length how many goroutines are in the queue
     * @param taken how many have been taken from it since it was made, modulo 2^32
     * @param goroutine the goroutine that the P runs; 0 for none
     * @param site where the {@code go} statement of that one stands
     */
    record LocalQueue(
            int p, boolean active, int length, int taken, long goroutine, @Nullable Frame site) {}
}
