package dev.jenny.internal.sched;

import org.jspecify.annotations.Nullable;

/** The waiter of one case of a select. */
public final class CaseWaiter extends SideWaiter {
    /** The select. */
    public final Selection selection;

    /** The number of the case. */
    final int index;

    /** The channel of the case, for dumps; null if the select does not wait. */
    public @Nullable Object channel;

    CaseWaiter(Thread thread, @Nullable G g, Selection selection, int index) {
        super(thread, g);
        this.selection = selection;
        this.index = index;
    }
}
