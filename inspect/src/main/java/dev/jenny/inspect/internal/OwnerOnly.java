package dev.jenny.inspect.internal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/** Files that only their owner can read, where the file system knows owners. */
public final class OwnerOnly {
    private static final Set<PosixFilePermission> FILE =
            PosixFilePermissions.fromString("rw-------");

    private OwnerOnly() {}

    /** What {@code Files.createFile} is to be given for a file in {@code directory}. */
    public static FileAttribute<?>[] file(Path directory) {
        return isKnown(directory)
                ? new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(FILE)}
                : new FileAttribute<?>[0];
    }

    /**
     * Whether {@code file}, itself and not where a link leads, belongs to whom this process runs
     * as. Our own files tell who that is: a user may have no name, or have it set to anything.
     */
    public static boolean isOurs(Path file) throws IOException {
        Path probe = Files.createTempFile("jenny-", null);
        try {
            return Files.getOwner(file, LinkOption.NOFOLLOW_LINKS).equals(Files.getOwner(probe));
        } finally {
            Files.delete(probe);
        }
    }

    /** Whether the file system of {@code directory} knows owners and permissions. */
    public static boolean isKnown(Path directory) {
        return directory.getFileSystem().supportedFileAttributeViews().contains("posix");
    }
}
