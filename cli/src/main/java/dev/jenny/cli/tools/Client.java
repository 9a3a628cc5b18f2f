package dev.jenny.cli.tools;

import dev.jenny.cli.UserError;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ExitCode;

/** Asks the inspect server of one program. */
final class Client {
    private static final int CONNECT_MILLIS = 3000;
    private static final int MAX_MESSAGE = 2000;

    private final Program program;

    Client(Program program) {
        this.program = program;
    }

    Program program() {
        return program;
    }

    /** Whether somebody listens on the program's port; its file may be older than its server. */
    static boolean answers(Program program) {
        try (Socket socket = new Socket()) {
            InetAddress loopback = InetAddress.getByAddress(new byte[] {127, 0, 0, 1});
            socket.connect(new InetSocketAddress(loopback, program.port()), CONNECT_MILLIS);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    /** Path and query, with the values encoded; parameters whose value is null are left out. */
    static String query(String path, @Nullable Object... namesAndValues) {
        StringBuilder query = new StringBuilder(path);
        char separator = '?';
        for (int i = 0; i < namesAndValues.length; i += 2) {
            Object value = namesAndValues[i + 1];
            if (value != null) {
                query.append(separator)
                        .append(namesAndValues[i])
                        .append('=')
                        .append(URLEncoder.encode(value.toString(), StandardCharsets.UTF_8));
                separator = '&';
            }
        }
        return query.toString();
    }

    JsonValue json(String query, Duration patience) {
        String text = text(query, patience);
        try {
            return JsonParser.parse(text);
        } catch (JsonParser.JsonException e) {
            throw new UserError(1, query + " of process " + program.pid() + ": " + e.getMessage());
        }
    }

    String text(String query, Duration patience) {
        return open(query, patience, in -> new String(in.readAllBytes(), StandardCharsets.UTF_8));
    }

    /** What is to be done with the body of an answer. */
    interface Reader<T> {
        T read(InputStream body) throws IOException;
    }

    /**
     * Asks, and hands over the body as it comes.
     *
     * @param patience how long the server may take until it answers, and pause while it does
     */
    <T> T open(String query, Duration patience, Reader<T> reader) {
        URI uri = URI.create("http://127.0.0.1:" + program.port() + query);
        HttpURLConnection connection = null;
        try {
            connection = (HttpURLConnection) uri.toURL().openConnection(Proxy.NO_PROXY);
            connection.setConnectTimeout(CONNECT_MILLIS);
            connection.setReadTimeout((int) patience.toMillis());
            connection.setInstanceFollowRedirects(false);
            connection.setUseCaches(false);
            connection.setRequestProperty("Authorization", "Bearer " + program.token());
            int status = connection.getResponseCode();
            if (status != HttpURLConnection.HTTP_OK) {
                throw refused(query, status, message(connection));
            }
            try (InputStream body = connection.getInputStream()) {
                return reader.read(body);
            }
        } catch (ConnectException e) {
            checkAlive();
            throw new UserError(
                    1,
                    "process %d does not listen on port %d any more: 'jenny attach %d' turns its tools on again"
                            .formatted(program.pid(), program.port(), program.pid()));
        } catch (SocketTimeoutException e) {
            throw new UserError(
                    1,
                    "process %d gave no answer in %d s: it may be stopped, or short of memory or CPU; try again"
                            .formatted(program.pid(), patience.toSeconds()));
        } catch (IOException e) {
            checkAlive();
            throw new UserError(
                    1,
                    "the connection to process %d broke (%s): try again"
                            .formatted(program.pid(), e.getMessage()));
        } finally {
            if (connection != null) {
                connection.disconnect();
            }
        }
    }

    private void checkAlive() {
        if (program.hasEnded()) {
            throw new UserError(
                    1,
                    "process %d (%s) has ended"
                            .formatted(program.pid(), Text.clean(program.main())));
        }
    }

    private UserError refused(String query, int status, String message) {
        String path = query.replaceFirst("\\?.*", "");
        return new UserError(
                status == HttpURLConnection.HTTP_BAD_REQUEST ? ExitCode.USAGE : 1,
                switch (status) {
                    case 401, 403 ->
                            "process %d refused the token in %s: if the file is old, remove it and use 'jenny attach %d'"
                                    .formatted(program.pid(), program.file(), program.pid());
                    case 404 ->
                            message.isEmpty()
                                    ? "process %d does not know %s: its Jenny is another version than this command's"
                                            .formatted(program.pid(), path)
                                    : message;
                    default ->
                            message.isEmpty()
                                    ? "process %d answered %s with status %d"
                                            .formatted(program.pid(), path, status)
                                    : message;
                });
    }

    /** The first lines of the answer, which say what is wrong: text, or JSON with an "error". */
    private static String message(HttpURLConnection connection) throws IOException {
        try (InputStream body = connection.getErrorStream()) {
            if (body == null) {
                return "";
            }
            String text = new String(body.readNBytes(MAX_MESSAGE), StandardCharsets.UTF_8).strip();
            if (text.startsWith("{")) {
                try {
                    text = JsonParser.parse(text).get("error").string(text);
                } catch (JsonParser.JsonException e) {
                    // as it is
                }
            }
            return Text.clean(text);
        }
    }
}
