package dev.jenny.inspect.internal.pause;

import dev.jenny.inspect.internal.OwnerOnly;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Temporary files, which are deleted as the program ends if not before. The JVM keeps the name of
 * each until then, so names are used again. All methods may be called by any thread.
 */
final class TempFiles {
    private final List<Path> free = new ArrayList<>(); // names of files that are gone

    /** A file that is there, and empty. */
    synchronized Path create() throws IOException {
        while (!free.isEmpty()) {
            Path file = free.removeLast();
            try {
                return Files.createFile(file, OwnerOnly.file(file));
            } catch (FileAlreadyExistsException e) {
                // somebody else's by now
            }
        }
        Path file = Files.createTempFile("jenny-", ".jfr");
        file.toFile().deleteOnExit(); // after the recorder's hook, which may be writing it
        return file;
    }

    synchronized void delete(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            return; // it is as the program ends
        }
        free.add(file);
    }
}
