package dev.jenny.context;

import org.jspecify.annotations.Nullable;

/**
 * Why a {@link Context} is done: {@link CancelledException} or {@link DeadlineExceededException}.
 *
 * <p>{@link #getCause()} is the cause that the canceller gave, null if it gave none. In a full heap
 * it may be null all the same; {@link Context#cause()} has it then, too.
 *
 * <p>What {@link Context#err()} returns is shared by all who ask, and by the contexts below: it has
 * no stack trace and takes no suppressed exceptions. What {@link Context#throwIfDone()} throws is
 * made for that throw.
 *
 * {@snippet :
 * try {
 *     ctx.throwIfDone();
 * } catch (DeadlineExceededException e) {
 *     System.err.println("too late");
 * } catch (CancelledException e) {
 *     System.err.println("cancelled: " + e.getCause());
 * }
 * }
 */
public abstract sealed class ContextException extends Exception
        permits CancelledException, DeadlineExceededException {
    private static final long serialVersionUID = 1L;

    ContextException(String message, @Nullable Throwable cause, boolean shared) {
        super(message, cause, !shared, !shared);
    }

    /** The same, with the stack of the caller. */
    abstract ContextException toThrow();
}
