package dev.jenny.inspect.internal;

/** What the tools' own threads, which go on after a failure, say of it. */
public final class Failures {
    private Failures() {}

    /**
     * Prints {@code what} failed, and how, on standard error. In a full heap, which is what makes
     * such threads fail most often, nothing is said.
     */
    public static void tell(String what, Throwable e) {
        try {
            System.err.println("jenny: " + what + ": " + e);
        } catch (OutOfMemoryError full) {
            // the caller must go on
        }
    }
}
