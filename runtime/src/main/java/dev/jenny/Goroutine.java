package dev.jenny;

/**
 * A handle on a goroutine: returned by {@link Go#go}, safe to use from any thread.
 *
 * <p>A goroutine is a virtual thread, so everything that Java knows to do with a thread works on
 * {@link #thread()}: interrupt it, read its stack, wait for it.
 *
 * {@snippet :
 * Goroutine worker = go(() -> work());
 * worker.join();
 * System.out.println(worker.id() + " has ended");
 * }
 */
public interface Goroutine {
    /** The goroutine's number, unique in this JVM. The main goroutine of {@code jenny run} is 1. */
    long id();

    /** False once the goroutine's task has ended. */
    boolean isAlive();

    /**
     * Waits until the goroutine has ended. What it did happens before the return. It returns
     * normally also if the task panicked; for a result or an exception use {@link Go#async} or
     * {@link dev.jenny.sync.ErrGroup}. With a limit:
     *
     * {@snippet :
     * Goroutine g = go(() -> work());
     * if (!g.thread().join(Duration.ofSeconds(1))) {
     *     g.thread().interrupt();
     * }
     * }
     *
     * @throws InterruptedException if the waiting thread is interrupted
     */
    void join() throws InterruptedException;

    /** The virtual thread that the goroutine is. */
    Thread thread();
}
