package dev.jenny.inspect.internal.web;

/** The clock of the dashboard: nanoseconds since the tools began, and what time of day that was. */
final class Moments {
    private static final long NANO = System.nanoTime();
    private static final long WALL = System.currentTimeMillis();

    private Moments() {}

    /** Now, in nanoseconds since the beginning. */
    static long now() {
        return System.nanoTime() - NANO;
    }

    /** The moment at which {@link System#nanoTime} was {@code nanoTime}. */
    static long of(long nanoTime) {
        return nanoTime - NANO;
    }

    /** The value of {@link System#nanoTime} at the moment {@code t}. */
    static long nanoTime(long t) {
        return t + NANO;
    }

    /** The beginning, in milliseconds since 1970. */
    static long started() {
        return WALL;
    }
}
