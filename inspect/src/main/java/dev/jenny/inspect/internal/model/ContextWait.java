package dev.jenny.inspect.internal.model;

import dev.jenny.internal.chan.DoneChannel;
import dev.jenny.internal.sched.Clock;
import dev.jenny.internal.sched.Probe.GView;
import dev.jenny.internal.sched.Selection;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * That a goroutine waits for a context to be done, alone or as one case of a select. Of a goroutine
 * that has a context, but does not wait for it at this moment, nobody knows: a context is an
 * argument like any other.
 *
 * @param channel the number of the context's channel
 * @param hasDeadline whether the context has a deadline
 * @param leftNanos how long it is until then, in nanoseconds; negative if it has passed
 */
public record ContextWait(long channel, boolean hasDeadline, long leftNanos) {
    /** Of several contexts that with the earliest deadline; null if {@code g} waits for none. */
    static @Nullable ContextWait of(GView g) {
        Object on = g.on();
        List<Object> channels =
                on instanceof Selection s ? s.channels() : on == null ? List.of() : List.of(on);
        ContextWait first = null;
        for (Object o : channels) {
            if (o instanceof DoneChannel d) {
                ContextWait w = of(d);
                if (first == null || w.isBefore(first)) {
                    first = w;
                }
            }
        }
        return first;
    }

    static ContextWait of(DoneChannel d) {
        Instant deadline = d.deadline();
        long left = deadline == null ? 0 : Clock.nanos(Duration.between(Instant.now(), deadline));
        return new ContextWait(ObjectIds.of(d), deadline != null, left);
    }

    private boolean isBefore(ContextWait other) {
        return hasDeadline && (!other.hasDeadline || leftNanos < other.leftNanos);
    }

    /** What the context is, in words that follow "a context". */
    String text() {
        if (!hasDeadline) {
            return "without a deadline";
        }
        return leftNanos > 0
                ? "whose deadline is in " + Times.text(leftNanos)
                : "whose deadline has passed";
    }
}
