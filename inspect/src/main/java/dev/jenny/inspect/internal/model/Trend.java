package dev.jenny.inspect.internal.model;

import java.util.List;

/**
 * How an object has stood at the looks of the last minute. The lists have a number for each of the
 * last looks, the oldest first, and are shorter than others if it has not been known for as long.
 *
 * @param perSecond values that went through it a second, in the last ten seconds; -1 if that is not
 *     known
 * @param full the share of all looks at which it was full, from 0 to 1; -1 for what has no buffer
 * @param empty the share at which it was empty; -1 likewise
 * @param len as {@link ObjectDetail#len}; empty for what has none
 * @param waiting how many goroutines waited
 * @param moved how many values went through it since the look before; empty for what is no channel
 */
public record Trend(
        double perSecond,
        double full,
        double empty,
        List<Long> len,
        List<Long> waiting,
        List<Long> moved) {}
