package dev.jenny.inspect.internal.model;

import dev.jenny.inspect.internal.model.WaitGraph.Cycle;
import dev.jenny.inspect.internal.model.Why.Waker;
import java.util.ArrayList;
import java.util.List;

/** A {@link Why} as it is being told. */
final class Story {
    final List<String> chain = new ArrayList<>();
    private final List<Waker> wakers = new ArrayList<>();
    List<Cycle> cycles = List.of();
    String advice = "";

    /** Somebody who could wake it: the number of a goroutine or 0, and in words who and how. */
    void waker(long goroutine, String text) {
        wakers.add(new Waker(goroutine, text));
    }

    Why why(GoroutineInfo info, String summary) {
        return new Why(info, summary, chain, wakers, cycles, advice);
    }
}
