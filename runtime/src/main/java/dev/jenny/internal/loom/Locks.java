package dev.jenny.internal.loom;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.locks.AbstractOwnableSynchronizer;
import java.util.concurrent.locks.AbstractQueuedSynchronizer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What the JDK knows of its locks, monitors and futures: for the tools, when a program is looked
 * into.
 *
 * <p>The JDK keeps it to itself. If {@code java.lang} is open to Jenny, this class opens more
 * packages to it, to read from them only: those of {@code java.util.concurrent}, for the owner of a
 * {@code ReentrantLock} and the like, and {@code jdk.internal.vm}, whose {@code ThreadSnapshot}
 * makes the JDK's own thread dumps. What cannot be had is "unknown" here.
 */
public final class Locks {
    private static final String CONCURRENT = "java.util.concurrent";
    private static final String CONDITION =
            CONCURRENT + ".locks.AbstractQueuedSynchronizer$ConditionObject";
    private static final String LONG_CONDITION =
            CONCURRENT + ".locks.AbstractQueuedLongSynchronizer$ConditionObject";
    private static final @Nullable MethodHandle OWNER;
    private static final @Nullable MethodHandle COUNT;
    private static final @Nullable MethodHandle READERS;
    private static final @Nullable MethodHandle LOCK_OF_CONDITION;
    private static final @Nullable MethodHandle LOCK_OF_LONG_CONDITION;
    private static final @Nullable MethodHandle RUNNER;
    private static final @Nullable MethodHandle TERMINATION;
    private static final @Nullable MethodHandle SYNC_OF_LATCH;
    private static final @Nullable Snapshots SNAPSHOTS;

    static {
        MethodType thread = MethodType.methodType(Thread.class);
        MethodType number = MethodType.methodType(int.class);
        OWNER =
                find(
                        AbstractOwnableSynchronizer.class.getName(),
                        (l, lock) -> l.findVirtual(lock, "getExclusiveOwnerThread", thread));
        COUNT =
                find(
                        AbstractQueuedSynchronizer.class.getName(),
                        (l, lock) -> l.findVirtual(lock, "getState", number));
        String locks = CONCURRENT + ".locks.";
        READERS =
                find(
                        locks + "ReentrantReadWriteLock$Sync",
                        (l, sync) -> l.findVirtual(sync, "getReadLockCount", number));
        LOCK_OF_CONDITION = getter(CONDITION, "this$0", locks + "AbstractQueuedSynchronizer");
        LOCK_OF_LONG_CONDITION =
                getter(LONG_CONDITION, "this$0", locks + "AbstractQueuedLongSynchronizer");
        RUNNER = getter(FutureTask.class.getName(), "runner", "java.lang.Thread");
        TERMINATION =
                getter("java.lang.VirtualThread", "termination", CountDownLatch.class.getName());
        SYNC_OF_LATCH =
                getter(CountDownLatch.class.getName(), "sync", CONCURRENT + ".CountDownLatch$Sync");
        Snapshots snapshots = null;
        try {
            open("jdk.internal.vm");
            snapshots = new Snapshots();
        } catch (ReflectiveOperationException | RuntimeException e) {
            // unknown, then
        }
        SNAPSHOTS = snapshots;
    }

    private Locks() {}

    @FunctionalInterface
    private interface Search {
        MethodHandle in(MethodHandles.Lookup lookup, Class<?> owner)
                throws ReflectiveOperationException;
    }

    /** A handle that takes an object; null if it cannot be had. */
    private static @Nullable MethodHandle find(String owner, Search search) {
        try {
            Class<?> c = Class.forName(owner);
            open(c.getPackageName());
            MethodHandle h = search.in(MethodHandles.privateLookupIn(c, MethodHandles.lookup()), c);
            return h.asType(h.type().changeParameterType(0, Object.class));
        } catch (ReflectiveOperationException | RuntimeException e) {
            return null;
        }
    }

