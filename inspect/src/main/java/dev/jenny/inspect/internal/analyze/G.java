package dev.jenny.inspect.internal.analyze;

import dev.jenny.inspect.internal.trace.Sink;

/** A goroutine as far as the trace has come. */
final class G {
    final long id;

    /** Where it was started: a number of {@link Sites}. */
    int site;

    Sink.State state;

    /** Since when it is in that state. */
    long since;

    /** Whether {@code since} is when it came into the state, not when it was first seen. */
    boolean sinceKnown;

    /** How often events had been lost when it came into that state. */
    long gaps;

    /** The P on which it ran last, or runs; -1 for none. */
    int p = -1;

    /** The P on which it was made runnable; -1 for none. */
    int madeBy = -1;

    /** When it became runnable before this slice; equal to {@code readyTo} if not known. */
    long readyFrom;

    /** When this slice began. */
    long readyTo;

    /** Why it waits: a number of {@code Names}. */
    int reason = -1;

    /** Where it waits: a number of {@code Names}. */
    int place;

    /** How often it has yielded since it last did anything else. */
    long yields;

    /** In how many of these slices it ran for a moment only. */
    long yieldsShort;

    /** When the first of these slices began. */
    long yieldsFrom;

    /** How long it ran in these slices. */
    long yieldsRan;

    G(long id, int site, Sink.State state, long since) {
        this.id = id;
        this.site = site;
        this.state = state;
        this.since = since;
    }
}
