package dev.jenny.internal.chan;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What a context closes when it is done. A channel like any other; that it is one of these tells
 * the tools when the goroutines that wait for it will go on at the latest.
 */
public final class DoneChannel extends Channel<Void> {
    private final @Nullable Instant deadline;

    /** The channel of a context with this deadline; null if that has none. */
    public DoneChannel(@Nullable Instant deadline) {
        super(0);
        this.deadline = deadline;
    }

    /** When the context will be done at the latest; null if nothing but a cancel ends it. */
    public @Nullable Instant deadline() {
        return deadline;
    }
}
