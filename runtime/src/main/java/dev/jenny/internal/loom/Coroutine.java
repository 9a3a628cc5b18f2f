package dev.jenny.internal.loom;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.invoke.VarHandle;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.util.Set;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Parks, wakes and runs a virtual thread without the detours of {@code LockSupport} and {@code
 * VirtualThread.runContinuation}.
 *
 * <p>This is not a second protocol: it moves the same words of the same {@code VirtualThread}
 * ({@code state}, {@code parkPermit}, {@code carrierThread}) through the JDK's own transitions, and
 * leaves out what one of our wake-ups does not need. Whatever the JDK does to the thread meanwhile
 * (interrupt, {@code LockSupport.unpark}, stack traces, JVMTI) meets states that it knows.
 *
 * <p><b>Park</b> (the thread itself): {@code state = PARKING}, yield the continuation as {@code
 * VirtualThread.yieldContinuation} does, in one frame instead of three. Its carrier then sets
 * {@code PARKED}, a full fence, and looks at {@code parkPermit}: if set, it tries to claim the
 * thread.
 *
 * <p><b>Wake</b> (anyone): if the thread is {@code PARKED}, try to claim it, and queue it. Else
 * {@code parkPermit = true}, a full fence, and look at {@code state} again: if {@code PARKED} or
 * {@code TIMED_PARKED} by now, try to claim the thread, and queue it. (A waker may come so late
 * that its wait is over, and the thread parks in JDK code, perhaps with a time limit. It is claimed
 * there as well: the JDK takes a permit for a claim under way, and would leave the thread to it.)
 * Of carrier and waker, at least one sees the other's write. What the waker wrote before is seen by
 * the thread once it runs, by the claim or by the permit.
 *
 * <p><b>Claim</b>: a CAS from {@code PARKED} or {@code TIMED_PARKED} to {@code UNPARKED}. So a
 * thread is queued once. A thread that is suspended for a stack trace cannot be claimed; its permit
 * stays, and the JDK claims and resubmits it afterwards.
 *
 * <p><b>Run</b> (a carrier that took the thread from a queue; the thread may be in another one as
 * well, for who has looked at its stack while it was runnable queues it again): by CAS to {@code
 * RUNNING}, after clearing the permit. The CAS is a full fence: if the clearing wipes out a waker's
 * permit, then what the waker wrote before it is seen by the thread once it runs. If the CAS fails,
 * the permit that was cleared may have been that of a later wait: {@link #claim} then behaves like
 * a waker.
 *
 * <p>Unlike the JDK, unmounting does not take {@code interruptLock}, unless the thread has been
 * interrupted. An interrupt that comes at that instant may set the carrier's interrupt status
 * instead: the carrier waits until that is done and clears it before it mounts the next thread.
 */
public final class Coroutine {
    // VirtualThread.state
    private static final int STARTED = 1;
    private static final int RUNNING = 2;
    private static final int PARKING = 3;
    private static final int PARKED = 4;
    private static final int PINNED = 5;
    private static final int TIMED_PARKED = 7;
    private static final int TIMED_PINNED = 8;
    private static final int UNPARKED = 9;
    private static final int YIELDING = 10;
    private static final int YIELDED = 11;
    private static final int BLOCKING = 12;
    private static final int UNBLOCKED = 14;

    /** Set besides, while a stack is being looked at. */
    private static final int SUSPENDED = 1 << 8;

    /** What a goroutine that {@link #run} has run did in the end. */
    public enum Stop {
        /** It parks: the caller must call {@link #parked}. */
        PARKING,
        /** It called {@code Thread.yield} and is to be queued. */
        YIELDED,
        /** It waits in JDK code, but not in a park without a limit: call {@link #blocked}. */
        BLOCKING,
        /** It has ended. */
        ENDED
    }

    /** What a goroutine that {@link #claim} was asked for has waited for. */
    public enum Claim {
        /** It was not runnable, and has not been claimed. */
        NONE,
        /** For its turn: it had called {@code Thread.yield}. */
        YIELDED,
        /** For something that has come; or it has not run yet. */
        WOKEN
    }

    /** True if virtual threads can be driven directly. */
    public static final boolean AVAILABLE;

    /** Why {@link #AVAILABLE} is false, in one clause; null if it is true. */
    public static final @Nullable String WHY_NOT;

    private static final @Nullable MethodHandle GET_STATE;
    private static final @Nullable MethodHandle SET_STATE;
    private static final @Nullable MethodHandle SET_STATE_OPAQUE;
    private static final @Nullable MethodHandle CAS_STATE;
    private static final @Nullable MethodHandle GET_PERMIT;
    private static final @Nullable MethodHandle SET_PERMIT;
    private static final @Nullable MethodHandle SET_PERMIT_OPAQUE;
    private static final @Nullable MethodHandle SET_CARRIER;
    private static final @Nullable MethodHandle SET_BLOCK_PERMIT;
    private static final @Nullable MethodHandle TIMEOUT_TASK;
    private static final @Nullable MethodHandle CANCEL_TIMEOUT;
    private static final @Nullable MethodHandle INTERRUPTED;
    private static final @Nullable MethodHandle INTERRUPT_LOCK;
    private static final @Nullable MethodHandle SET_CURRENT;
    private static final @Nullable MethodHandle CONTINUATION;
    private static final @Nullable MethodHandle ENTER;
    private static final @Nullable MethodHandle SET_MOUNTED;
    private static final @Nullable MethodHandle GET_TAIL;
    private static final @Nullable MethodHandle SET_TAIL;
    private static final @Nullable MethodHandle GET_CACHE;
    private static final @Nullable MethodHandle SET_CACHE;
    private static final @Nullable MethodHandle CARRIER_CACHE;
    private static final @Nullable MethodHandle SET_CARRIER_CACHE;
    private static final @Nullable MethodHandle IS_DONE;
    private static final @Nullable MethodHandle STACK;
    private static final @Nullable MethodHandle WALKER;

    /**
     * {@code Continuation.doYield}. Not final, so that the JIT compilers leave the call a call: its
     * frame of 32 bytes keeps the frames of the goroutine's code one further down. A goroutine that
     * began when the JVM was new has interpreted frames at the bottom for good. Then the JVM thaws
     * the two topmost frames only, and freezes fast if these are compiled ones.
     */
    private static @Nullable MethodHandle doYield;

    private static final @Nullable MethodHandle JVMTI_MOUNT;
    private static final @Nullable MethodHandle JVMTI_UNMOUNT;
    private static final @Nullable MethodHandle MOUNT_INTERRUPT;
    private static final @Nullable MethodHandle UNMOUNT_INTERRUPT;
    private static final @Nullable MethodHandle AFTER_YIELD;
    private static final @Nullable MethodHandle AFTER_DONE;

    static {
        Handles h = null;
        String whyNot = null;
        if (!Loom.CUSTOM) {
            whyNot = Loom.WHY_NOT;
        } else if ("false".equals(System.getProperty("jenny.direct"))) {
            whyNot = "jenny.direct=false is set";
        } else {
            try {
                h = new Handles();
                whyNot = h.agent();
            } catch (Throwable t) {
                whyNot = "this JDK's virtual threads have another shape (" + t + ")";
            }
        }
        if (whyNot != null) {
            h = null;
        }
        WHY_NOT = whyNot;
        AVAILABLE = h != null;
        GET_STATE = h == null ? null : h.getState;
        SET_STATE = h == null ? null : h.setState;
        SET_STATE_OPAQUE = h == null ? null : h.setStateOpaque;
        CAS_STATE = h == null ? null : h.casState;
        GET_PERMIT = h == null ? null : h.getPermit;
        SET_PERMIT = h == null ? null : h.setPermit;
        SET_PERMIT_OPAQUE = h == null ? null : h.setPermitOpaque;
        SET_CARRIER = h == null ? null : h.setCarrier;
        SET_BLOCK_PERMIT = h == null ? null : h.setBlockPermit;
        TIMEOUT_TASK = h == null ? null : h.timeoutTask;
        CANCEL_TIMEOUT = h == null ? null : h.cancelTimeout;
        INTERRUPTED = h == null ? null : h.interrupted;
        INTERRUPT_LOCK = h == null ? null : h.interruptLock;
        SET_CURRENT = h == null ? null : h.setCurrent;
        CONTINUATION = h == null ? null : h.continuation;
        ENTER = h == null ? null : h.enter;
        SET_MOUNTED = h == null ? null : h.setMounted;
        GET_TAIL = h == null ? null : h.getTail;
        SET_TAIL = h == null ? null : h.setTail;
        GET_CACHE = h == null ? null : h.getCache;
        SET_CACHE = h == null ? null : h.setCache;
        CARRIER_CACHE = h == null ? null : h.carrierCache;
        SET_CARRIER_CACHE = h == null ? null : h.setCarrierCache;
        IS_DONE = h == null ? null : h.isDone;
        STACK = h == null ? null : h.stack;
        WALKER = h == null ? null : h.walker;
        doYield = h == null ? null : h.doYield;
        JVMTI_MOUNT = h == null ? null : h.jvmtiMount;
        JVMTI_UNMOUNT = h == null ? null : h.jvmtiUnmount;
        MOUNT_INTERRUPT = h == null ? null : h.setInterrupt;
        UNMOUNT_INTERRUPT = h == null ? null : h.clearInterrupt;
        AFTER_YIELD = h == null ? null : h.afterYield;
        AFTER_DONE = h == null ? null : h.afterDone;
    }

    private static final Set<StackWalker.Option> CLASSES =
            Set.of(StackWalker.Option.RETAIN_CLASS_REFERENCE);

    private Coroutine() {}

    /** Finds the handles. A class of its own, so that the fields above can be final. */
    private static final class Handles {
        final MethodHandle getState;
        final MethodHandle setState;
        final MethodHandle setStateOpaque;
        final MethodHandle casState;
        final MethodHandle getPermit;
        final MethodHandle setPermit;
        final MethodHandle setPermitOpaque;
        final MethodHandle setCarrier;
        final MethodHandle setBlockPermit;
        final MethodHandle timeoutTask;
        final MethodHandle cancelTimeout;
        final MethodHandle interrupted;
        final MethodHandle interruptLock;
        final MethodHandle setCurrent;
        final MethodHandle continuation;
        final MethodHandle enter;
        final MethodHandle setMounted;
        final MethodHandle getTail;
        final MethodHandle setTail;
        final MethodHandle getCache;
        final MethodHandle setCache;
        final MethodHandle carrierCache;
        final MethodHandle setCarrierCache;
        final MethodHandle isDone;
        final MethodHandle stack;
        final MethodHandle walker;
        final MethodHandle doYield;
        final MethodHandle jvmtiMount;
        final MethodHandle jvmtiUnmount;
        final MethodHandle setInterrupt;
        final MethodHandle clearInterrupt;
        final MethodHandle afterYield;
        final MethodHandle afterDone;
        private final MethodHandles.Lookup lookup;

        Handles() throws ReflectiveOperationException {
            Class<?> vthread = Class.forName("java.lang.VirtualThread");
            Class<?> continuationClass = Class.forName("jdk.internal.vm.Continuation");
            Loom.open("jdk.internal.vm");
            MethodHandles.Lookup own = MethodHandles.lookup();
            lookup = MethodHandles.privateLookupIn(vthread, own);
            VarHandle state = lookup.findVarHandle(vthread, "state", int.class);
            VarHandle permit = lookup.findVarHandle(vthread, "parkPermit", boolean.class);
            VarHandle blockPermit = lookup.findVarHandle(vthread, "blockPermit", boolean.class);
            VarHandle carrier = lookup.findVarHandle(vthread, "carrierThread", Thread.class);
            getState = typed(state, VarHandle.AccessMode.GET_VOLATILE, int.class);
            setState = typed(state, VarHandle.AccessMode.SET_VOLATILE, void.class, int.class);
            setStateOpaque = typed(state, VarHandle.AccessMode.SET_OPAQUE, void.class, int.class);
            casState =
                    typed(
                            state,
                            VarHandle.AccessMode.COMPARE_AND_SET,
                            boolean.class,
                            int.class,
                            int.class);
            getPermit = typed(permit, VarHandle.AccessMode.GET_VOLATILE, boolean.class);
            setPermit = typed(permit, VarHandle.AccessMode.SET_VOLATILE, void.class, boolean.class);
            setPermitOpaque =
                    typed(permit, VarHandle.AccessMode.SET_OPAQUE, void.class, boolean.class);
            setCarrier = typed(carrier, VarHandle.AccessMode.SET_RELEASE, void.class, Thread.class);
            setBlockPermit =
                    typed(
                            blockPermit,
                            VarHandle.AccessMode.SET_VOLATILE,
                            void.class,
                            boolean.class);
            cancelTimeout = method(vthread, "cancelTimeoutTask", void.class);
            timeoutTask =
                    lookup.findGetter(vthread, "timeoutTask", Future.class)
                            .asType(MethodType.methodType(Object.class, Thread.class));
            interrupted = lookup.findGetter(Thread.class, "interrupted", boolean.class);
            interruptLock = lookup.findGetter(Thread.class, "interruptLock", Object.class);
            setCurrent = method(Thread.class, "setCurrentThread", void.class, Thread.class);
            continuation =
                    lookup.findGetter(vthread, "cont", continuationClass)
                            .asType(MethodType.methodType(Object.class, Thread.class));
            MethodHandles.Lookup thread = MethodHandles.privateLookupIn(Thread.class, own);
            MethodHandles.Lookup inside = MethodHandles.privateLookupIn(continuationClass, own);
            enter =
                    inside.findStatic(
                                    continuationClass,
                                    "enterSpecial",
                                    MethodType.methodType(
                                            void.class,
                                            continuationClass,
                                            boolean.class,
                                            boolean.class))
                            .asType(
                                    MethodType.methodType(
                                            void.class,
                                            Object.class,
                                            boolean.class,
                                            boolean.class));
            setMounted =
                    thread.findVarHandle(Thread.class, "cont", continuationClass)
                            .toMethodHandle(VarHandle.AccessMode.SET_OPAQUE)
                            .asType(MethodType.methodType(void.class, Thread.class, Object.class));
            Class<?> chunk = Class.forName("jdk.internal.vm.StackChunk");
            getTail = getter(inside, continuationClass, "tail", chunk);
            setTail = setter(inside, continuationClass, "tail", chunk);
            getCache = getter(inside, continuationClass, "scopedValueCache", Object[].class);
            setCache = setter(inside, continuationClass, "scopedValueCache", Object[].class);
            carrierCache =
                    lookup.findStatic(
                                    Thread.class,
                                    "scopedValueCache",
                                    MethodType.methodType(Object[].class))
                            .asType(MethodType.methodType(Object.class));
            setCarrierCache =
                    lookup.findStatic(
                                    Thread.class,
                                    "setScopedValueCache",
                                    MethodType.methodType(void.class, Object[].class))
                            .asType(MethodType.methodType(void.class, Object.class));
            isDone =
                    own.findVirtual(
                                    continuationClass,
                                    "isDone",
                                    MethodType.methodType(boolean.class))
                            .asType(MethodType.methodType(boolean.class, Object.class));
            stack =
                    own.findVirtual(
                                    continuationClass,
                                    "getStackTrace",
                                    MethodType.methodType(StackTraceElement[].class))
                            .asType(MethodType.methodType(StackTraceElement[].class, Object.class));
            walker =
                    own.findVirtual(
                                    continuationClass,
                                    "stackWalker",
                                    MethodType.methodType(StackWalker.class, Set.class))
                            .asType(
                                    MethodType.methodType(
                                            StackWalker.class, Object.class, Set.class));
            doYield =
                    inside.findStatic(
                            continuationClass, "doYield", MethodType.methodType(int.class));
            jvmtiMount = method(vthread, "notifyJvmtiMount", void.class, boolean.class);
            jvmtiUnmount = method(vthread, "notifyJvmtiUnmount", void.class, boolean.class);
            setInterrupt = method(Thread.class, "setInterrupt", void.class);
            clearInterrupt = method(Thread.class, "clearInterrupt", void.class);
            afterYield = method(vthread, "afterYield", void.class);
            afterDone = method(vthread, "afterDone", void.class);
        }

        private static MethodHandle typed(
                VarHandle v, VarHandle.AccessMode mode, Class<?> result, Class<?>... arguments) {
            return v.toMethodHandle(mode)
                    .asType(
                            MethodType.methodType(result, arguments)
                                    .insertParameterTypes(0, Thread.class));
        }

        private static MethodHandle getter(
                MethodHandles.Lookup lookup, Class<?> owner, String name, Class<?> type)
                throws ReflectiveOperationException {
            return lookup.findVarHandle(owner, name, type)
                    .toMethodHandle(VarHandle.AccessMode.GET_OPAQUE)
                    .asType(MethodType.methodType(Object.class, Object.class));
        }

        private static MethodHandle setter(
                MethodHandles.Lookup lookup, Class<?> owner, String name, Class<?> type)
                throws ReflectiveOperationException {
            return lookup.findVarHandle(owner, name, type)
                    .toMethodHandle(VarHandle.AccessMode.SET_OPAQUE)
                    .asType(MethodType.methodType(void.class, Object.class, Object.class));
        }

        private MethodHandle method(
                Class<?> owner, String name, Class<?> result, Class<?>... arguments)
                throws ReflectiveOperationException {
            MethodType type = MethodType.methodType(result, arguments);
            return lookup.findVirtual(owner, name, type)
                    .asType(type.insertParameterTypes(0, Thread.class));
        }

        /** The JVMTI agent that this JVM was started with, as a reason to leave the JDK's way. */
        @Nullable String agent() throws Throwable {
            Class<?> vm = Class.forName("jdk.internal.misc.VM");
            Loom.export("jdk.internal.misc");
            MethodHandle arguments =
                    MethodHandles.lookup()
                            .findStatic(
                                    vm,
                                    "getRuntimeArguments",
                                    MethodType.methodType(String[].class));
            for (String a : (String[]) arguments.invokeExact()) {
                if (a.startsWith("-agentlib:")
                        || a.startsWith("-agentpath:")
                        || a.startsWith("-Xrun")) {
                    return "the JVM was started with " + a.split("[=:]", 3)[1];
                }
            }
            return null;
        }
    }

    /**
     * Does at once what the JDK does to a method handle that has been called 127 times: it gives it
     * code of its own, which needs memory. In a full heap the call would throw, perhaps between a
     * mount and its unmount.
     */
    @SuppressWarnings("NullAway")
    public static void settle() {
        if (!AVAILABLE) {
            return;
        }
        try {
            Loom.open("java.lang.invoke");
            Method customize = MethodHandle.class.getDeclaredMethod("customize");
            customize.setAccessible(true);
            for (Field f : Coroutine.class.getDeclaredFields()) {
                if (f.getType() == MethodHandle.class) {
                    customize.invoke(f.get(null));
                }
            }
        } catch (NoSuchMethodException e) {
            // a JDK that does not do that
        } catch (Throwable t) {
            throw Loom.rethrow(t);
        }
    }

    /** The continuation of a virtual thread, for {@link #run}. */
    @SuppressWarnings("NullAway") // the handles are non-null if AVAILABLE
    public static Object continuation(Thread vthread) {
        try {
            return CONTINUATION.invokeExact(vthread);
        } catch (Throwable t) {
            throw Loom.rethrow(t);
        }
    }

    /**
     * Parks the calling virtual thread until {@link #unpark}, {@code LockSupport.unpark}, an
     * interrupt, or for no reason.
     *
     * @param self the calling thread
     */
    @SuppressWarnings("NullAway")
    public static void park(Thread self) {
        try {
            SET_STATE_OPAQUE.invokeExact(self, PARKING);
            JVMTI_UNMOUNT.invokeExact(self, true);
            int pinned = (int) doYield.invokeExact();
            VarHandle.releaseFence(); // as in Continuation.yield
            JVMTI_MOUNT.invokeExact(self, false);
            if (pinned != 0) {
                parkPinned(self);
            }
        } catch (Throwable t) {
            notParked(self, t);
        }
    }

    /** After an error: that there is no room for the frames on the heap, as a rule. */
    @SuppressWarnings("NullAway")
    private static void notParked(Thread self, Throwable t) {
        boolean yielded;
        try {
            JVMTI_MOUNT.invokeExact(self, false);
            yielded = (int) GET_STATE.invokeExact(self) != PARKING; // the error came afterwards
            SET_STATE.invokeExact(self, RUNNING);
        } catch (Throwable e) {
            throw Loom.rethrow(e);
        }
        if (!(t instanceof OutOfMemoryError)) {
            throw Loom.rethrow(t);
        }
        if (!yielded) {
            LockSupport.park();
        }
    }

    /** The JDK parks the carrier: which must not have an interrupt that came late for another. */
    @SuppressWarnings("NullAway")
    private static void parkPinned(Thread self) throws Throwable {
        SET_STATE.invokeExact(self, RUNNING);
        Thread carrier = Loom.carrier(self);
        if (carrier != null && carrier.isInterrupted() && !self.isInterrupted()) {
            // An interrupt of this thread that comes now unparks it after it has set the status.
            UNMOUNT_INTERRUPT.invokeExact(carrier);
        }
        LockSupport.park();
    }

    /**
     * Makes a parked thread continue, or its next park return at once.
     *
     * @return true if the caller must queue the thread
     */
    @SuppressWarnings("NullAway")
    public static boolean unpark(Thread vthread) {
        try {
            int s = (int) GET_STATE.invokeExact(vthread);
            if (s == PARKED && (boolean) CAS_STATE.invokeExact(vthread, PARKED, UNPARKED)) {
                return true;
            }
            SET_PERMIT.invokeExact(vthread, true);
            s = (int) GET_STATE.invokeExact(vthread);
            if (s == PARKED || s == TIMED_PARKED) {
                return (boolean) CAS_STATE.invokeExact(vthread, s, UNPARKED);
            }
            if (s == PINNED || s == TIMED_PINNED) {
                Thread carrier = Loom.carrier(vthread);
                if (carrier != null) {
                    LockSupport.unpark(carrier);
                }
            }
            return false;
        } catch (Throwable t) {
            throw Loom.rethrow(t);
        }
    }

    /** True if a parked virtual thread has been made to continue and only waits to be run. */
    @SuppressWarnings("NullAway")
    public static boolean isUnparked(Thread vthread) {
        if (!AVAILABLE) {
            return false;
        }
        try {
            int s = (int) GET_STATE.invokeExact(vthread) & ~SUSPENDED;
            // one that waits for a monitor's notify may have a permit left from an earlier sleep
            return s == UNPARKED
                    || ((s == PARKED || s == TIMED_PARKED)
                            && (boolean) GET_PERMIT.invokeExact(vthread));
        } catch (Throwable t) {
            throw Loom.rethrow(t);
        }
    }

    /**
     * Claims a virtual thread that has been queued, to be run by the calling thread. From then
     * until {@link #run} nobody else can run it or look at its stack.
     *
     * <p>If it is not runnable, the entry of the queue is left over from a look at its stack: who
     * looks at a runnable thread queues it once more. Or somebody looks now, and queues it
     * afterwards.
     */
    @SuppressWarnings("NullAway")
    public static Claim claim(Thread vthread) {
        try {
            for (; ; ) {
                int s = (int) GET_STATE.invokeExact(vthread);
                switch (s) {
                    case UNPARKED -> {
                        SET_PERMIT_OPAQUE.invokeExact(vthread, false);
                        if ((boolean) CAS_STATE.invokeExact(vthread, UNPARKED, RUNNING)) {
                            if ((Object) TIMEOUT_TASK.invokeExact(vthread) != null) {
                                CANCEL_TIMEOUT.invokeExact(vthread); // that of a timed park
                            }
                            return Claim.WOKEN;
                        }
                        // Suspended, or run from another queue entry. The permit may have been
                        // that of a later wait, whose waker has left the thread to us.
                        unpark(vthread); // if that claims it, it is run here
                    }
                    case UNBLOCKED -> {
                        if ((boolean) CAS_STATE.invokeExact(vthread, UNBLOCKED, RUNNING)) {
                            CANCEL_TIMEOUT.invokeExact(vthread); // that of a timed Object.wait
                            SET_BLOCK_PERMIT.invokeExact(vthread, false);
                            return Claim.WOKEN;
                        }
                    }
                    case STARTED, YIELDED -> {
                        if ((boolean) CAS_STATE.invokeExact(vthread, s, RUNNING)) {
                            return s == YIELDED ? Claim.YIELDED : Claim.WOKEN;
                        }
                    }
                    default -> {
                        return Claim.NONE;
                    }
                }
            }
        } catch (Throwable t) {
            throw Loom.rethrow(t);
        }
    }

    /**
     * Runs a virtual thread that the calling platform thread has claimed, until it parks, yields or
     * ends.
     *
     * @param vthread the thread
     * @param continuation its {@link #continuation}
     * @param carrier the calling thread
     */
    @SuppressWarnings("NullAway")
    public static Stop run(Thread vthread, Object continuation, Thread carrier) {
        try {
            mountAndRun(vthread, continuation, carrier);
            if ((boolean) IS_DONE.invokeExact(continuation)) {
                AFTER_DONE.invokeExact(vthread);
                awaitInterrupt(vthread, carrier);
                return Stop.ENDED;
            }
            int after = (int) GET_STATE.invokeExact(vthread);
            if (after == PARKING) {
                return Stop.PARKING;
            }
            if (after == YIELDING) {
                SET_STATE.invokeExact(vthread, YIELDED);
                awaitInterrupt(vthread, carrier);
                return Stop.YIELDED;
            }
            return Stop.BLOCKING;
        } catch (Throwable t) {
            throw Loom.rethrow(t);
        }
    }

    /**
     * Completes the wait of a thread for which {@link #run} has returned {@link Stop#BLOCKING}: a
     * timed park, a monitor that it wants to enter, or {@code Object.wait}. From now on it can be
     * woken, and may have been already; the JDK then submits it to its scheduler.
     */
    @SuppressWarnings("NullAway")
    public static void blocked(Thread vthread, Thread carrier) {
        for (; ; ) {
            try {
                AFTER_YIELD.invokeExact(vthread);
                awaitInterrupt(vthread, carrier);
                return;
            } catch (OutOfMemoryError e) {
                // No memory for the task that ends a timed wait, which is made before the state
                // changes: as it is, nobody could ever wake the thread.
                Thread.onSpinWait();
            } catch (Throwable t) {
                throw Loom.rethrow(t);
            }
        }
    }

    /** True if it is a monitor for which {@link #run} has returned {@link Stop#BLOCKING}. */
    @SuppressWarnings("NullAway")
    public static boolean entersMonitor(Thread vthread) {
        try {
            return (int) GET_STATE.invokeExact(vthread) == BLOCKING;
        } catch (Throwable t) {
            throw Loom.rethrow(t);
        }
    }

    /**
     * The stack of a thread that {@link #run} has run, until {@link #parked} or {@link #blocked} is
     * called: nobody else can look at it or run it so long. Takes some microseconds.
     */
    @SuppressWarnings("NullAway")
    public static StackTraceElement[] stack(Object continuation) {
        try {
            return (StackTraceElement[]) STACK.invokeExact(continuation);
        } catch (Throwable t) {
            throw Loom.rethrow(t);
        }
    }

    /**
     * A number that tells the {@link #stack} from others of the same goroutine, made of classes and
     * bytecode indexes, whose names are not looked up. Takes a few microseconds.
     */
    @SuppressWarnings("NullAway")
    public static int place(Object continuation) {
        try {
            StackWalker walker = (StackWalker) WALKER.invokeExact(continuation, CLASSES);
            Place place = new Place();
            walker.forEach(place);
            return place.hash;
        } catch (Throwable t) {
            throw Loom.rethrow(t);
        }
    }

    private static final class Place implements Consumer<StackWalker.StackFrame> {
        int hash;

        @Override
        public void accept(StackWalker.StackFrame f) {
            int frame = System.identityHashCode(f.getDeclaringClass()) + f.getByteCodeIndex();
            hash = (hash * 31 + frame) * 0x9E3779B1;
        }
    }

    /**
     * Completes the parking of a thread for which {@link #run} has returned {@link Stop#PARKING}:
     * from now on it can be woken.
     *
     * @return true if it has been unparked meanwhile, and the caller should run it again
     */
    @SuppressWarnings("NullAway")
    public static boolean parked(Thread vthread, Thread carrier) {
        try {
            SET_STATE.invokeExact(vthread, PARKED);
            awaitInterrupt(vthread, carrier);
            return (boolean) GET_PERMIT.invokeExact(vthread)
                    && (boolean) CAS_STATE.invokeExact(vthread, PARKED, UNPARKED);
        } catch (Throwable t) {
            throw Loom.rethrow(t);
        }
    }

    /**
     * Called between the state that follows an unmount, which is a full fence, and the next mount.
     * Who interrupts says so first, then reads which carrier the thread has, all under its lock. So
     * if it has not said so, it will not find this carrier any more; else it may be about to
     * interrupt it, in place of the thread.
     */
    @SuppressWarnings("NullAway")
    private static void awaitInterrupt(Thread vthread, Thread carrier) throws Throwable {
        if ((boolean) INTERRUPTED.invokeExact(vthread)) {
            synchronized ((Object) INTERRUPT_LOCK.invokeExact(vthread)) {
                if (carrier.isInterrupted()) {
                    UNMOUNT_INTERRUPT.invokeExact(carrier);
                }
            }
        }
    }

    /**
     * {@code Continuation.run} for a continuation that only {@link #run} runs, by one thread at a
     * time, and that has no parent: without the CAS and the volatile write by which the JDK marks
     * it as mounted.
     *
     * <p>The fields of the JDK are read and written opaquely: of plain stores C2 was seen to drop
     * the one that makes the carrier forget the continuation, in spite of the fence, and the
     * carrier then kept its last goroutine alive.
     */
    @SuppressWarnings("NullAway")
    private static void enter(Object continuation, Thread carrier) throws Throwable {
        Object cache = (Object) GET_CACHE.invokeExact(continuation);
        if (cache != null) {
            SET_CARRIER_CACHE.invokeExact(cache);
        }
        SET_MOUNTED.invokeExact(carrier, continuation);
        try {
            boolean started = (Object) GET_TAIL.invokeExact(continuation) != null;
            ENTER.invokeExact(continuation, started, true);
        } finally {
            VarHandle.releaseFence(); // as in Continuation.run
            SET_MOUNTED.invokeExact(carrier, (Object) null);
            Object now = (Object) CARRIER_CACHE.invokeExact();
            if (now != cache) {
                SET_CACHE.invokeExact(continuation, now);
            }
            if (now != null) {
                SET_CARRIER_CACHE.invokeExact((Object) null);
            }
            if ((boolean) IS_DONE.invokeExact(continuation)) {
                SET_TAIL.invokeExact(continuation, (Object) null);
            }
        }
    }

    @SuppressWarnings("NullAway")
    private static void mountAndRun(Thread vthread, Object continuation, Thread carrier)
            throws Throwable {
        JVMTI_MOUNT.invokeExact(vthread, true);
        SET_CARRIER.invokeExact(vthread, carrier);
        VarHandle.fullFence(); // the carrier, then the look at the interrupt status
        if ((boolean) INTERRUPTED.invokeExact(vthread)) {
            MOUNT_INTERRUPT.invokeExact(carrier);
        } else if (carrier.isInterrupted()) {
            UNMOUNT_INTERRUPT.invokeExact(carrier);
            if ((boolean) INTERRUPTED.invokeExact(vthread)) {
                MOUNT_INTERRUPT.invokeExact(carrier);
            }
        }
        SET_CURRENT.invokeExact(carrier, vthread);
        try {
            enter(continuation, carrier);
        } finally {
            SET_CURRENT.invokeExact(carrier, carrier);
            SET_CARRIER.invokeExact(vthread, (Thread) null);
            if (carrier.isInterrupted()) {
                UNMOUNT_INTERRUPT.invokeExact(carrier);
            }
            JVMTI_UNMOUNT.invokeExact(vthread, false);
        }
    }
}
