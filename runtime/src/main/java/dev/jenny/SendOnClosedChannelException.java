package dev.jenny;

/**
 * Thrown by a send on a closed channel, also if the channel is closed while the send is blocked.
 */
public final class SendOnClosedChannelException extends IllegalStateException {
    private static final long serialVersionUID = 1L;

    /** With Go's message. */
    public SendOnClosedChannelException() {
        super("send on closed channel");
    }
}
