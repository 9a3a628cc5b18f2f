package dev.jenny;

import java.util.Iterator;
import org.jspecify.annotations.Nullable;

/**
 * The receiving side of a {@link Chan}: what to hand to code that only receives.
 *
 * <p>All methods may be called from any thread. For the memory effects see {@link SendChan}.
 *
 * @param <T> the type of the values
 */
public interface RecvChan<T> extends Iterable<T> {
    /**
     * Receives a value, waiting until there is one. Blocked receivers are served in the order they
     * came.
     *
     * @return the value, or null if the channel is closed and drained
     * @throws InterruptedException if the thread is interrupted before it has a value; none is lost
     */
    @Nullable T recv() throws InterruptedException;

    /**
     * Receives a value if there is one now.
     *
     * @return the value; null if there is none, or the channel is closed and drained
     */
    @Nullable T tryRecv();

    /**
     * True if the channel is closed and no value is left: {@link #recv} will always return null.
     */
    boolean isDrained();

    /** How many values are buffered; a snapshot, without memory effects. */
    int len();

    /** The capacity of the buffer; 0 for an unbuffered channel. */
    int cap();

    /**
     * Go's {@code for v := range ch}: receives until the channel is closed and drained. Several
     * loops over one channel share its values.
     *
     * {@snippet :
     * for (Job job : jobs) {
     *     handle(job);
     * }
     * }
     *
     * <p>An iterator cannot throw {@link InterruptedException}: if the thread is interrupted while
     * it waits in {@code hasNext}, the interrupt status stays set and a {@link
     * java.util.concurrent.CancellationException} is thrown. No value is lost.
     *
     * @return an iterator for use by one thread
     */
    @Override
    Iterator<T> iterator();
}
