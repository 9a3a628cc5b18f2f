package dev.jenny.cli.tools;

import dev.jenny.cli.UserError;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;

/** An answer that went into a file. */
record Download(String name, long bytes) {
    /**
     * Writes the answer to {@code name}, or to standard output if that is {@code -}. A file that
     * was there stays as it was until the answer is whole.
     */
    static Download to(String name, Client client, String query, Duration patience) {
        if (name.equals("-")) {
            try (OutputStream out = new FileOutputStream(FileDescriptor.out)) {
                return new Download(name, client.open(query, patience, in -> in.transferTo(out)));
            } catch (IOException e) {
                throw new UserError(1, "cannot write to standard output: " + e.getMessage());
            }
        }
        Path file = Path.of(name).toAbsolutePath();
        Path part;
        try {
            part = Files.createTempFile(file.getParent(), "jenny", ".part");
        } catch (IOException e) {
            throw new UserError(
                    1, "cannot write in " + file.getParent() + " (" + e + "): use -o FILE");
        }
        try {
            long bytes =
                    client.open(
                            query,
                            patience,
                            in -> Files.copy(in, part, StandardCopyOption.REPLACE_EXISTING));
            if (bytes == 0) {
                throw new UserError(
                        1,
                        "process " + client.program().pid() + " answered with nothing: try again");
            }
            Files.move(part, file, StandardCopyOption.REPLACE_EXISTING);
            return new Download(name, bytes);
        } catch (IOException e) {
            throw new UserError(1, "cannot write " + name + " (" + e + "): use -o FILE");
        } finally {
            try {
                Files.deleteIfExists(part);
            } catch (IOException e) {
                // a small file in the way, no more
            }
        }
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
        return name.matches("[A-Za-z0-9_@%+=:,./-]+")
                ? name
                : "'" + name.replace("'", "'\\''") + "'";
    }
}
