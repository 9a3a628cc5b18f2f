package dev.jenny.cli.tools;

import com.sun.net.httpserver.HttpServer;
import dev.jenny.cli.Commands;
import dev.jenny.inspect.internal.http.Discovery;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;

/** Plays the inspect server of a program, which is this JVM, and runs commands against it. */
final class FakeServer implements AutoCloseable {
    private record Answer(int status, byte[] body) {}

    /** One for each answer that its client has taken. */
    final Semaphore answered = new Semaphore(0);

    final List<String> requests = Collections.synchronizedList(new ArrayList<>());
    private final Map<String, Answer> answers = new ConcurrentHashMap<>();
    private final HttpServer server;
    private final Path temp;
    private final String token = "token-of-the-test";

    FakeServer(Path temp) throws IOException {
        this.temp = temp;
        InetAddress loopback = InetAddress.getByAddress(new byte[] {127, 0, 0, 1});
        server = HttpServer.create(new InetSocketAddress(loopback, 0), 0);
        server.createContext(
                "/",
                exchange -> {
                    String request = exchange.getRequestURI().toString();
                    requests.add(request);
                    boolean allowed =
                            ("Bearer " + token)
                                    .equals(exchange.getRequestHeaders().getFirst("Authorization"));
                    Answer answer =
                            !allowed
                                    ? answerOf(401, "a token is needed\n")
                                    : answers.getOrDefault(
                                            exchange.getRequestURI().getPath(),
                                            answerOf(404, "no such page\n"));
                    byte[] body = answer.body();
                    exchange.sendResponseHeaders(
                            answer.status(), body.length == 0 ? -1 : body.length);
                    exchange.getResponseBody().write(body);
                    exchange.close();
                    answered.release();
                });
        server.start();
        leaveFile(port(), token);
    }

    int port() {
        return server.getAddress().getPort();
    }

    Path leaveFile(int port, String token) throws IOException {
        Path folder =
                Files.createDirectories(Discovery.directory(temp, System.getProperty("user.name")));
        return Files.writeString(
                folder.resolve(ProcessHandle.current().pid() + ".json"),
                "{\"pid\":%d,\"port\":%d,\"token\":\"%s\",\"started\":%d,\"main\":\"App.java\"}"
                        .formatted(
                                ProcessHandle.current().pid(),
                                port,
                                token,
                                System.currentTimeMillis()));
    }

    FakeServer answer(String path, String body) {
        return answer(path, 200, body);
    }

    FakeServer answer(String path, int status, String body) {
        answers.put(path, answerOf(status, body));
        return this;
    }

    FakeServer answer(String path, byte[] body) {
        answers.put(path, new Answer(200, body));
        return this;
    }

    private static Answer answerOf(int status, String body) {
        return new Answer(status, body.getBytes(StandardCharsets.UTF_8));
    }

    Commands.Result run(String... args) {
        String before = System.setProperty("java.io.tmpdir", temp.toString());
        try {
            return Commands.run(args);
        } finally {
            System.setProperty("java.io.tmpdir", before);
        }
    }

    /** Runs a command whose output goes to {@code out}. */
    Commands.Result run(PrintWriter out, String... args) {
        String before = System.setProperty("java.io.tmpdir", temp.toString());
        try {
            return Commands.run(out, args);
        } finally {
            System.setProperty("java.io.tmpdir", before);
        }
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
