package dev.jenny.inspect.internal.model;

import dev.jenny.internal.sched.Probe;
import dev.jenny.internal.sched.Probe.Cursor;
import dev.jenny.internal.sched.Probe.GView;
import dev.jenny.internal.sched.Probe.Primitive;
import dev.jenny.sync.WaitGroup;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/**
 * Tells for whom a goroutine waits at a WaitGroup or a latch. Of those that were started through a
 * WaitGroup this is known; else those are named that the waiting one has started itself.
 */
final class Pending {
    private static final int MAX_NAMED = 10;

    private final GView g;
    private final Story story;
    private final Look look = new Look(100_000_000);
    private long members;

    /** Some goroutines, and how many there are. */
    private record Some(List<GView> first, long count) {
        static Some of(Predicate<Cursor> which) {
            List<GView> first = new ArrayList<>();
            long[] count = new long[1];
            Probe.scan(c -> {
                if (which.test(c)) {
                    count[0]++;
                    if (first.size() < MAX_NAMED) {
                        first.add(c.view());
                    }
                }
            });
            return new Some(first, count[0]);
        }
    }

    Pending(GView g, Story story) {
        this.g = g;
        this.story = story;
    }

    /** Whether goroutines are known to be counted by the group. */
    boolean members() {
        return members > 0;
    }

    /** Tells what {@code group} waits for. */
    void group(WaitGroup group, String name) {
        Primitive p = Probe.peek(group);
        long n = p == null ? 0 : p.held();
        story.chain.add(
                name
                        + " stands at "
                        + n
                        + ": "
                        + n
                        + (n == 1 ? " call of done() is" : " calls of done() are")
                        + " missing.");
        Some counted = Some.of(c -> c.group() == group);
        members = counted.count();
        if (members > 0) {
            story.chain.add(
                    "Of the goroutines that were started through it, "
                            + members
                            + (members == 1 ? " lives." : " live."));
            counted.first().forEach(c -> name("", c, ", by ending"));
        }
        if (n > members) {
            if (members > 0) {
                story.chain.add(
                        n
                                - members
                                + " of the calls must come from others; from whom is not kept.");
            }
            started(Some.of(c -> c.parent() == g.id() && c.group() != group));
        }
        story.advice =
                "Look at the goroutines that are to call done(): one that ended without it, or"
                        + " waits itself, keeps the group. WaitGroup.go cannot forget it.";
    }

    /** Goroutines that it has started itself are the likeliest to bring a latch down. */
    void children() {
        started(Some.of(c -> c.parent() == g.id()));
    }

    private void started(Some some) {
        if (some.count() == 0) {
            story.chain.add(
                    "None of the "
                            + (members > 0 ? "other " : "")
                            + "goroutines that it started lives any longer.");
            return;
        }
        story.chain.add(
                "Of the "
                        + (members > 0 ? "other " : "")
                        + "goroutines that it started, "
                        + some.count()
                        + (some.count() == 1 ? " lives." : " live."));
        some.first().forEach(c -> name("perhaps ", c, ""));
    }

    private void name(String before, GView c, String how) {
        String reason = look.reason(c);
        String status = reason.isEmpty() ? c.state().text() : reason;
        String site = c.site() == null ? "" : ", created at " + c.site().location();
        story.waker(c.id(), before + "goroutine " + c.id() + " [" + status + "]" + site + how);
    }
}
