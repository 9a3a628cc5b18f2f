package dev.jenny.inspect.internal.model;

import dev.jenny.Goroutine;
import dev.jenny.internal.chan.Channel;
import dev.jenny.internal.sched.Selection;
import dev.jenny.internal.sched.WaitReason;
import dev.jenny.internal.sched.Waiter;
import org.jspecify.annotations.Nullable;

/** Names for what goroutines wait on. */
final class Objects {
    private Objects() {}

    /** What {@code on} is; null for what is no object in the eyes of a user, such as a sleep. */
    static @Nullable ObjectInfo of(@Nullable Object on) {
        String kind = kind(on);
        if (on == null || kind.isEmpty()) {
            return null;
        }
        if (on instanceof Goroutine g) {
            return new ObjectInfo(kind, g.id(), "goroutine " + g.id());
        }
        long id = ObjectIds.of(on);
        return new ObjectInfo(kind, id, text(kind + "#" + id, on));
    }

    /** The kind of {@code on}; {@code ""} if it is no object in the eyes of a user. */
    static String kind(@Nullable Object on) {
        return switch (on) {
            case null -> "";
            case WaitReason r -> "";
            case Waiter w -> "";
            case Channel<?> c -> "chan";
            case Selection s -> "select";
            case Goroutine g -> "goroutine";
            default -> KINDS.get(on.getClass());
        };
    }

    private static final ClassValue<String> KINDS =
            new ClassValue<>() {
                @Override
                protected String computeValue(Class<?> type) {
                    return kindOf(type);
                }
            };

    private static String kindOf(Class<?> type) {
        String name = type.getName();
        if (name.startsWith("dev.jenny.sync.")) {
            return "sync." + type.getSimpleName();
        }
        // The JDK's locks park on an inner class: ReentrantLock$NonfairSync.
        int inner = name.indexOf('$');
        if (name.startsWith("java.util.concurrent.") && inner > 0) {
            name = name.substring(0, inner);
        }
        return name.substring(name.lastIndexOf('.') + 1);
    }

    /** Only Jenny's own classes are asked for their text: others might block or take for ever. */
    private static String text(String name, Object on) {
        if (on instanceof Channel || on.getClass().getName().startsWith("dev.jenny.sync.")) {
            String s = on.toString();
            int bracket = s.indexOf('[');
            return bracket < 0 ? name : name + s.substring(bracket);
        }
        return name;
    }
}
