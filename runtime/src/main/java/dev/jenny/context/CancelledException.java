package dev.jenny.context;

import org.jspecify.annotations.Nullable;

/**
 * The context was cancelled by a call of {@code cancel} or {@code close}. For an example see {@link
 * ContextException}.
 */
public final class CancelledException extends ContextException {
    private static final long serialVersionUID = 1L;

    CancelledException(@Nullable Throwable cause, boolean shared) {
        super("context canceled", cause, shared);
    }

    @Override
    CancelledException toThrow() {
        return new CancelledException(getCause(), false);
    }
}
