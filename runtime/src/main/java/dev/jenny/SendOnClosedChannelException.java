package dev.jenny;

/**
 * Thrown by a send on a closed channel, also if the channel is closed while the send is blocked.
 * The value has not been sent. To tell a sender to stop, leave the channel open and close another:
 *
 * {@snippet :
 * Chan<Void> stop = Chan.make(); // closed by the receiver
 * boolean sent = select(send(results, value, () -> true), recv(stop, v -> false));
 * }
 */
public final class SendOnClosedChannelException extends IllegalStateException {
    private static final long serialVersionUID = 1L;

    /** With Go's message. */
    public SendOnClosedChannelException() {
        super("send on closed channel");
    }
}
