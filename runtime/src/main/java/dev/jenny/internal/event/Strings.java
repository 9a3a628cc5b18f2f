package dev.jenny.internal.event;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/** The strings of user tasks, regions and logs by number. */
public final class Strings {
    private static final int LIMIT = 1 << 14;
    private static final int MAX_LENGTH = 1000;
    private static final ConcurrentHashMap<String, Integer> IDS = new ConcurrentHashMap<>();
    private static final AtomicReferenceArray<@Nullable String> BY_ID =
            new AtomicReferenceArray<>(LIMIT);
    private static final AtomicInteger LAST = new AtomicInteger();

    // messages are many and seldom twice the same: the last ones only
    private static final int MESSAGES = 1 << 14;
    private static final AtomicReferenceArray<@Nullable Message> MESSAGE =
            new AtomicReferenceArray<>(MESSAGES);
    private static final AtomicInteger NEXT_MESSAGE = new AtomicInteger();

    private record Message(int id, String text) {}

    private Strings() {}

    /** The number of a name; 0, which is the name "", if there are too many already. */
    public static int name(String s) {
        Integer known = IDS.get(s);
        if (known != null) {
            return known;
        }
        if (s.isEmpty() || LAST.get() >= LIMIT - 1) {
            return 0;
        }
        int id = LAST.incrementAndGet();
        if (id >= LIMIT) {
            return 0;
        }
        BY_ID.set(id, cut(s));
        Integer raced = IDS.putIfAbsent(s, id);
        return raced == null ? id : raced;
    }

    /** The name with a number. */
    public static String name(int id) {
        String s = id <= 0 || id >= LIMIT ? null : BY_ID.get(id);
        return s == null ? "" : s;
    }

    /** A number for a message; it is kept until {@value #MESSAGES} more have come. */
    public static int message(String s) {
        int id = NEXT_MESSAGE.getAndIncrement() & Event.AUX_MASK;
        MESSAGE.set(id & (MESSAGES - 1), new Message(id, cut(s)));
        return id;
    }

    /** The message with a number; a note to that effect if it is no longer there. */
    public static String message(int id) {
        Message m = MESSAGE.get(id & (MESSAGES - 1));
        return m != null && m.id == id ? m.text : "(message overwritten)";
    }

    private static String cut(String s) {
        return s.length() <= MAX_LENGTH ? s : s.substring(0, MAX_LENGTH) + "…";
    }
}
