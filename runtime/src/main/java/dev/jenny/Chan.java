package dev.jenny;

import dev.jenny.internal.chan.Channel;
import dev.jenny.internal.chan.ChannelRegistry;

/**
 * A channel: a queue of values between goroutines, with Go's semantics.
 *
 * <p>Unbuffered, a send and a receive meet: each waits for the other. With a buffer, a send waits
 * only while it is full, a receive only while it is empty. Waiting senders and waiting receivers
 * are served first come, first served.
 *
 * {@snippet :
 * Chan<Integer> squares = Chan.make();
 * go(() -> {
 *     for (int i = 0; i < 10; i++) {
 *         squares.send(i * i);
 *     }
 *     squares.close();
 * });
 * for (int s : squares) {
 *     System.out.println(s);
 * }
 * }
 *
 * <p>Values are never null, since {@code recv} says "closed" by null. What Go does with a nil
 * channel, {@link Select} does with null: the case is never ready. The algorithm is that of Go's
 * {@code runtime/chan.go}.
 *
 * @param <T> the type of the values
 */
public interface Chan<T> extends SendChan<T>, RecvChan<T> {
    /** An unbuffered channel. */
    static <T> Chan<T> make() {
        return ChannelRegistry.made(new Channel<>(0));
    }

    /**
     * A channel with room for {@code capacity} values.
     *
     * @throws IllegalArgumentException if {@code capacity} is negative
     */
    static <T> Chan<T> make(int capacity) {
        return ChannelRegistry.made(new Channel<>(capacity));
    }
}
