package dev.jenny.inspect.internal.http;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import dev.jenny.inspect.internal.Json;
import java.io.BufferedOutputStream;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * The answer to a request. Status and headers go out with the first {@value #BUFFER} bytes, so that
 * an error before that still gets a status of its own. For one thread.
 */
public final class Response {
    /** Bytes that are held back. */
    static final int BUFFER = 32 * 1024;

    static final String TEXT = "text/plain; charset=utf-8";
    static final String JSON = "application/json; charset=utf-8";
    static final String HTML = "text/html; charset=utf-8";

    /** For pages: only what this server serves. For all else: nothing at all. */
    static final String PAGE_POLICY =
            "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none';"
                    + " form-action 'none'; frame-ancestors 'none'";

    static final String DATA_POLICY =
            "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    private final HttpExchange exchange;
    private final Watchdog.Watch watch;
    private int status = 200;
    private String type = TEXT;
    private @Nullable OutputStream out;
    private @Nullable Writer writer;
    private @Nullable Json json;
    private boolean committed;

    Response(HttpExchange exchange, Watchdog.Watch watch) {
        this.exchange = exchange;
        this.watch = watch;
    }

    /** Sets the HTTP status; 200 if not called. */
    public Response status(int status) {
        this.status = status;
        return this;
    }

    /** Sets the content type; plain text in UTF-8 if not called. */
    public Response type(String type) {
        this.type = type;
        return this;
    }

    /** The content type is HTML. Scripts and styles must come from this server, in files. */
    public Response html() {
        return type(HTML);
    }

    /** Sets a header. */
    public Response header(String name, String value) {
        exchange.getResponseHeaders().set(name, value);
        return this;
    }

    /** The browser is to save the answer as {@code file}. */
    public Response attachment(String file) {
        return header("Content-Disposition", "attachment; filename=\"" + file + "\"");
    }

    /** For bytes. */
    public OutputStream stream() {
        OutputStream o = out;
        if (o == null) {
            o = new BufferedOutputStream(new Target(), BUFFER);
            out = o;
        }
        return o;
    }

    /** For text, sent as UTF-8. */
    public Writer writer() {
        Writer w = writer;
        if (w == null) {
            w = new BufferedWriter(new OutputStreamWriter(stream(), StandardCharsets.UTF_8));
            writer = w;
        }
        return w;
    }

    /** For JSON; sets the content type. */
    public Json json() {
        Json j = json;
        if (j == null) {
            type(JSON);
            j = Json.to(writer());
            json = j;
        }
        return j;
    }

    /** Answers with {@code text}, and a line end if it has none. */
    public void text(String text) throws IOException {
        Writer w = writer();
        w.write(text);
        if (!text.endsWith("\n")) {
            w.write('\n');
        }
    }

    private boolean head() {
        return exchange.getRequestMethod().equals("HEAD");
    }

    /** True once status and headers are on their way. */
    boolean committed() {
        return committed;
    }

    /** Drops what is held back and answers with an error. */
    void error(int status, String text) throws IOException {
        if (committed) {
            throw new IllegalStateException("the answer is on its way");
        }
        out = null;
        writer = null;
        json = null;
        exchange.getResponseHeaders().remove("Content-Disposition");
        status(status).type(TEXT).text(text);
        finish();
    }

    /** Sends all that is held back. */
    void finish() throws IOException {
        if (json != null) {
            json.check();
        }
        if (writer != null) {
            writer.flush();
        } else if (out != null) {
            out.flush();
        }
        if (!committed) {
            commit(-1);
        }
        beginWait();
        try {
            exchange.close();
        } finally {
            watch.end();
        }
    }

    /**
     * Before what reads the rest of the request: of a body, which no request here has a use for, no
     * more is waited for than while others want the thread.
     */
    void beginWait() {
        Headers headers = exchange.getRequestHeaders();
        String length = headers.getFirst("Content-Length");
        if (headers.containsKey("Transfer-Encoding") || (length != null && !length.equals("0"))) {
            watch.beginHasty(Server.READ_LIMIT);
        } else {
            watch.begin(Server.WRITE_LIMIT);
        }
    }

    /** Sends status and headers. {@code length}: 0 for a body of unknown length, -1 for none. */
    void commit(long length) throws IOException {
        committed = true;
        var headers = exchange.getResponseHeaders();
        headers.set("Content-Type", type);
        headers.set("Cache-Control", "no-store");
        headers.set("X-Content-Type-Options", "nosniff");
        headers.set("X-Frame-Options", "DENY");
        headers.set("Referrer-Policy", "no-referrer");
        headers.set("Cross-Origin-Resource-Policy", "same-origin");
        headers.set("Cross-Origin-Opener-Policy", "same-origin");
        if (headers.getFirst("Content-Security-Policy") == null) {
            headers.set("Content-Security-Policy", type.equals(HTML) ? PAGE_POLICY : DATA_POLICY);
        }
        beginWait();
        try {
            exchange.sendResponseHeaders(status, length);
        } finally {
            watch.end();
        }
    }

    /** The connection; every write is watched, so that a client that does not read is cut off. */
    private final class Target extends OutputStream {
        @Override
        public void write(int b) throws IOException {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] b, int off, int len) throws IOException {
            if (!committed) {
                commit(head() ? -1 : 0);
            }
            if (head()) {
                return;
            }
            // The limit is for a piece: a slow client that reads is not cut off.
            for (int done = 0; done < len; ) {
                int piece = Math.min(len - done, BUFFER);
                watch.begin(Server.WRITE_LIMIT);
                try {
                    exchange.getResponseBody().write(b, off + done, piece);
                } finally {
                    watch.end();
                }
                done += piece;
            }
        }

        @Override
        public void flush() throws IOException {
            if (!committed || head()) {
                return;
            }
            watch.begin(Server.WRITE_LIMIT);
            try {
                exchange.getResponseBody().flush();
            } finally {
                watch.end();
            }
        }
    }
}
