package dev.jenny;

/** Thrown by the second close of a channel. */
public final class CloseOfClosedChannelException extends IllegalStateException {
    private static final long serialVersionUID = 1L;

    /** With Go's message. */
    public CloseOfClosedChannelException() {
        super("close of closed channel");
    }
}
