package dev.jenny.internal.sched;

import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
import org.jspecify.annotations.Nullable;

/**
 * Stands in the {@link Registry} for a parked goroutine that may be collected. Made by {@link
 * Probe#loosen}.
 */
public final class Loose extends WeakReference<G> {
    final int slot;
    private final Object note;

    /** Whether somebody hears of it when the goroutine has been collected. */
    final boolean watched;

    Loose(G g, int slot, Object note, @Nullable ReferenceQueue<? super G> queue) {
        super(g, queue);
        this.slot = slot;
        this.note = note;
        this.watched = queue != null;
    }

    /** What the search noted about the goroutine. It must not lead to it. */
    public Object note() {
        return note;
    }
}
