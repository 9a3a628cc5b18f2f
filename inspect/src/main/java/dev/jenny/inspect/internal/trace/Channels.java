package dev.jenny.inspect.internal.trace;

import dev.jenny.internal.event.Batch;
import dev.jenny.internal.event.Event;
import org.jspecify.annotations.Nullable;

/** Reads what was recorded of channels. */
public final class Channels {
    private Channels() {}

    /**
     * The channel after the operation that event {@code i} tells of, a CHAN_SEND, CHAN_RECV or
     * CHAN_CLOSE; null if its second half is missing.
     */
    public static Sink.@Nullable ChannelState after(Batch b, int i) {
        int more = i + 1;
        if (more >= b.size() || b.type(more) != Event.MORE) {
            return null;
        }
        return new Sink.ChannelState(b.id(i), b.aux(i), b.aux(more), b.id(more));
    }
}
