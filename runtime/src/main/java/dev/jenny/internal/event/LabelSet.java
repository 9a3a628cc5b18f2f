package dev.jenny.internal.event;

import java.util.AbstractMap;
import java.util.Collections;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * The labels of a goroutine that has any: an immutable map, sorted by name, with a number for the
 * trace.
 *
 * <p>A set gets its number when it is first recorded. The first {@link Event#MAX_LABELS} sets keep
 * theirs for the life of the JVM, and equal sets share one, so that a START has room for it. What
 * comes after them, as when labels name single requests, has numbers that do not fit there and are
 * given again after {@value #RECENT} more.
 */
public final class LabelSet extends AbstractMap<String, String> {
    private static final int RECENT = 1 << 14;
    private static final ConcurrentHashMap<LabelSet, Integer> IDS = new ConcurrentHashMap<>();
    private static final AtomicReferenceArray<@Nullable LabelSet> BY_ID =
            new AtomicReferenceArray<>(Event.MAX_LABELS + 1);
    private static final AtomicInteger LAST = new AtomicInteger();
    private static final AtomicReferenceArray<@Nullable Late> LATE =
            new AtomicReferenceArray<>(RECENT);
    private static final AtomicInteger NEXT_LATE = new AtomicInteger();

    private record Late(int id, LabelSet set) {}

    private final Map<String, String> map;

    /** 0 if it has none yet. Written by any thread; two that race give it one after the other. */
    private int number;

    private LabelSet(Map<String, String> map) {
        this.map = map;
    }

    /** {@code labels} as a set of its own; without labels, {@link Map#of()}. */
    public static Map<String, String> copyOf(Map<String, String> labels) {
        return labels.isEmpty()
                ? Map.of()
                : new LabelSet(Collections.unmodifiableMap(new TreeMap<>(labels)));
    }

    /** The number of {@code labels}, which come from {@link #copyOf}; 0 if there are none. */
    public static int number(Map<String, String> labels) {
        return labels instanceof LabelSet s ? s.number() : 0;
    }

    /** The labels with a number; null if it has been given to others meanwhile. */
    public static @Nullable Map<String, String> of(int number) {
        if (number <= 0) {
            return Map.of();
        }
        if (number <= Event.MAX_LABELS) {
            return BY_ID.get(number);
        }
        Late late = LATE.get(number & (RECENT - 1));
        return late != null && late.id == number ? late.set : null;
    }

    private int number() {
        int n = number;
        if (n == 0 || (n > Event.MAX_LABELS && of(n) != this)) {
            number = n = assign();
        }
        return n;
    }

    private int assign() {
        Integer known = IDS.get(this);
        if (known != null) {
            return known;
        }
        if (LAST.get() < Event.MAX_LABELS) {
            int id = LAST.incrementAndGet();
            if (id <= Event.MAX_LABELS) {
                BY_ID.set(id, this);
                Integer raced = IDS.putIfAbsent(this, id);
                return raced == null ? id : raced;
            }
        }
        int room = Event.AUX_MASK - Event.LABELS_FOLLOW;
        int id = Event.LABELS_FOLLOW + 1 + Math.floorMod(NEXT_LATE.getAndIncrement(), room);
        LATE.set(id & (RECENT - 1), new Late(id, this));
        return id;
    }

    @Override
    public Set<Entry<String, String>> entrySet() {
        return map.entrySet();
    }

    @Override
    public @Nullable String get(@Nullable Object key) {
        return key == null ? null : map.get(key);
    }

    @Override
    public boolean containsKey(@Nullable Object key) {
        return key != null && map.containsKey(key);
    }
}
