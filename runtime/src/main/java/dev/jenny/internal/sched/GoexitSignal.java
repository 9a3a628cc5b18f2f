package dev.jenny.internal.sched;

/**
 * Unwinds a goroutine that called {@code Go.goexit}, running its finally blocks. Thrown as an error
 * so that {@code catch (Exception e)} lets it pass.
 */
public final class GoexitSignal extends Error {
    private static final long serialVersionUID = 1L;

    /** A new signal, without a stack trace. */
    public GoexitSignal() {
        super("goexit", null, false, false);
    }
}
