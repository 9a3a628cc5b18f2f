package dev.jenny;

/**
 * The sending side of a {@link Chan}: what to hand to code that only sends.
 *
 * <p>All methods may be called from any thread: a goroutine, another virtual thread or a platform
 * thread.
 *
 * <p>Memory effects: a send happens before the completion of the receive that gets its value. The
 * <i>k</i>-th receive happens before the completion of the (<i>k</i> + capacity)-th send. A close
 * happens before a receive that returns because the channel is closed.
 *
 * {@snippet :
 * void count(SendChan<Integer> numbers) throws InterruptedException {
 *     for (int i = 0; i < 10; i++) {
 *         numbers.send(i);
 *     }
 *     numbers.close(); // the receiver's loop ends
 * }
 * }
 *
 * @param <T> the type of the values
 */
public interface SendChan<T> {
    /**
     * Sends a value: hands it to a waiting receiver, or puts it into the buffer, or waits until one
     * or the other is possible. Blocked senders are served in the order they came.
     *
     * @param value what to send, never null
     * @throws SendOnClosedChannelException if the channel is or becomes closed; the value is not
     *     sent
     * @throws InterruptedException if the thread is interrupted before the value is sent; then it
     *     never will be
     * @throws NullPointerException if {@code value} is null
     */
    void send(T value) throws InterruptedException;

    /**
     * Sends a value if that is possible at once.
     *
     * @return false if there is neither a waiting receiver nor room in the buffer
     * @throws SendOnClosedChannelException if the channel is closed
     * @throws NullPointerException if {@code value} is null
     */
    boolean trySend(T value);

    /**
     * Closes the channel: no more values will be sent. Receivers get what is buffered, then null;
     * blocked senders fail. A channel need not be closed to be collected as garbage.
     *
     * @throws CloseOfClosedChannelException if it is closed already
     */
    void close();

    /** How many values are buffered; a snapshot, without memory effects. */
    int len();

    /** The capacity of the buffer; 0 for an unbuffered channel. */
    int cap();
}
