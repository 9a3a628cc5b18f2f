package dev.jenny.internal.loom;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The one seam to the JDK's virtual threads (decision D3 of the design).
 *
 * <p>A goroutine is a virtual thread whose {@code scheduler} is an {@link Executor} of ours. JDK 25
 * has no public way to say so; this class reaches the package-private factory, and the two fields
 * that the scheduler reads on its hot path, through {@code java.lang} if that package is open to
 * Jenny. If it is not, {@link #CUSTOM} is false and Jenny runs on the JDK's default scheduler.
 *
 * <p>All handles are {@code static final}, so compiled code sees plain field accesses.
 */
public final class Loom {
    /** True if virtual threads can be given a scheduler of ours. */
    public static final boolean CUSTOM;

    /** Why {@link #CUSTOM} is false, in one clause; null if it is true. */
    public static final @Nullable String WHY_NOT;

    /** True if {@link #CUSTOM} is false because the user wants it so. */
    public static final boolean FORCED_OFF = "fallback".equals(System.getProperty("jenny.mode"));

    /** Values of {@code VirtualThread.state} that the scheduler needs to know. */
    private static final int YIELDED = 11;

    private static final int SUSPENDED = 1 << 8;

    private static final @Nullable MethodHandle NEW_THREAD;
    private static final @Nullable MethodHandle CARRIER;
    private static final @Nullable MethodHandle SCHEDULER;
    private static final @Nullable MethodHandle STATE;
    private static final @Nullable MethodHandle OS_YIELD;
    private static final @Nullable Field SCHEDULER_FIELD;

    static {
        MethodHandle newThread = null;
        MethodHandle carrier = null;
        MethodHandle scheduler = null;
        MethodHandle state = null;
        Field schedulerField = null;
        String whyNot = null;
        if (FORCED_OFF) {
            whyNot = "jenny.mode=fallback is set";
        } else if (!Object.class.getModule().isOpen("java.lang", Loom.class.getModule())) {
            whyNot = "java.lang is not open to Jenny";
        } else {
            try {
                Class<?> vthread = Class.forName("java.lang.VirtualThread");
                Class<?> builders = Class.forName("java.lang.ThreadBuilders");
                var lookup = MethodHandles.privateLookupIn(vthread, MethodHandles.lookup());
                newThread =
                        lookup.findStatic(
                                builders,
                                "newVirtualThread",
                                MethodType.methodType(
                                        Thread.class,
                                        Executor.class,
                                        String.class,
                                        int.class,
                                        Runnable.class));
                carrier =
                        lookup.findGetter(vthread, "carrierThread", Thread.class)
                                .asType(MethodType.methodType(Thread.class, Thread.class));
                scheduler =
                        lookup.findGetter(vthread, "scheduler", Executor.class)
                                .asType(MethodType.methodType(Executor.class, Thread.class));
                state =
                        lookup.findGetter(vthread, "state", int.class)
                                .asType(MethodType.methodType(int.class, Thread.class));
                schedulerField = vthread.getDeclaredField("scheduler");
                schedulerField.setAccessible(true);
            } catch (ReflectiveOperationException | RuntimeException e) {
                whyNot = "this JDK's virtual threads have another shape (" + e + ")";
            }
        }
        CUSTOM = whyNot == null;
        WHY_NOT = whyNot;
        NEW_THREAD = newThread;
        CARRIER = carrier;
        SCHEDULER = scheduler;
        STATE = state;
        OS_YIELD = CUSTOM ? findOsYield() : null;
        SCHEDULER_FIELD = schedulerField;
    }

    private Loom() {}

    private static @Nullable MethodHandle findOsYield() {
        try {
            return MethodHandles.privateLookupIn(Thread.class, MethodHandles.lookup())
                    .findStatic(Thread.class, "yield0", MethodType.methodType(void.class));
        } catch (ReflectiveOperationException | RuntimeException e) {
            return null; // osYield does without
        }
    }

    /** An unstarted virtual thread whose every continuation is submitted to {@code scheduler}. */
    @SuppressWarnings("NullAway") // the handles are non-null in custom mode
    public static Thread newVirtualThread(Executor scheduler, Runnable task) {
        if (!CUSTOM) {
            return Thread.ofVirtual().unstarted(task);
        }
        try {
            return (Thread) NEW_THREAD.invokeExact(scheduler, (String) null, 0, task);
        } catch (Throwable t) {
            throw rethrow(t);
        }
    }

    /** The platform thread that carries {@code vthread} now, or null. Custom mode only. */
    @SuppressWarnings("NullAway")
    public static @Nullable Thread carrier(Thread vthread) {
        try {
            return (Thread) CARRIER.invokeExact(vthread);
        } catch (Throwable t) {
            throw rethrow(t);
        }
    }

    /**
     * Lets the operating system run another thread in place of the one that carries the caller, who
     * stays mounted. Where that cannot be had it is {@code Thread.yield}, which unmounts.
     */
    public static void osYield() {
        MethodHandle yield = OS_YIELD;
        if (yield == null) {
            Thread.yield();
            return;
        }
        try {
            yield.invokeExact();
        } catch (Throwable t) {
            throw rethrow(t);
        }
    }

    /** The scheduler of a virtual thread. Custom mode only. */
    @SuppressWarnings("NullAway")
    public static Executor scheduler(Thread vthread) {
        try {
            return (Executor) SCHEDULER.invokeExact(vthread);
        } catch (Throwable t) {
            throw rethrow(t);
        }
    }

    /** True if {@code vthread} is unmounted because it called {@code Thread.yield}. */
    @SuppressWarnings("NullAway")
    public static boolean hasYielded(Thread vthread) {
        try {
            return ((int) STATE.invokeExact(vthread) & ~SUSPENDED) == YIELDED;
        } catch (Throwable t) {
            throw rethrow(t);
        }
    }

    /** True while {@code vthread}, not mounted, is kept from being run, for a look at its stack. */
    @SuppressWarnings("NullAway")
    public static boolean isSuspended(Thread vthread) {
        try {
            return ((int) STATE.invokeExact(vthread) & SUSPENDED) != 0;
        } catch (Throwable t) {
            throw rethrow(t);
        }
    }

    /**
     * The virtual thread that a continuation task belongs to, or null if it cannot be told. The
     * task is the JDK's {@code this::runContinuation}; the thread is its only captured argument.
     */
    public static @Nullable Thread threadOf(Runnable continuation) {
        try {
            for (Field f : continuation.getClass().getDeclaredFields()) {
                if (Thread.class.isAssignableFrom(f.getType())) {
                    f.setAccessible(true);
                    return (Thread) f.get(continuation);
                }
            }
        } catch (ReflectiveOperationException | RuntimeException e) {
            // the caller runs the thread without adopting it
        }
        return null;
    }

    /**
     * Gives a virtual thread another scheduler. Legal only before its first run or from its current
     * scheduler's {@code execute}, when nobody else can be submitting it.
     *
     * @return false if the JDK does not let us
     */
    @SuppressWarnings("NullAway")
    public static boolean setScheduler(Thread vthread, Executor scheduler) {
        try {
            SCHEDULER_FIELD.set(vthread, scheduler);
            return true;
        } catch (ReflectiveOperationException | RuntimeException e) {
            return false;
        }
    }

    /**
     * True if {@code child} is one of the JDK's socket sub-pollers: virtual threads that the first
     * thread to block on a socket starts, and that are no goroutines of the program.
     */
    public static boolean isPoller(Thread child) {
        return child.getName().startsWith("SubPoller-");
    }

    /**
     * Exports a package of {@code java.base} to this module. Who may use the internals of {@code
     * java.lang} may do that.
     */
    static void export(String packageName) throws ReflectiveOperationException {
        share("implAddExports", packageName);
    }

    /** Like {@link #export}, and also gives access to what is private there. */
    static void open(String packageName) throws ReflectiveOperationException {
        share("implAddOpens", packageName);
    }

    private static void share(String method, String packageName)
            throws ReflectiveOperationException {
        MethodHandle share =
                MethodHandles.privateLookupIn(Module.class, MethodHandles.lookup())
                        .findVirtual(
                                Module.class,
                                method,
                                MethodType.methodType(void.class, String.class, Module.class));
        try {
            share.invokeExact(Object.class.getModule(), packageName, Loom.class.getModule());
        } catch (Throwable t) {
            throw rethrow(t);
        }
    }

    /** The handlers of signals that are set in this JVM; null if unknown. */
    public static @Nullable Map<Object, Object> signalHandlers() {
        try {
            open("jdk.internal.misc");
            Field f = Class.forName("jdk.internal.misc.Signal").getDeclaredField("handlers");
            f.setAccessible(true);
            return f.get(null) instanceof Map<?, ?> m ? new HashMap<>(m) : null;
        } catch (ReflectiveOperationException | RuntimeException e) {
            return null;
        }
    }

    /**
     * How many virtual threads live, on whatever scheduler; -1 if the JDK does not tell, which it
     * does only in custom mode. One that has just ended may still count.
     */
    public static long virtualThreadCount() {
        try {
            open("jdk.internal.vm");
            Class<?> containers = Class.forName("jdk.internal.vm.ThreadContainers");
            Class<?> container = Class.forName("jdk.internal.vm.ThreadContainer");
            Object root = containers.getMethod("root").invoke(null);
            Method threads = container.getMethod("threads");
            Method children = container.getMethod("children");
            return inRoot(root) + below(root, threads, children);
        } catch (ReflectiveOperationException | RuntimeException e) {
            return -1;
        }
    }

    /**
     * Of the root container, the JDK's own count: it publishes only one with the platform threads
     * in it, which start and end meanwhile.
     */
    private static long inRoot(Object root) throws ReflectiveOperationException {
        for (Field f : root.getClass().getDeclaredFields()) {
            if (f.getName().equals("VTHREAD_COUNT")) {
                f.setAccessible(true);
                return ((LongAdder) f.get(null)).sum();
            }
            if (f.getName().equals("VTHREADS")) { // with jdk.trackAllThreads
                f.setAccessible(true);
                return ((Set<?>) f.get(null)).size();
            }
        }
        throw new NoSuchFieldException(root.getClass().getName());
    }

    private static long below(Object container, Method threads, Method children)
            throws ReflectiveOperationException {
        long n = 0;
        for (Object child : ((Stream<?>) children.invoke(container)).toList()) {
            Stream<?> all = (Stream<?>) threads.invoke(child);
            n += all.filter(t -> ((Thread) t).isVirtual()).count();
            n += below(child, threads, children);
        }
        return n;
    }

    @SuppressWarnings("unchecked")
    public static <T extends Throwable> RuntimeException rethrow(Throwable t) throws T {
        throw (T) t;
    }
}
