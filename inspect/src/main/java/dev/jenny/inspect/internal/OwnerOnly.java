package dev.jenny.inspect.internal;

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

    /** Whether the file system of {@code directory} knows owners and permissions. */
    public static boolean isKnown(Path directory) {
        return directory.getFileSystem().supportedFileAttributeViews().contains("posix");
    }
}
