package dev.jenny;

/**
 * What a goroutine runs.
 *
 * <p>It may throw anything: an exception that leaves a goroutine is a panic, see {@link
 * GoRuntime#onPanic}.
 *
 * {@snippet :
 * Task cleanUp = () -> Files.deleteIfExists(file); // may throw an IOException
 * go(cleanUp);
 * }
 */
@FunctionalInterface
public interface Task {
    /** Runs the task. */
    void run() throws Exception;
}
