package dev.jenny.internal.event;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * Stacks by number. A stack that was seen before keeps its number, for the life of the JVM.
 *
 * <p>Frames of Jenny's own machinery are left out, so the first frame is the program's line, and
 * the last one is the goroutine's first.
 */
public final class Stacks {
    /** The number of the stack that is not known. */
    public static final int NONE = 0;

    private static final int LIMIT = 1 << 16;
    private static final int MAX_FRAMES = 48;
    private static final String SYNC = "dev.jenny.sync.";
    private static final ConcurrentHashMap<List<StackTraceElement>, Integer> IDS =
            new ConcurrentHashMap<>();
    private static final AtomicReferenceArray<@Nullable List<StackTraceElement>> BY_ID =
            new AtomicReferenceArray<>(LIMIT);
    private static final AtomicInteger LAST = new AtomicInteger();
    private static final StackWalker WALKER = StackWalker.getInstance(Set.of(), 16);

    private Stacks() {}

    /** The number of {@code frames}; {@link #NONE} if it is new and the table is full. */
    public static int intern(List<StackTraceElement> frames) {
        if (frames.isEmpty()) {
            return NONE;
        }
        Integer known = IDS.get(frames);
        if (known != null) {
            return known;
        }
        if (LAST.get() >= LIMIT - 1) {
            return NONE;
        }
        List<StackTraceElement> copy = List.copyOf(frames);
        int id = LAST.incrementAndGet();
        if (id >= LIMIT) {
            return NONE;
        }
        BY_ID.set(id, copy);
        Integer raced = IDS.putIfAbsent(copy, id);
        return raced == null ? id : raced;
    }

    /** The frames of stack {@code id}, the innermost first; empty if there is no such stack. */
    public static List<StackTraceElement> frames(int id) {
        List<StackTraceElement> s = id <= NONE || id >= LIMIT ? null : BY_ID.get(id);
        return s == null ? List.of() : s;
    }

    /** The number of a stack, which may have frames of Jenny's machinery. */
    public static int of(StackTraceElement[] stack) {
        List<StackTraceElement> list = new ArrayList<>();
        for (StackTraceElement f : stack) {
            if (list.size() < MAX_FRAMES && !isMachinery(f.getClassName())) {
                list.add(f);
            }
        }
        return intern(list);
    }

    /** The number of the calling thread's stack. Takes some microseconds. */
    static int here() {
        return intern(walk());
    }

    /** As {@link #here}, in a method of {@code dev.jenny.sync}: without what that calls itself. */
    static int unlockedHere() {
        List<StackTraceElement> frames = walk();
        int own = 0;
        while (own < frames.size() && frames.get(own).getClassName().startsWith(SYNC)) {
            own++;
        }
        return intern(frames.subList(Math.max(0, own - 1), frames.size()));
    }

    private static List<StackTraceElement> walk() {
        return WALKER.walk(frames -> {
            List<StackTraceElement> list = new ArrayList<>();
            frames.filter(f -> !isMachinery(f.getClassName()))
                    .limit(MAX_FRAMES)
                    .forEach(f -> list.add(f.toStackTraceElement()));
            return list;
        });
    }

    private static boolean isMachinery(String c) {
        return c.startsWith("dev.jenny.internal.")
                || c.startsWith("jdk.internal.vm.Continuation")
                || c.startsWith("java.lang.VirtualThread")
                || c.startsWith("java.lang.System$") // through which LockSupport parks
                || c.equals("java.lang.BaseVirtualThread")
                || c.equals("dev.jenny.sync.WaitList")
                || c.equals("dev.jenny.Selector")
                || c.startsWith("dev.jenny.cli.")
                || c.startsWith("jdk.internal.reflect.")
                || c.equals("java.lang.reflect.Method")
                || c.equals("java.util.concurrent.locks.LockSupport");
    }
}
