package dev.jenny.inspect.internal.http;

import dev.jenny.inspect.internal.Json;
import dev.jenny.inspect.internal.OwnerOnly;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The file by which {@code jenny ps} finds this program: {@code jenny-USER/PID.json} in the
 * directory for temporary files. It holds the token, so only its owner may read it; if that cannot
 * be had, because somebody else made the directory first, there is no file and a line says why.
 */
public final class Discovery {
    private static final Set<PosixFilePermission> OWNER_DIRECTORY =
            PosixFilePermissions.fromString("rwx------");

    /** The one that has been published last; null if it was removed. */
    private static volatile @Nullable Discovery current;

    private final String json;
    private final String name;
    private final Path directory;
    private final Path file;
    // guarded by this
    private @Nullable Thread hook;
    private boolean removed;
    private boolean warned;

    /** For {@code server}; writes nothing yet. {@code name}: null for the main class. */
    public Discovery(Server server, @Nullable String name) {
        this(directory(), server.port(), server.token(), name == null ? mainClass() : name);
    }

    Discovery(Path directory, int port, String token, String name) {
        long pid = ProcessHandle.current().pid();
        this.name = name;
        this.directory = directory;
        this.file = directory.resolve(pid + ".json");
        this.json =
                Json.string(j ->
                        j.object()
                                .field("pid", pid)
                                .field("port", port)
                                .field("token", token)
                                .field("started", Instant.now().toString())
                                .field("main", name)
                                .end());
    }

    /** What the program is called. */
    public String name() {
        return name;
    }

    /** Where this user's programs leave their files. */
    public static Path directory() {
        return directory(
                Path.of(System.getProperty("java.io.tmpdir", "/tmp")),
                System.getProperty("user.name", ""));
    }

    /** Where the programs of {@code user} leave their files, if they put temporary ones there. */
    public static Path directory(Path temporary, String user) {
        return temporary.resolve("jenny-" + user.replaceAll("[^A-Za-z0-9._-]", "_"));
    }

    /**
     * Writes the file again if it is no longer there: what cleans up the directory for temporary
     * files takes those that nobody has touched for days.
     */
    public static void keep() {
        Discovery d = current;
        if (d != null && !Files.exists(d.file)) {
            d.publish();
        }
    }

    /** Writes the file, and has it removed when the JVM exits. */
    public synchronized void publish() {
        if (removed) {
            return;
        }
        try {
            prepareDirectory();
            removeStale();
            Path draft = directory.resolve(file.getFileName() + ".tmp");
            Files.deleteIfExists(draft);
            Files.createFile(draft, OwnerOnly.file(directory));
            Files.writeString(draft, json + "\n", StandardOpenOption.WRITE);
            Files.move(
                    draft,
                    file,
                    StandardCopyOption.ATOMIC_MOVE,
                    StandardCopyOption.REPLACE_EXISTING);
            if (hook == null) {
                Thread h = new Thread(this::delete, "jenny-inspect-exit");
                Runtime.getRuntime().addShutdownHook(h);
                hook = h;
            }
            current = this;
        } catch (IOException
                | DirectoryIteratorException
                | UnsupportedOperationException
                | IllegalStateException e) {
            if (!warned) {
                warned = true;
                System.err.println(
                        "jenny: inspect: `jenny ps` will not find this program, for "
                                + file
                                + " cannot be written: "
                                + e.getMessage());
            }
        }
    }

    /** Removes the file. */
    public synchronized void remove() {
        removed = true;
        current = null;
        Thread h = hook;
        hook = null;
        if (h != null) {
            try {
                Runtime.getRuntime().removeShutdownHook(h);
            } catch (IllegalStateException e) {
                // the JVM is exiting: the hook does the same
            }
        }
        delete();
    }

    private void delete() {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            // whoever reads it sees that the process is gone
        }
    }

    private void prepareDirectory() throws IOException {
        if (!OwnerOnly.isKnown(directory)) {
            Files.createDirectories(directory); // on Windows, the temporary directory is private
            return;
        }
        if (!Files.exists(directory, LinkOption.NOFOLLOW_LINKS)) {
            Files.createDirectory(directory, PosixFilePermissions.asFileAttribute(OWNER_DIRECTORY));
        }
        PosixFileAttributes found =
                Files.readAttributes(
                        directory, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        Set<PosixFilePermission> others = EnumSet.noneOf(PosixFilePermission.class);
        others.addAll(found.permissions()); // of which there may be none
        others.removeAll(OWNER_DIRECTORY);
        if (!found.isDirectory() || !OwnerOnly.isOurs(directory)) {
            throw new IOException(directory + " belongs to somebody else");
        }
        if (!others.isEmpty()) {
            throw new IOException("others can read " + directory + ": chmod 700 it");
        }
    }

    /** Removes what programs left that were killed. */
    private void removeStale() throws IOException {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, "*.json")) {
            for (Path path : files) {
                String name = path.getFileName().toString();
                try {
                    long pid = Long.parseLong(name.substring(0, name.length() - 5));
                    if (ProcessHandle.of(pid).isEmpty()) {
                        Files.deleteIfExists(path);
                    }
                } catch (NumberFormatException e) {
                    // not one of ours
                }
            }
        }
    }

    private static String mainClass() {
        String command = System.getProperty("sun.java.command", "").strip();
        int space = command.indexOf(' ');
        return space < 0 ? command : command.substring(0, space);
    }
}
