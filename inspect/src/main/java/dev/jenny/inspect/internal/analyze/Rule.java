package dev.jenny.inspect.internal.analyze;

import dev.jenny.inspect.internal.pause.Pause;
import java.util.List;

/** Watches what happens in a trace, and says in the end what was wrong. For one thread. */
abstract class Rule {
    /** {@code g} ran without a break on {@code p}, and now something else happens. */
    void ran(G g, Proc p, long from, long to) {}

    /** {@code g} was runnable for so long; told when the slice on {@code p} after it has ended. */
    void stood(G g, int p, long from, long to) {}

    /** {@code g} blocked the thread of {@code p}. */
    void blocked(G g, Proc p, long from, long to) {}

    /** {@code g} yielded {@code g.yields} times, and now does something else. */
    void yielded(G g, long to) {}

    /** {@code g} starts on {@code p}, having been made runnable on another P or this one. */
    void woken(G g, Proc p, long latency) {}

    /** Ps had nothing to run, and goroutines were runnable. */
    void idle(long from, long to) {}

    /** The JVM stopped the program. */
    void paused(Pause pause) {}

    /** Time goes on. */
    void tick(long now) {}

    /** What was wrong; after the last event. */
    abstract List<Finding> findings(Analysis a);
}
