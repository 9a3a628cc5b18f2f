package dev.jenny.internal.chan;

import java.lang.ref.Reference;
import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;

/**
 * All channels that a program has made and still uses, for tools: otherwise they find a channel
 * only by a goroutine that waits on it. Kept only under {@code -Djenny.channels=all}, since it
 * costs memory for each channel. Holds them weakly. Any thread may call.
 */
public final class ChannelRegistry {
    /** Whether channels are kept; a constant to the JIT compiler, so that off costs nothing. */
    public static final boolean ON = "all".equals(System.getProperty("jenny.channels"));

    private static final ChannelRegistry ALL = new ChannelRegistry();

    private final ReferenceQueue<Channel<?>> gone = new ReferenceQueue<>();

    /** References are equal by identity: a channel is added once. */
    private final Set<Reference<?>> known = ConcurrentHashMap.newKeySet();

    ChannelRegistry() {}

    /** Keeps {@code ch}, which has just been made, if channels are kept. */
    public static <T> Channel<T> made(Channel<T> ch) {
        if (ON) {
            ALL.add(ch);
        }
        return ch;
    }

    /** Gives the channels to {@code visit}, in no order, until it returns false. */
    public static void visit(Predicate<? super Channel<?>> visit) {
        ALL.visitAll(visit);
    }

    void add(Channel<?> ch) {
        purge();
        known.add(new WeakReference<Channel<?>>(ch, gone));
    }

    void visitAll(Predicate<? super Channel<?>> visit) {
        for (Reference<?> r : known) {
            if (r.get() instanceof Channel<?> ch && !visit.test(ch)) {
                return;
            }
        }
    }

    void purge() {
        for (Reference<?> r; (r = gone.poll()) != null; ) {
            known.remove(r);
        }
    }

    int size() {
        return known.size();
    }
}
