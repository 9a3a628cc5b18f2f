package dev.jenny.cli.tools;

import dev.jenny.cli.UserError;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** An answer that went into a file. */
record Download(String name, long bytes) {
    /** Where names stand for what is open, even if that is a file. */
    private static final List<Path> DEVICES =
            List.of(
                    Path.of("/dev/stdout"),
                    Path.of("/dev/stderr"),
                    Path.of("/dev/fd"),
                    Path.of("/proc"));

    /**
     * Writes the answer to {@code name}, or to standard output if that is {@code -}. A file that
     * was there stays as it was until the answer is whole. What is there but no file, such as a
     * device or a named pipe, is written to, not replaced; a link stays, and leads to the new file.
     */
    static Download to(String name, Client client, String query, Duration patience) {
        if (name.equals("-")) {
            OutputStream out = StandardOutput.stream();
            return new Download(
                    name,
                    client.open(query, patience, in -> copy(in, out, StandardOutput::failed)));
        }
        Path file = Path.of(name).toAbsolutePath();
        if (Files.isDirectory(file)) {
            throw new UserError(1, "cannot write " + name + ": it is a directory; use -o FILE");
        }
        boolean device = DEVICES.stream().anyMatch(file::startsWith);
        if (Files.exists(file) && !device) {
            try {
                file = file.toRealPath();
            } catch (IOException e) {
                throw cannotWrite(name, e);
            }
        }
        if (device || (Files.exists(file) && !Files.isRegularFile(file))) {
            try (OutputStream out = Files.newOutputStream(file)) {
                return new Download(
                        name,
                        client.open(
                                query,
                                patience,
                                in ->
                                        copy(
                                                in,
                                                out,
                                                e -> {
                                                    throw cannotWrite(name, e);
                                                })));
            } catch (IOException e) {
                throw cannotWrite(name, e);
            }
        }
        Path part;
        try {
            part = part(file.getParent());
        } catch (IOException e) {
            throw new UserError(
                    1, "cannot write in " + file.getParent() + " (" + e + "): use -o FILE");
        }
        try {
            long bytes = fetch(client, query, patience, part, e -> cannotWrite(name, e));
            if (bytes == 0) {
                throw new UserError(
                        1,
                        "process " + client.program().pid() + " answered with nothing: try again");
            }
            Files.move(part, file, StandardCopyOption.REPLACE_EXISTING);
            return new Download(name, bytes);
        } catch (IOException e) {
            throw cannotWrite(name, e);
        } finally {
            delete(part);
        }
    }

    /** Writes the answer to a file that only its user can read, and that is to be deleted. */
    static Path temporary(Client client, String query, Duration patience) {
        Path folder = Path.of(System.getProperty("java.io.tmpdir", "/tmp"));
        try {
            Path file = part(folder);
            try {
                fetch(client, query, patience, file, e -> noRoom(folder, e));
                return file;
            } catch (RuntimeException | Error e) {
                delete(file);
                throw e;
            }
        } catch (IOException e) {
            throw noRoom(folder, e);
        }
    }

    /** A file that only its user can read. */
    private static Path part(@Nullable Path folder) throws IOException {
        Path part = Files.createTempFile(folder, "jenny", ".part");
        part.toFile().deleteOnExit(); // Ctrl-C ends no try block
        return part;
    }

    /** Writes the answer to {@code part}; returns how many bytes it has. */
    private static long fetch(
            Client client,
            String query,
            Duration patience,
            Path part,
            Function<IOException, UserError> cannotWrite) {
        return client.open(
                query,
                patience,
                in -> {
                    try (OutputStream out = Files.newOutputStream(part)) {
                        return copy(
                                in,
                                out,
                                e -> {
                                    throw cannotWrite.apply(e);
                                });
                    }
                });
    }

    static void delete(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            // a small file in the way, no more
        }
    }

    private static UserError noRoom(Path folder, IOException e) {
        return new UserError(
                1, "cannot write in " + folder + " (" + e.getMessage() + "): make room there");
    }

    private static UserError cannotWrite(String name, IOException e) {
        return new UserError(1, "cannot write " + name + " (" + e.getMessage() + "): use -o FILE");
    }

    /**
     * Copies all; a failure of {@code in} is the connection's, one of {@code out} goes to {@code
     * failed}, and ends it.
     */
    private static long copy(InputStream in, OutputStream out, Consumer<IOException> failed)
            throws IOException {
        byte[] buffer = new byte[1 << 16];
        long bytes = 0;
        for (int n; (n = in.read(buffer)) >= 0; bytes += n) {
            try {
                out.write(buffer, 0, n);
            } catch (IOException e) {
                failed.accept(e);
                return bytes;
            }
        }
        return bytes;
    }

    boolean isStandardOutput() {
        return name.equals("-");
    }

    /** As people read it. */
    String size() {
        return Text.count((double) bytes) + "B";
    }

    /** As a shell takes it. */
    String quoted() {
        return Text.quoted(name);
    }
}
