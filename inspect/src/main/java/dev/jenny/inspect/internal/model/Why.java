package dev.jenny.inspect.internal.model;

import java.util.List;

/**
 * Why a goroutine does not go on.
 *
 * @param goroutine the goroutine, with its stack
 * @param summary one sentence
 * @param chain what follows from what: the goroutine, what it waits for, who has that, what they
 *     wait for …; a sentence each
 * @param wakers who could wake it, as far as that is known
 * @param cycles the cycle that it is part of, or that it waits behind; empty if there is none
 * @param advice what to do, or look at next; {@code ""} if there is nothing wrong with it
 */
public record Why(
        GoroutineInfo goroutine,
        String summary,
        List<String> chain,
        List<Waker> wakers,
        List<WaitGraph.Cycle> cycles,
        String advice) {
    /**
     * Somebody who could wake it.
     *
     * @param goroutine the number of a goroutine; 0 if it is a thread or something else
     * @param text who, and how
     */
    public record Waker(long goroutine, String text) {}

    /** All of it as text, for terminals. */
    public String text() {
        StringBuilder b = new StringBuilder(summary).append('\n');
        for (String s : chain) {
            b.append("  ").append(s).append('\n');
        }
        if (!wakers.isEmpty()) {
            b.append("could be woken by:\n");
            for (Waker w : wakers) {
                b.append("  ").append(w.text()).append('\n');
            }
        }
        for (WaitGraph.Cycle c : cycles) {
            b.append("cycle:\n").append(c.text().indent(2));
        }
        if (!advice.isEmpty()) {
            b.append(advice).append('\n');
        }
        return b.toString();
    }
}
