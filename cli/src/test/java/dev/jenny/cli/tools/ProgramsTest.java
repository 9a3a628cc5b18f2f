package dev.jenny.cli.tools;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jenny.cli.UserError;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProgramsTest {
    private final long self = ProcessHandle.current().pid();
    @TempDir Path temp;
    private String user;
    private Path folder;
    private Programs programs;

    @BeforeEach
    void prepare() throws Exception {
        user = Files.getOwner(temp).getName();
        folder = Files.createDirectory(temp.resolve("jenny-" + user));
        programs = new Programs(temp, user);
    }

    @Test
    void findsTheOnlyOne() throws Exception {
        write(self, Instant.now().toEpochMilli());
        assertThat(programs.list()).hasSize(1);
        Program program = programs.find(null);
        assertThat(program.pid()).isEqualTo(self);
        assertThat(program.port()).isEqualTo(4321);
        assertThat(program.main()).isEqualTo("Main");
        assertThat(program.url()).isEqualTo("http://127.0.0.1:4321/?t=secret");
        assertThat(programs.find(self)).isEqualTo(program);
    }

    @Test
    void noneSaysHowToStartOne() {
        assertThatThrownBy(() -> programs.find(null))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("jenny run --inspect")
                .hasMessageContaining("jenny attach");
        assertThat(new Programs(temp.resolve("absent"), user).list()).isEmpty();
    }

    @Test
    void severalMustBeNamed() throws Exception {
        write(self, Instant.now().toEpochMilli());
        Process other = new ProcessBuilder("sleep", "60").start();
        try {
            write(other.pid(), Instant.now().toEpochMilli());
            assertThatThrownBy(() -> programs.find(null))
                    .hasMessageContaining("name one")
                    .hasMessageContaining(String.valueOf(self))
                    .hasMessageContaining(String.valueOf(other.pid()));
            assertThat(programs.find(other.pid()).pid()).isEqualTo(other.pid());
        } finally {
            other.destroyForcibly().waitFor();
        }
    }

    /** What a program is called comes from its file, or its command line. */
    @Test
    void namesCannotControlTheTerminal() throws Exception {
        Path file = write(self, Instant.now().toEpochMilli());
        Files.writeString(file, Files.readString(file).replace("Main", "\\u001b[2JMain"));
        Process other = new ProcessBuilder("sleep", "60").start();
        try {
            write(other.pid(), Instant.now().toEpochMilli());
            assertThatThrownBy(() -> programs.find(null))
                    .hasMessageContaining(self + " ")
                    .hasMessageContaining("\ufffd[2JMain");
        } finally {
            other.destroyForcibly().waitFor();
        }
        assertThat(Programs.withoutTools(7, "\u001b[2JMain"))
                .hasMessageContaining("process 7 (\ufffd[2JMain) runs without --inspect");
    }

    @Test
    void theFileOfADeadProgramIsRemoved() throws Exception {
        Process dead = new ProcessBuilder("true").start();
        dead.waitFor();
        Path file = write(dead.pid(), Instant.now().toEpochMilli());
        assertThat(programs.list()).isEmpty();
        assertThat(file).doesNotExist();
        write(dead.pid(), Instant.now().toEpochMilli());
        assertThatThrownBy(() -> programs.find(dead.pid()))
                .hasMessageContaining("no process " + dead.pid())
                .hasMessageContaining("jenny ps");
        assertThat(file).doesNotExist();
    }

    @Test
    void aLaterProcessWithTheSamePidIsAnother() throws Exception {
        Path file = write(self, 1_000_000_000_000L); // 2001
        assertThat(programs.list()).isEmpty();
        assertThat(file).doesNotExist();
    }

    /** When the clock is set, a process seems to have started at another time. */
    @Test
    void aProgramThatAnswersIsAliveWhateverTheClockSays() throws Exception {
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Path file = write(self, 1_000_000_000_000L, server.getLocalPort());
            assertThat(programs.list()).hasSize(1);
            assertThat(file).exists();
        }
    }

    /** In a container a user may be a number only; the JDK calls him {@code ?}. */
    @Test
    void aUserMayHaveNoName() throws Exception {
        Files.createDirectory(temp.resolve("jenny-_"));
        Files.move(
                write(self, Instant.now().toEpochMilli()),
                temp.resolve("jenny-_/" + self + ".json"));
        Programs ours = new Programs(temp, "?");
        assertThat(ours.list()).hasSize(1);
        assertThat(ours.find(self).pid()).isEqualTo(self);
    }

    @Test
    void halfWrittenAndForeignFilesAreLeftAlone() throws Exception {
        Path half = Files.writeString(folder.resolve("17.json"), "{\"pid\":17,");
        Path other = Files.writeString(folder.resolve("notes.json"), "[]");
        assertThat(programs.list()).isEmpty();
        assertThat(half).exists();
        assertThat(other).exists();
    }

    @Test
    void aLinkInPlaceOfTheFolderIsNotBelieved() throws Exception {
        write(self, Instant.now().toEpochMilli());
        Path elsewhere = Files.move(folder, temp.resolve("elsewhere"));
        Files.createSymbolicLink(folder, elsewhere);
        assertThat(programs.list()).isEmpty();
        assertThat(programs.lookup(self)).isNull();
    }

    @Test
    void processesThatCannotBeLookedInto() throws Exception {
        assertThatThrownBy(() -> programs.find(self))
                .hasMessageContaining("runs without --inspect")
                .hasMessageContaining("jenny attach " + self);
        Process sleep = new ProcessBuilder("sleep", "60").start();
        try {
            assertThatThrownBy(() -> programs.find(sleep.pid()))
                    .hasMessageContaining("is not a Java program");
        } finally {
            sleep.destroyForcibly().waitFor();
        }
    }

    @Test
    void readsTheTimeInBothForms() {
        String iso = "{\"pid\":1,\"port\":2,\"token\":\"t\",\"started\":\"2026-01-02T03:04:05Z\"}";
        Program program = Program.parse(iso, temp);
        assertThat(program.started()).isEqualTo(Instant.parse("2026-01-02T03:04:05Z"));
        assertThat(Program.parse(iso.replace("2026-", ""), temp).started()).isNull();
        assertThat(Program.parse(iso.replace("\"port\":2", "\"port\":70000"), temp)).isNull();
    }

    private Path write(long pid, long started) throws Exception {
        return write(pid, started, 4321);
    }

    private Path write(long pid, long started, int port) throws Exception {
        return Files.writeString(
                folder.resolve(pid + ".json"),
                "{\"pid\":%d,\"port\":%d,\"token\":\"secret\",\"started\":%d,\"main\":\"Main\"}"
                        .formatted(pid, port, started));
    }
}
