package dev.jenny.internal.loom;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.AbstractOwnableSynchronizer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Who holds the JDK's locks and monitors: for the tools, when a program is looked into.
 *
 * <p>The JDK keeps both to itself. If {@code java.lang} is open to Jenny, this class opens two more
 * packages to it, to read from them only: {@code java.util.concurrent.locks}, for the owner of a
 * {@code ReentrantLock}, and {@code jdk.internal.vm}, whose {@code ThreadSnapshot} makes the JDK's
 * own thread dumps. If that fails, the answers here are "unknown".
 */
public final class Locks {
    private static final @Nullable MethodHandle OWNER;
    private static final @Nullable Snapshots SNAPSHOTS;

    static {
        MethodHandle owner = null;
        Snapshots snapshots = null;
        try {
            open("java.util.concurrent.locks");
            owner =
                    MethodHandles.privateLookupIn(
                                    AbstractOwnableSynchronizer.class, MethodHandles.lookup())
                            .findVirtual(
                                    AbstractOwnableSynchronizer.class,
                                    "getExclusiveOwnerThread",
                                    MethodType.methodType(Thread.class));
        } catch (ReflectiveOperationException | RuntimeException e) {
            // unknown, then
        }
        try {
            open("jdk.internal.vm");
            snapshots = new Snapshots();
        } catch (ReflectiveOperationException | RuntimeException e) {
            // unknown, then
        }
        OWNER = owner;
        SNAPSHOTS = snapshots;
    }

    private Locks() {}

    /** {@code Module.implAddOpens}, which needs {@code java.lang} to be open already. */
    private static void open(String packageName) throws ReflectiveOperationException {
        Module base = Object.class.getModule();
        Module mine = Locks.class.getModule();
        if (!base.isOpen(packageName, mine)) {
            Method m = Module.class.getDeclaredMethod("implAddOpens", String.class, Module.class);
            m.setAccessible(true);
            m.invoke(base, packageName, mine);
        }
    }

    /**
     * The thread that holds a lock such as a {@code ReentrantLock}'s inner one; null if unknown.
     */
    public static @Nullable Thread owner(Object lock) {
        MethodHandle owner = OWNER;
        if (owner == null || !(lock instanceof AbstractOwnableSynchronizer s)) {
            return null;
        }
        try {
            return (Thread) owner.invokeExact(s);
        } catch (Throwable t) {
            return null;
        }
    }

    /** The object whose monitor {@code t} waits to enter; null if none or unknown. */
    public static @Nullable Object blockedOn(Thread t) {
        Snapshots s = SNAPSHOTS;
        return s == null ? null : s.blockedOn(t);
    }

    /** The objects whose monitors {@code t} holds; empty if none or unknown. Takes some 20 µs. */
    public static List<Object> held(Thread t) {
        Snapshots s = SNAPSHOTS;
        return s == null ? List.of() : s.held(t);
    }

    private static final class Snapshots {
        private final Method of;
        private final Method blockedOn;
        private final Method stackTrace;
        private final Method ownsMonitors;
        private final Method ownedMonitorsAt;

        Snapshots() throws ReflectiveOperationException {
            Class<?> c = Class.forName("jdk.internal.vm.ThreadSnapshot");
            of = method(c, "of", Thread.class);
            blockedOn = method(c, "blockedOn");
            stackTrace = method(c, "stackTrace");
            ownsMonitors = method(c, "ownsMonitors");
            ownedMonitorsAt = method(c, "ownedMonitorsAt", int.class);
        }

        private static Method method(Class<?> c, String name, Class<?>... parameters)
                throws ReflectiveOperationException {
            Method m = c.getDeclaredMethod(name, parameters);
            m.setAccessible(true);
            return m;
        }

        @Nullable Object blockedOn(Thread t) {
            try {
                Object snapshot = of.invoke(null, t);
                return snapshot == null ? null : blockedOn.invoke(snapshot);
            } catch (ReflectiveOperationException | RuntimeException e) {
                return null;
            }
        }

        List<Object> held(Thread t) {
            List<Object> objects = new ArrayList<>();
            try {
                Object snapshot = of.invoke(null, t);
                if (snapshot != null && (Boolean) ownsMonitors.invoke(snapshot)) {
                    int depth = ((StackTraceElement[]) stackTrace.invoke(snapshot)).length;
                    for (int i = 0; i < depth; i++) {
                        ((Stream<?>) ownedMonitorsAt.invoke(snapshot, i)).forEach(objects::add);
                    }
                }
            } catch (ReflectiveOperationException | RuntimeException e) {
                // what was found so far
            }
            return objects;
        }
    }
}
