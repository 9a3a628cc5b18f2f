package dev.jenny.inspect.internal.model;

import dev.jenny.internal.sched.Selection;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Names for the channels of a profile, as {@code jenny chans} has them. A program may make channels
 * without end: the first {@value #LIMIT} that were waited for get their own name, the others share
 * one. Any thread may call.
 */
public final class ChannelNames {
    /** How many channels are told apart. */
    static final int LIMIT = 1_000;

    private final Set<Long> known = ConcurrentHashMap.newKeySet();
    private final String others;

    /**
     * Names of their own.
     *
     * @param others the name of the channels beyond the bound
     */
    public ChannelNames(String others) {
        this.others = others;
    }

    /**
     * The name of the channel that a goroutine has waited for; of a select, of the one that it went
     * on with. {@code ""} for what is no channel, timers among it. Called by that goroutine.
     */
    public String of(Object on) {
        Object o = on instanceof Selection s ? winner(s) : on;
        if (!Objects.kind(o).equals("chan") || o == null) {
            return "";
        }
        if (known.size() >= LIMIT) {
            Long id = ObjectIds.known(o);
            return id != null && known.contains(id) ? "chan#" + id : others;
        }
        long id = ObjectIds.of(o);
        known.add(id);
        return "chan#" + id;
    }

    private static @Nullable Object winner(Selection s) {
        int w = s.winner();
        return w < 0 ? null : s.waiter(w).channel;
    }
}
