package dev.jenny.cli.tools;

import dev.jenny.cli.UserError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * What the scheduler of a running program did, as its dashboard has it, in a file until it is
 * closed. The dashboard is asked for a moment, not for "now": so it shows the same later.
 */
final class LiveTrace implements AutoCloseable {
    private static final String PAGE = "/api/v1/trace";
    private static final int KEEP_SECONDS = 60;
    private static final int MAX_EVENTS = 10_000_000;

    private final Client client;
    private final int seconds;
    private final long at;
    private final Path file;

    private LiveTrace(Client client, int seconds, long at, Path file) {
        this.client = client;
        this.seconds = seconds;
        this.at = at;
        this.file = file;
    }

    /**
     * Takes it.
     *
     * @param next whether to record the next {@code seconds}; else those that have been recorded,
     *     or, if nothing has been, also the next
     */
    static LiveTrace take(Client client, int seconds, boolean next) throws IOException {
        Duration patience = ToolCommand.PATIENCE.plusSeconds(seconds);
        JsonValue before = client.json("/api/v1/state", ToolCommand.PATIENCE);
        if (before.get("program").get("mode").string("").equals("fallback")) {
            throw new UserError(
                    1,
                    "in fallback mode there is nothing to trace: open java.lang to Jenny with"
                            + " --add-opens java.base/java.lang=ALL-UNNAMED");
        }
        // This makes it record, if it does not yet.
        client.open(
                Client.query(PAGE, "seconds", seconds, "limit", 1, "keep", KEEP_SECONDS),
                patience,
                in -> in.skip(Long.MAX_VALUE));
        JsonValue state = now(client);
        if (next) {
            long left = moment(before) + TimeUnit.SECONDS.toNanos(seconds) - moment(state);
            if (left > 0) {
                sleep(left);
                state = now(client);
            }
        }
        long at = moment(state);
        String query =
                Client.query(
                        PAGE,
                        "seconds",
                        seconds,
                        "at",
                        at,
                        "limit",
                        MAX_EVENTS,
                        "keep",
                        KEEP_SECONDS);
        Path file = Files.createTempFile("jenny", ".jtrc");
        file.toFile().deleteOnExit(); // Ctrl-C ends no try block
        boolean done = false;
        try {
            Download.to(file.toString(), client, query, patience);
            done = true;
            return new LiveTrace(client, seconds, at, file);
        } finally {
            if (!done) {
                Files.deleteIfExists(file);
            }
        }
    }

    private static JsonValue now(Client client) {
        return client.json("/api/v1/state", ToolCommand.PATIENCE);
    }

    private static long moment(JsonValue state) {
        List<JsonValue> samples = state.get("samples").list();
        return samples.isEmpty() ? 0 : samples.getLast().get("t").number(0);
    }

    private static void sleep(long nanos) {
        try {
            TimeUnit.NANOSECONDS.sleep(nanos);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new UserError(1, "interrupted");
        }
    }

    Path file() {
        return file;
    }

    TraceSource source() {
        return TraceSource.program(client.program());
    }

    /** The links into a trace that begins at the moment {@code start}. */
    Links links(long start) {
        return new Links.Dashboard(
                "the links, within a minute",
                client.program().url(),
                "s=%d&at=%d&from=%d&".formatted(seconds, at, start));
    }

    @Override
    public void close() throws IOException {
        Files.deleteIfExists(file);
    }
}
