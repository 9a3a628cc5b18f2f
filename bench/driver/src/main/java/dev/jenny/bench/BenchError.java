package dev.jenny.bench;

/** Something the user can fix, or a failed run: shown as one line. Exit code 1. */
final class BenchError extends RuntimeException {
    private static final long serialVersionUID = 1L;

    BenchError(String message) {
        super(message, null, false, false);
    }
}
