package dev.jenny.inspect.internal.model;

import java.util.List;

/**
 * Who waits for whom. An edge goes from a goroutine to the object that it waits on, and from an
 * object to whoever holds it.
 *
 * @param nodes goroutines, objects, and threads that are no goroutines
 * @param edges who waits for what, and what is held by whom
 * @param cycles goroutines that wait for each other in a circle
 * @param omitted how many waiting goroutines were left out because of the limit; those in cycles
 *     never are
 */
public record WaitGraph(List<Node> nodes, List<Edge> edges, List<Cycle> cycles, long omitted) {
    /**
     * A goroutine, an object or a thread.
     *
     * @param key {@code g17}, {@code o5}, {@code t31}
     * @param kind {@code goroutine}, {@code thread}, or the object's kind
     * @param id its number
     * @param text one line about it
     * @param state a goroutine's state or wait reason; {@code ""} for others
     * @param count how many alike goroutines the node stands for; 1 if it is one goroutine
     * @param inCycle whether it is part of a cycle
     */
    public record Node(
            String key,
            String kind,
            long id,
            String text,
            String state,
            long count,
            boolean inCycle) {}

    /**
     * An edge.
     *
     * @param from the key of a node
     * @param to the key of a node
     * @param kind {@code waits}: a goroutine, or in a cycle a thread, waits on an object; {@code
     *     case}: a select does, among others; {@code held}: an object is held by a goroutine or
     *     thread, or is a WaitGroup that waits for its end
     * @param text the wait reason, or how it is held
     * @param inCycle whether it is part of a cycle
     */
    public record Edge(String from, String to, String kind, String text, boolean inCycle) {}

    /**
     * Goroutines that wait for each other in a circle. None of them can go on by itself.
     *
     * @param keys the keys of the nodes in order, each waiting for the next, the last for the first
     * @param goroutines the numbers of the goroutines among them
     * @param text the cycle in words, a line for each goroutine
     * @param unless what else than the members of the cycle can end it, such as {@code somebody
     *     else unlocks one of the mutexes}; {@code ""} if nothing can
     * @param locks whether locks are among what they wait for
     * @param ends whether the end of one of them is among what they wait for
     */
    public record Cycle(
            List<String> keys,
            List<Long> goroutines,
            String text,
            String unless,
            boolean locks,
            boolean ends) {
        /** Whether nothing but the members of the cycle can end it. */
        public boolean certain() {
            return unless.isEmpty();
        }
    }
}
