package dev.jenny.inspect.internal.model;

import dev.jenny.internal.chan.Channel;
import java.lang.ref.Reference;
import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Gives objects numbers, by identity, when they are first shown; a channel has its own, by which
 * traces name it. Holds them weakly. Any thread may call.
 */
final class ObjectIds {
    private static final ReferenceQueue<Object> GONE = new ReferenceQueue<>();
    private static final Map<Key, Long> IDS = new ConcurrentHashMap<>();

    private ObjectIds() {}

    /** The number of {@code o}. */
    static long of(Object o) {
        purge();
        Long known = known(o);
        if (known != null) {
            return known;
        }
        long id = o instanceof Channel<?> c ? c.order() : Channel.newNumber();
        Long raced = IDS.putIfAbsent(new Key(o, GONE), id);
        return raced == null ? id : raced;
    }

    /** The number of {@code o}; null if it has none yet. */
    static @Nullable Long known(Object o) {
        return IDS.get(new Key(o, null));
    }

    /** The object with the number {@code id}; null if it is gone or never was. */
    static @Nullable Object find(long id) {
        for (Map.Entry<Key, Long> e : IDS.entrySet()) {
            if (e.getValue() == id) {
                return e.getKey().get();
            }
        }
        return null;
    }

    private static void purge() {
        for (Reference<?> r; (r = GONE.poll()) != null; ) {
            if (r instanceof Key k) {
                IDS.remove(k);
            }
        }
    }

    private static final class Key extends WeakReference<Object> {
        private final int hash;

        Key(Object o, @Nullable ReferenceQueue<Object> queue) {
            super(o, queue);
            this.hash = System.identityHashCode(o);
        }

        @Override
        public int hashCode() {
            return hash;
        }

        @Override
        public boolean equals(@Nullable Object other) {
            if (this == other) {
                return true;
            }
            if (!(other instanceof Key k) || k.hash != hash) {
                return false;
            }
            Object mine = get();
            return mine != null && mine == k.get();
        }
    }
}
