package dev.jenny.inspect.internal.http;

import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Server-sent events to one client. For one thread. */
public final class EventStream {
    /** The client did not read for so long that the connection was cut. */
    public static final class TooSlowException extends IOException {
        private static final long serialVersionUID = 1;

        TooSlowException(IOException cause) {
            super("the client does not read", cause);
        }
    }

    private static final byte[] DATA = "data: ".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] END = "\n\n".getBytes(StandardCharsets.US_ASCII);

    private final OutputStream out;
    private final Watchdog.Watch watch;

    EventStream(HttpExchange exchange, Watchdog.Watch watch) {
        this.out = exchange.getResponseBody();
        this.watch = watch;
    }

    /**
     * Sends an event and waits until the system has taken it.
     *
     * @param event its type; one line
     * @param data its data; one line, such as JSON of {@link dev.jenny.inspect.internal.Json}
     * @throws TooSlowException if the client has not read for 10 seconds
     * @throws IOException if the client is gone
     */
    public void send(String event, String data) throws IOException {
        send(event, data.getBytes(StandardCharsets.UTF_8));
    }

    /** As {@link #send(String, String)}, with data that was encoded already. */
    public void send(String event, byte[] data) throws IOException {
        byte[] head = ("event: " + event + "\n").getBytes(StandardCharsets.UTF_8);
        write(join(List.of(head, DATA, data, END)));
    }

    /**
     * Sends several events of one type in one write; the data was encoded once for many clients.
     *
     * @param series with the event's number, the id that a client which comes back shows again: no
     *     line ends, no minus
     * @param first the number of the first; the others follow
     */
    public void send(String event, String series, long first, List<byte[]> data)
            throws IOException {
        List<byte[]> parts = new ArrayList<>();
        long number = first;
        for (byte[] d : data) {
            String head = "event: " + event + "\nid: " + series + "-" + number++ + "\n";
            parts.addAll(List.of(head.getBytes(StandardCharsets.UTF_8), DATA, d, END));
        }
        write(join(parts));
    }

    private static byte[] join(List<byte[]> parts) {
        int size = 0;
        for (byte[] part : parts) {
            size += part.length;
        }
        byte[] frame = new byte[size];
        int n = 0;
        for (byte[] part : parts) {
            System.arraycopy(part, 0, frame, n, part.length);
            n += part.length;
        }
        return frame;
    }

    /** Sends a comment, which clients skip: to learn whether the client is still there. */
    public void ping() throws IOException {
        write(":\n\n".getBytes(StandardCharsets.US_ASCII));
    }

    private void write(byte[] bytes) throws IOException {
        watch.begin(Server.STREAM_WRITE_LIMIT);
        try {
            out.write(bytes);
            out.flush();
        } catch (IOException e) {
            throw watch.cutOff() ? new TooSlowException(e) : e;
        } finally {
            watch.end();
        }
    }
}