    private static @Nullable MethodHandle getter(String owner, String field, String type) {
        MethodHandle h = find(owner, (l, c) -> l.findGetter(c, field, Class.forName(type)));
        return h == null ? null : h.asType(h.type().changeReturnType(Object.class));
    }

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
        if (owner == null || !(lock instanceof AbstractOwnableSynchronizer)) {
            return null;
        }
        try {
            return (Thread) owner.invokeExact(lock);
        } catch (Throwable t) {
            return null;
        }
    }

    /**
     * The number that the inner object of a latch, semaphore or lock stands at, in the meaning of
     * its class; -1 if unknown.
     */
    public static int count(Object synchronizer) {
        return synchronizer instanceof AbstractQueuedSynchronizer
                ? number(COUNT, synchronizer)
                : -1;
    }

    /** How many read locks are held of a {@code ReentrantReadWriteLock}'s inner one; or -1. */
    public static int readers(Object lock) {
        return lock instanceof AbstractOwnableSynchronizer ? number(READERS, lock) : -1;
    }

    private static int number(@Nullable MethodHandle of, Object o) {
        try {
            return of == null ? -1 : (int) of.invokeExact(o);
        } catch (Throwable t) {
            return -1; // it is of another class
        }
    }

    /** The lock that {@code condition} belongs to, if it is one of the JDK's; null if unknown. */
    public static @Nullable Object lockOf(Object condition) {
        return switch (condition.getClass().getName()) {
            case CONDITION -> get(LOCK_OF_CONDITION, condition);
            case LONG_CONDITION -> get(LOCK_OF_LONG_CONDITION, condition);
            default -> null;
        };
    }

    /** The thread that runs {@code task} at this moment; null if none does, or unknown. */
    public static @Nullable Thread runner(FutureTask<?> task) {
        return (Thread) get(RUNNER, task);
    }

    /**
     * What those park on who wait for the end of {@code vthread}, a virtual thread; null if nobody
     * has yet, or unknown.
     */
    public static @Nullable Object endOf(Thread vthread) {
        Object latch = get(TERMINATION, vthread);
        return latch == null ? null : get(SYNC_OF_LATCH, latch);
    }

    private static @Nullable Object get(@Nullable MethodHandle getter, Object from) {
        try {
            return getter == null ? null : (Object) getter.invokeExact(from);
        } catch (Throwable t) {
            return null;
        }
    }

    /**
     * A monitor in the dump of a thread.
     *
     * @param depth the number of the frame that entered it
     * @param object whose monitor it is
     */
    public record Locked(int depth, Object object) {}

    /**
     * What the JDK's own dump says of a thread at one instant.
     *
     * @param state its state
     * @param stack its frames, the innermost first
     * @param blockedOn the object whose monitor it is about to enter; null if none or unknown
     * @param waitingOn the object whose {@code wait} it called; null if none or unknown
     * @param locked the monitors that its frames have entered, the innermost first. Those that it
     *     has let go of in {@code wait} are still among them.
     */
    public record Snapshot(
            Thread.State state,
            List<StackTraceElement> stack,
            @Nullable Object blockedOn,
            @Nullable Object waitingOn,
            List<Locked> locked) {}

    /**
     * A dump of {@code t}; null if it has ended, or unknown, as it is of a virtual thread that is
     * mounted. Takes some 20 µs.
     */
    public static @Nullable Snapshot snapshot(Thread t) {
        Snapshots s = SNAPSHOTS;
        try {
            return s == null ? null : s.take(t);
        } catch (ReflectiveOperationException | RuntimeException e) {
            return null;
        }
    }

    /**
     * The JDK's dump of a virtual thread crashes the JVM if that is mounted, unmounted or run
     * meanwhile (JDK-8364314, JDK-8364343). So only those are asked that are not mounted, and they
     * are kept so.
     */
    private static final class Snapshots {
        private final Suspension suspension = new Suspension();
        private final Method of;
        private final Method threadState;
        private final Method stackTrace;
        private final Method blockedOn;
        private final Method waitingOn;
        private final Method ownsMonitors;
        private final Method ownedMonitorsAt;

        Snapshots() throws ReflectiveOperationException {
            Class<?> c = Class.forName("jdk.internal.vm.ThreadSnapshot");
            of = method(c, "of", Thread.class);
            threadState = method(c, "threadState");
            stackTrace = method(c, "stackTrace");
            blockedOn = method(c, "blockedOn");
            waitingOn = method(c, "waitingOn");
            ownsMonitors = method(c, "ownsMonitors");
            ownedMonitorsAt = method(c, "ownedMonitorsAt", int.class);
        }

        private static Method method(Class<?> c, String name, Class<?>... parameters)
                throws ReflectiveOperationException {
            Method m = c.getDeclaredMethod(name, parameters);
            m.setAccessible(true);
            return m;
        }

        @Nullable Snapshot take(Thread t) throws ReflectiveOperationException {
            boolean stays = !t.isVirtual() || t == Thread.currentThread();
            Object s = stays ? of.invoke(null, t) : suspension.during(t, u -> of.invoke(null, u));
            if (s == null) {
                return null;
            }
            Thread.State state = (Thread.State) threadState.invoke(s);
            List<StackTraceElement> stack = List.of((StackTraceElement[]) stackTrace.invoke(s));
            List<Locked> locked = new ArrayList<>();
            if ((Boolean) ownsMonitors.invoke(s)) {
                for (int i = 0; i < stack.size(); i++) {
                    int depth = i;
                    ((Stream<?>) ownedMonitorsAt.invoke(s, i)).forEach(o -> add(locked, depth, o));
                }
            }
            boolean waits = state == Thread.State.WAITING || state == Thread.State.TIMED_WAITING;
            return new Snapshot(
                    state,
                    stack,
                    state == Thread.State.BLOCKED ? blockedOn.invoke(s) : null,
                    waits ? waitingOn.invoke(s) : null,
                    locked);
        }

        /** The JDK gives null for a monitor that compiled code did without. */
        private static void add(List<Locked> locked, int depth, @Nullable Object o) {
            if (o != null) {
                locked.add(new Locked(depth, o));
            }
        }
    }
}
