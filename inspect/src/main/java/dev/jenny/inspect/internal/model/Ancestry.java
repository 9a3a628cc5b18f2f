package dev.jenny.inspect.internal.model;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Goroutines by who created them: a tree, in which those with the same place of creation and the
 * same places all the way up stand for one node.
 *
 * @param roots the biggest first
 * @param total how many goroutines there are
 * @param matched how many of them match the query
 * @param omitted how many of these are in no node, because the tree would be too big
 * @param tookNanos how long it took
 */
public record Ancestry(List<Node> roots, long total, long matched, long omitted, long tookNanos) {
    /**
     * Goroutines with the same ancestry, and what they created.
     *
     * @param site where their {@code go} statement stands; null as in {@link GoroutineInfo}
     * @param ended whether this stands for all creators that have ended: nothing is known of them
     *     any more but that they were there
     * @param count how many of these goroutines match the query; 0 for a node that is there for the
     *     sake of its children
     * @param all how many match in this node and below
     * @param states how many of the {@code count} are in which state or wait, the most first
     * @param oldestNanos how long the one that has waited longest has waited
     * @param goroutines the numbers of some of them, the lowest first
     * @param children the biggest first
     * @param omitted how many match below this node, but are not shown
     */
    public record Node(
            @Nullable Frame site,
            boolean ended,
            long count,
            long all,
            Map<String, Long> states,
            long oldestNanos,
            List<Long> goroutines,
            List<Node> children,
            long omitted) {}
}
