package dev.jenny.inspect.internal.http;

import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Server-sent events to one client. For one thread. */
public final class EventStream {
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
     * @throws IOException if the client is gone, or has not read for 10 seconds
     */
    public void send(String event, String data) throws IOException {
        send(event, data.getBytes(StandardCharsets.UTF_8));
    }

    /** As {@link #send(String, String)}, with data that was encoded once for many clients. */
    public void send(String event, byte[] data) throws IOException {
        send(event, List.of(data));
    }

    /** Sends several events of one type in one write. */
    public void send(String event, List<byte[]> data) throws IOException {
        byte[] head = ("event: " + event + "\n").getBytes(StandardCharsets.UTF_8);
        int size = 0;
        for (byte[] d : data) {
            size += head.length + DATA.length + d.length + END.length;
        }
        byte[] frame = new byte[size];
        int n = 0;
        for (byte[] d : data) {
            for (byte[] part : new byte[][] {head, DATA, d, END}) {
                System.arraycopy(part, 0, frame, n, part.length);
                n += part.length;
            }
        }
        write(frame);
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
        } finally {
            watch.end();
        }
    }
}
