package dev.jenny;

/**
 * Thrown by the second close of a channel. It is a defect of the program: let the sender close, and
 * if there are several, one goroutine that waits for all of them.
 *
 * {@snippet :
 * WaitGroup senders = new WaitGroup();
 * for (String name : names) {
 *     senders.go(() -> results.send(look(name)));
 * }
 * go(() -> {
 *     senders.await();
 *     results.close(); // once
 * });
 * }
 */
public final class CloseOfClosedChannelException extends IllegalStateException {
    private static final long serialVersionUID = 1L;

    /** With Go's message. */
    public CloseOfClosedChannelException() {
        super("close of closed channel");
    }
}
