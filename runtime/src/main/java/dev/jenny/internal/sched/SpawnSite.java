package dev.jenny.internal.sched;

import dev.jenny.internal.event.SiteStats;
import dev.jenny.internal.event.Stacks;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Where in the program a goroutine was created: the {@code created by} line of dumps.
 *
 * <p>Walking the stack at every {@code go} would cost more than the goroutine. A lambda's class
 * belongs to one place in the source, so the site is looked up by the task's class, and walked for
 * only when the class is new and after 1, 2, 4, 8 … more goroutines, to check. A class that is once
 * found at two places (say a named {@code Task} class started here and there) is walked for every
 * time from then on.
 */
public final class SpawnSite {
    private static final Set<String> HIDDEN =
            Set.of("dev.jenny", "dev.jenny.sync", "dev.jenny.context", "dev.jenny.time");
    private static final StackWalker WALKER =
            StackWalker.getInstance(Set.of(StackWalker.Option.RETAIN_CLASS_REFERENCE), 8);

    private static final ClassValue<Entry> BY_TASK =
            new ClassValue<>() {
                @Override
                protected Entry computeValue(Class<?> type) {
                    return new Entry();
                }
            };

    private static final class Entry {
        final AtomicInteger uses = new AtomicInteger();
        volatile @Nullable SpawnSite site;
        volatile boolean many;
    }

    /** All sites, so that each place in the program is one object. */
    private static final ConcurrentHashMap<SpawnSite, SpawnSite> ALL = new ConcurrentHashMap<>();

    /** What is counted for the goroutines of this site. */
    public final SiteStats stats = new SiteStats();

    private int stack; // a race computes it twice, with the same result
    private final String className;
    private final String methodName;
    private final @Nullable String fileName;
    private final int line;

    private SpawnSite(StackWalker.StackFrame f) {
        this.className = f.getClassName();
        this.methodName = f.getMethodName();
        this.fileName = f.getFileName();
        this.line = f.getLineNumber();
    }

    /** The site of the {@code go} that is being executed for {@code task}. */
    static @Nullable SpawnSite of(Object task) {
        Entry e = BY_TASK.get(task.getClass());
        SpawnSite known = e.site;
        if (known != null && !e.many) {
            // a plain race on uses only moves the checks
            int n = e.uses.getPlain() + 1;
            e.uses.setPlain(n);
            if ((n & (n - 1)) != 0) {
                return known;
            }
        }
        SpawnSite here = walk();
        if (known == null) {
            e.site = here;
        } else if (here != null && !here.equals(known)) {
            e.many = true;
        }
        return here;
    }

    private static @Nullable SpawnSite walk() {
        return WALKER.walk(frames ->
                frames.filter(f -> !isOurs(f.getDeclaringClass()))
                        .findFirst()
                        .map(SpawnSite::new)
                        .map(SpawnSite::interned)
                        .orElse(null));
    }

    private static SpawnSite interned(SpawnSite s) {
        SpawnSite known = ALL.putIfAbsent(s, s);
        return known == null ? s : known;
    }

    /** Every site at which a goroutine was started so far. */
    public static Collection<SpawnSite> all() {
        return Collections.unmodifiableCollection(ALL.values());
    }

    /** The number of this site in {@link Stacks}: a stack of one frame. */
    public int stack() {
        int s = stack;
        if (s == Stacks.NONE) {
            StackTraceElement frame = new StackTraceElement(className, methodName, fileName, line);
            stack = s = Stacks.intern(List.of(frame));
        }
        return s;
    }

    private static boolean isOurs(Class<?> c) {
        String p = c.getPackageName();
        if (p.startsWith("jdk.internal.") || Thread.class.isAssignableFrom(c)) {
            return true; // started by a timer: nobody's code is on the stack
        }
        return p.startsWith("dev.jenny.internal.") || (HIDDEN.contains(p) && isLibrary(c));
    }

    /** On the class path, a user's or test's class may share a package name with the library. */
    private static boolean isLibrary(Class<?> c) {
        return c.getModule() == SpawnSite.class.getModule()
                && c.getProtectionDomain() == SpawnSite.class.getProtectionDomain();
    }

    /** {@code package.Class.method}. */
    public String function() {
        return className + "." + methodName;
    }

    /** {@code File.java:12}. */
    public String location() {
        return (fileName == null ? "Unknown Source" : fileName) + (line > 0 ? ":" + line : "");
    }

    @Override
    public boolean equals(@Nullable Object o) {
        return o instanceof SpawnSite s
                && line == s.line
                && className.equals(s.className)
                && methodName.equals(s.methodName);
    }

    @Override
    public int hashCode() {
        return className.hashCode() * 31 + line;
    }

    @Override
    public String toString() {
        return function() + "(" + location() + ")";
    }
}
