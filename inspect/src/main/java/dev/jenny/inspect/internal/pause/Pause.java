package dev.jenny.inspect.internal.pause;

/**
 * A time in which the JVM let no thread of the program run.
 *
 * @param begin on the scale of {@link System#nanoTime}
 * @param end likewise
 * @param collects whether garbage was collected
 * @param name what for, as the JVM calls it
 */
public record Pause(long begin, long end, boolean collects, String name) {}
