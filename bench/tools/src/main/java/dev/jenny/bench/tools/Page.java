package dev.jenny.bench.tools;

import dev.jenny.inspect.Inspect;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * A page of the program's own tools, fetched over HTTP as a user would; read as it comes.
 *
 * @param bytes its size
 * @param blocks how many empty lines are in it
 * @param head its beginning
 * @param tail its end
 */
record Page(long bytes, long blocks, String head, String tail) {
    private static final int HEAD = 20_000;
    private static final int TAIL = 100;

    static Page get(Inspect inspect, String path) throws IOException {
        URI uri = URI.create("http://127.0.0.1:" + inspect.port() + path);
        HttpURLConnection connection = (HttpURLConnection) uri.toURL().openConnection();
        connection.setRequestProperty("Authorization", "Bearer " + inspect.token());
        try (InputStream in = connection.getInputStream()) {
            byte[] head = in.readNBytes(HEAD);
            byte[] tail = last(new byte[0], head, head.length);
            long bytes = head.length;
            long blocks = 0;
            int before = 0;
            byte[] buffer = head;
            for (int n = head.length; n >= 0; n = in.read(buffer)) {
                if (buffer != head) {
                    bytes += n;
                    tail = last(tail, buffer, n);
                }
                for (int i = 0; i < n; i++) {
                    if (buffer[i] == '\n' && before == '\n') {
                        blocks++;
                    }
                    before = buffer[i];
                }
                if (buffer == head) {
                    buffer = new byte[1 << 16];
                }
            }
            return new Page(bytes, blocks, text(head), text(tail));
        }
    }

    /** The end of {@code tail} and then {@code n} bytes of {@code buffer}. */
    private static byte[] last(byte[] tail, byte[] buffer, int n) {
        int more = Math.min(n, TAIL);
        byte[] both = Arrays.copyOf(tail, tail.length + more);
        System.arraycopy(buffer, n - more, both, tail.length, more);
        return Arrays.copyOfRange(both, Math.max(0, both.length - TAIL), both.length);
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
