package dev.jenny.sync;

import java.util.concurrent.ExecutionException;

/** Hands on what another goroutine's task threw. */
final class Failures {
    private Failures() {}

    /** Throws {@code t} as it is; never returns. */
    static Error rethrow(Throwable t) throws Exception {
        if (t instanceof Exception e) {
            throw e;
        }
        if (t instanceof Error e) {
            throw e;
        }
        throw new ExecutionException(t);
    }

    /**
     * Like {@link #rethrow}, to a thread that did not run the task. An InterruptedException is
     * wrapped: thrown as it is, it would say that this thread had been interrupted.
     */
    static Error rethrowToOther(Throwable t) throws Exception {
        if (t instanceof InterruptedException) {
            throw new ExecutionException(t);
        }
        throw rethrow(t);
    }
}
