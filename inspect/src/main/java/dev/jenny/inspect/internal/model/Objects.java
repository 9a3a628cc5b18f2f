package dev.jenny.inspect.internal.model;

import static java.util.Objects.requireNonNullElse;

import dev.jenny.Goroutine;
import dev.jenny.internal.chan.Channel;
import dev.jenny.internal.chan.TimerChannel;
import dev.jenny.internal.sched.JdkLocks;
import dev.jenny.internal.sched.Probe;
import dev.jenny.internal.sched.Probe.Primitive;
import dev.jenny.internal.sched.Selection;
import dev.jenny.internal.sched.SideWaiter;
import dev.jenny.internal.sched.WaitReason;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/** Names for what goroutines wait on. */
final class Objects {
    private static final int MAX_CASES = 10;

    private Objects() {}

    /** What {@code on} is; null for what is no object in the eyes of a user, such as a sleep. */
    static @Nullable ObjectInfo of(@Nullable Object on) {
        return info(on, ObjectIds::of);
    }

    /**
     * As {@link #of}, for a query: gives no number to an object that was never shown, since nobody
     * can ask for one; its number is 0 here. Numbers for a million objects would be kept as long as
     * these live.
     */
    static @Nullable ObjectInfo asked(@Nullable Object on) {
        return info(on, o -> requireNonNullElse(ObjectIds.known(o), 0L));
    }

    private static @Nullable ObjectInfo info(@Nullable Object on, ToLongFunction<Object> number) {
        String kind = kind(on);
        if (on == null || kind.isEmpty()) {
            return null;
        }
        if (on instanceof Goroutine g) {
            return new ObjectInfo(kind, g.id(), "goroutine " + g.id());
        }
        long id = number.applyAsLong(on);
        return new ObjectInfo(kind, id, text(kind + "#" + id, on, number));
    }

    /** The monitor of {@code o}. */
    static ObjectInfo monitor(Object o) {
        long id = ObjectIds.of(o);
        return new ObjectInfo("monitor", id, "monitor#" + id + " of " + o.getClass().getName());
    }

    /** An object of any class: its class and number. */
    static String named(Object o) {
        return o.getClass().getName() + "#" + ObjectIds.of(o);
    }

    /** The kind of {@code on}; {@code ""} if it is no object in the eyes of a user. */
    static String kind(@Nullable Object on) {
        return switch (on) {
            case null -> "";
            case WaitReason r -> "";
            case SideWaiter w -> "";
            case TimerChannel t -> "timer";
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
        if (Condition.class.isAssignableFrom(type)) {
            return "Condition";
        }
        // The JDK's locks park on an inner class: ReentrantLock$NonfairSync.
        int inner = name.indexOf('$');
        if (name.startsWith("java.util.concurrent.") && inner > 0) {
            name = name.substring(0, inner);
        }
        return name.substring(name.lastIndexOf('.') + 1);
    }

    /** Asks fields, never a user's toString, which might block or take for ever. */
    private static String text(String name, Object on, ToLongFunction<Object> number) {
        if (on instanceof TimerChannel t) {
            return name + (t.isStopped() ? "[stopped]" : "[running]");
        }
        if (on instanceof Channel<?> c) {
            String s = c.toString();
            return name + s.substring(s.indexOf('['));
        }
        if (on instanceof Selection s) {
            StringBuilder b = new StringBuilder(name).append('[');
            List<Object> channels = s.channels();
            for (int i = 0; i < channels.size() && i < MAX_CASES; i++) {
                Object c = channels.get(i);
                b.append(i == 0 ? "" : ", ").append(kind(c)).append('#');
                b.append(number.applyAsLong(c));
            }
            return b.append(channels.size() > MAX_CASES ? ", …]" : "]").toString();
        }
        Primitive p = Probe.peek(on);
        if (p == null) {
            return name + jdkState(on);
        }
        String state =
                switch (kind(on)) {
                    case "sync.Mutex" -> p.owner() == 0 ? "unlocked" : "locked";
                    case "sync.RWMutex" ->
                            p.held() > 0
                                    ? p.held() + " readers"
                                    : p.owner() == 0 ? "unlocked" : "write-locked";
                    case "sync.Semaphore" -> p.held() + " of " + p.size() + " held";
                    case "sync.WaitGroup" -> Long.toString(p.held());
                    default -> "";
                };
        return state.isEmpty() ? name : name + "[" + state + "]";
    }

    private static String jdkState(Object on) {
        int count = JdkLocks.count(on);
        if (count < 0) {
            return "";
        }
        return switch (kind(on)) {
            case "CountDownLatch" -> "[" + count + "]";
            case "ReentrantLock" -> count == 0 ? "[unlocked]" : "[locked]";
            default -> "";
        };
    }
}
