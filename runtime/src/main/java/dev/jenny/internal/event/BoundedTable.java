package dev.jenny.internal.event;

import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;
import java.util.function.Supplier;

/**
 * The entries of a profile, which must not grow without end. Details, such as labels, may name
 * single requests: keys with details find room in a quarter of the table only, after which they are
 * entered without; keys that find no room at all share one for the rest. What is in the table stays
 * there.
 *
 * <p>Threads that enter at the same instant may exceed a bound by one each. All methods may be
 * called from any thread; values must allow that themselves.
 *
 * @param <K> the keys, immutable, with {@code equals}
 * @param <V> what is kept for each
 */
public final class BoundedTable<K, V> {
    /** How many entries the table of a profile has. */
    public static final int LIMIT = 1 << 14;

    /**
     * What becomes of keys that find no room.
     *
     * @param <K> the keys
     */
    public interface Keys<K> {
        /** Whether {@code key} has details. */
        boolean isDetailed(K key);

        /** {@code key} without details. */
        K plain(K key);

        /** The key that it shares with all others that find no room; few different ones. */
        K rest(K key);
    }

    private final ConcurrentHashMap<K, V> entries = new ConcurrentHashMap<>();
    private final int limit;
    private final Keys<K> keys;
    private final Supplier<V> fresh;

    /**
     * An empty table.
     *
     * @param limit how many entries it may have, not counting those for the rest
     * @param fresh makes the value of a new entry
     */
    public BoundedTable(int limit, Keys<K> keys, Supplier<V> fresh) {
        this.limit = limit;
        this.keys = keys;
        this.fresh = fresh;
    }

    /** The value of {@code key}, or of what stands in for it. */
    public V get(K key) {
        K k = key;
        V known = entries.get(k);
        if (known == null && keys.isDetailed(k) && entries.size() >= limit / 4) {
            k = keys.plain(k);
            known = entries.get(k);
        }
        if (known == null) {
            if (entries.size() >= limit) {
                k = keys.rest(k);
            }
            known = entries.computeIfAbsent(k, x -> fresh.get());
        }
        return known;
    }

    /** Calls {@code action} for each entry. */
    public void forEach(BiConsumer<? super K, ? super V> action) {
        entries.forEach(action);
    }

    /** Forgets all entries. */
    public void clear() {
        entries.clear();
    }
}
