package dev.jenny.inspect.internal.model;

import java.util.List;

/**
 * A channel, lock or other object that goroutines wait on at this moment.
 *
 * @param object what it is
 * @param len values in a channel's buffer; permits or readers held; a WaitGroup's counter; -1 if it
 *     has no such number
 * @param cap a channel's capacity or a semaphore's size; -1 if it has none
 * @param passed how many values have gone through a channel since it was made; -1 if it is none
 * @param closed whether it is a closed channel, or a timer that has stopped
 * @param receivers how many goroutines are blocked receiving from it, selects included
 * @param senders how many goroutines are blocked sending to it, selects included
 * @param waiters how many goroutines wait on it, in whatever way
 * @param holders goroutines known to hold it
 * @param oldestNanos how long the one that has waited longest has waited
 * @param samples some of those that wait
 */
public record ObjectDetail(
        ObjectInfo object,
        long len,
        long cap,
        long passed,
        boolean closed,
        long receivers,
        long senders,
        long waiters,
        List<Long> holders,
        long oldestNanos,
        List<Waiting> samples) {
    /**
     * Somebody who waits.
     *
     * @param goroutine the goroutine's number
     * @param op what it wants, as a wait reason
     */
    public record Waiting(long goroutine, String op) {}
}
