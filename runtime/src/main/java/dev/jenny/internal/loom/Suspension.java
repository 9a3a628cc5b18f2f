package dev.jenny.internal.loom;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * Keeps a virtual thread that is not mounted from being run while it is looked at. The way is that
 * of {@code VirtualThread.tryGetStackTrace}, by which {@code Thread.getStackTrace} reads a stack:
 * its words, its order.
 */
final class Suspension {
    // VirtualThread.state
    private static final int PARKED = 4;
    private static final int TIMED_PARKED = 7;
    private static final int UNPARKED = 9;
    private static final int YIELDED = 11;
    private static final int BLOCKED = 13;
    private static final int UNBLOCKED = 14;
    private static final int WAIT = 16;
    private static final int TIMED_WAIT = 18;
    private static final int SUSPENDED = 1 << 8;

    /** How often it waits for another who looks at the same thread. */
    private static final int TRIES = 1000;

    /** Something that is done with a thread. */
    @FunctionalInterface
    interface Look<T> {
        @Nullable T at(Thread t) throws ReflectiveOperationException;
    }

    private final Class<?> type;
    private final VarHandle state;
    private final VarHandle parkPermit;
    private final VarHandle blockPermit;
    private final VarHandle notified;
    private final VarHandle interrupted;
    private final MethodHandle submit;

    Suspension() throws ReflectiveOperationException {
        type = Class.forName("java.lang.VirtualThread");
        MethodHandles.Lookup l = MethodHandles.privateLookupIn(type, MethodHandles.lookup());
        state = l.findVarHandle(type, "state", int.class);
        parkPermit = l.findVarHandle(type, "parkPermit", boolean.class);
        blockPermit = l.findVarHandle(type, "blockPermit", boolean.class);
        notified = l.findVarHandle(type, "notified", boolean.class);
        interrupted = l.findVarHandle(Thread.class, "interrupted", boolean.class);
        submit =
                l.findVirtual(type, "submitRunContinuation", MethodType.methodType(void.class))
                        .asType(MethodType.methodType(void.class, Thread.class));
    }

    /** What {@code look} finds of {@code t}; null if {@code t} is mounted, or about to be. */
    <T> @Nullable T during(Thread t, Look<T> look) throws ReflectiveOperationException {
        if (!type.isInstance(t)) {
            return null;
        }
        int s = (int) state.getVolatile(t);
        for (int i = 0; (s & SUSPENDED) != 0 && i < TRIES; i++) {
            Thread.onSpinWait();
            s = (int) state.getVolatile(t);
        }
        if (!isUnmounted(s) || !state.compareAndSet(t, s, s | SUSPENDED)) {
            return null;
        }
        try {
            return look.at(t);
        } finally {
            state.setVolatile(t, s);
            resubmit(t, s);
        }
    }

    private static boolean isUnmounted(int s) {
        return switch (s) {
            case PARKED, TIMED_PARKED, BLOCKED, WAIT, TIMED_WAIT, UNPARKED, UNBLOCKED, YIELDED ->
                    true;
            default -> false;
        };
    }

    /** Queues {@code t} if it could have been run meanwhile. */
    private void resubmit(Thread t, int s) {
        boolean runnable =
                switch (s) {
                    case PARKED, TIMED_PARKED ->
                            (boolean) parkPermit.getVolatile(t)
                                    && state.compareAndSet(t, s, UNPARKED);
                    case BLOCKED ->
                            (boolean) blockPermit.getVolatile(t)
                                    && state.compareAndSet(t, s, UNBLOCKED);
                    case WAIT, TIMED_WAIT ->
                            ((boolean) notified.getVolatile(t)
                                            || (boolean) interrupted.getVolatile(t))
                                    && state.compareAndSet(t, s, UNBLOCKED);
                    default -> true;
                };
        if (runnable) {
            try {
                submit.invokeExact(t);
            } catch (Throwable e) {
                throw Loom.rethrow(e);
            }
        }
    }
}
