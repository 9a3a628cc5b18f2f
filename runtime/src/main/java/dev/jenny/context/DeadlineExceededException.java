package dev.jenny.context;

import org.jspecify.annotations.Nullable;

/** The context's deadline has passed. For an example see {@link ContextException}. */
public final class DeadlineExceededException extends ContextException {
    private static final long serialVersionUID = 1L;

    DeadlineExceededException(@Nullable Throwable cause, boolean shared) {
        super("context deadline exceeded", cause, shared);
    }

    @Override
    DeadlineExceededException toThrow() {
        return new DeadlineExceededException(getCause(), false);
    }
}
