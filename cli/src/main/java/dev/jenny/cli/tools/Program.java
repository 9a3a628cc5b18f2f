package dev.jenny.cli.tools;

import java.net.URI;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.NoSuchElementException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * A running program whose inspect server can be asked.
 *
 * @param token what the server wants to see in every request; never printed
 * @param started when the server was started; null if the file does not say
 * @param main the main class or source file
 * @param file the server's file
 */
record Program(
        long pid, int port, String token, @Nullable Instant started, String main, Path file) {

    /** From the text of the server's file; null if it is not (yet) whole. */
    static @Nullable Program parse(String json, Path file) {
        JsonValue value;
        try {
            value = JsonParser.parse(json);
        } catch (JsonParser.JsonException e) {
            return null;
        }
        long pid = value.get("pid").number(-1);
        long port = value.get("port").number(-1);
        String token = value.get("token").string("");
        if (pid <= 0 || port <= 0 || port > 65535 || token.isEmpty()) {
            return null;
        }
        String main = value.get("main").string("?");
        return new Program(pid, (int) port, token, instant(value.get("started")), main, file);
    }

    /** A program that is known by its URL only. */
    static Program at(String url, long pid, String main) {
        URI uri = URI.create(url);
        String token = uri.getQuery().replaceFirst("^t=", "");
        return new Program(pid, uri.getPort(), token, null, main, Path.of("no file"));
    }

    /** Milliseconds since 1970, or ISO 8601. */
    private static @Nullable Instant instant(JsonValue value) {
        if (value.raw() instanceof Number millis) {
            return Instant.ofEpochMilli(millis.longValue());
        }
        try {
            return value.raw() instanceof String text ? Instant.parse(text) : null;
        } catch (DateTimeException e) {
            return null;
        }
    }

    /** Where a browser sees the program. Holds the token: for the user's own terminal only. */
    String url() {
        return "http://127.0.0.1:" + port + "/?t=" + token;
    }

    /**
     * The process runs, and is the one that wrote the file: not a later one that got the same pid.
     */
    boolean isAlive() {
        ProcessHandle process = ProcessHandle.of(pid).orElse(null);
        if (process == null || !process.isAlive()) {
            return false;
        }
        Instant begin = process.info().startInstant().orElse(null);
        // The start of a process is known to a hundredth of a second. It is computed from the
        // clock, and so moves when that is set: then the server itself must tell.
        return begin == null
                || started == null
                || !begin.isAfter(started.plus(Duration.ofSeconds(60)))
                || Client.answers(this);
    }

    /**
     * The process has ended, or does so within a second: it closes its connections before it is
     * gone.
     */
    boolean hasEnded() {
        if (!isAlive()) {
            return true;
        }
        if (pid == ProcessHandle.current().pid()) {
            return false;
        }
        try {
            ProcessHandle.of(pid).orElseThrow().onExit().get(1, TimeUnit.SECONDS);
            return true;
        } catch (NoSuchElementException | ExecutionException e) {
            return true;
        } catch (TimeoutException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
