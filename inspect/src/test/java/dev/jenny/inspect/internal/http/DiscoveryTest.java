package dev.jenny.inspect.internal.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DiscoveryTest {
    @TempDir Path temporary;

    /** Another user may have made it so. */
    @Test
    void aDirectoryThatNobodyMayReadIsNoReasonToFail() throws Exception {
        Assumptions.assumeTrue(
                temporary.getFileSystem().supportedFileAttributeViews().contains("posix"));
        Path directory =
                Files.createDirectory(
                        temporary.resolve("jenny-x"),
                        PosixFilePermissions.asFileAttribute(Set.of()));
        Discovery d = new Discovery(directory, 1, "token", "name");
        try {
            assertThatCode(d::publish).doesNotThrowAnyException();
        } finally {
            d.remove();
            Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx------"));
        }
    }

    /** What cleans up the directory for temporary files takes old ones. */
    @Test
    void aFileThatIsGoneIsWrittenAgainUntilItIsRemoved() throws Exception {
        Path directory = temporary.resolve("jenny-y");
        Path file = directory.resolve(ProcessHandle.current().pid() + ".json");
        Discovery d = new Discovery(directory, 1, "token", "name");
        d.publish();
        try {
            Files.delete(file);
            Discovery.keep();
            assertThat(file).exists();
        } finally {
            d.remove();
        }
        Discovery.keep();
        assertThat(file).doesNotExist();
    }
}
