package dev.jenny.cli.tools;

import dev.jenny.cli.UserError;
import dev.jenny.inspect.internal.OwnerOnly;
import dev.jenny.inspect.internal.http.Discovery;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The programs that can be looked into. Each inspect server leaves a file PID.json, which only its
 * user can read, in the folder {@code jenny-USER} of the machine's folder for temporary files.
 */
final class Programs {
    private static final String TEMP = "java.io.tmpdir";

    private final Path temp;
    private final String user;

    Programs() {
        this(Path.of(System.getProperty(TEMP, "/tmp")), System.getProperty("user.name", ""));
    }

    /** For tests. */
    Programs(Path temp, String user) {
        this.temp = temp;
        this.user = user;
    }

    /** All that run, by pid. Files that dead programs left are removed. */
    List<Program> list() {
        List<Program> programs = new ArrayList<>();
        Path folder = Discovery.directory(temp, user);
        if (!isOurs(folder)) {
            return programs;
        }
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "*.json")) {
            for (Path file : files) {
                try {
                    Program program = read(file);
                    if (program != null) {
                        programs.add(program);
                    }
                } catch (IOException e) {
                    // not readable, or gone since: not one of ours
                }
            }
        } catch (IOException e) {
            throw new UserError(1, "cannot read " + folder + " (" + e + "): check its permissions");
        }
        programs.sort(Comparator.comparingLong(Program::pid));
        return programs;
    }

    /** The program with this pid; without a pid, the only one that runs. */
    Program find(@Nullable Long pid) {
        return pid == null ? only() : withPid(pid);
    }

    private Program only() {
        List<Program> programs = list();
        if (programs.isEmpty()) {
            throw new UserError(
                    1,
                    "no program runs with its tools on: start one with 'jenny run --inspect"
                            + " File.java', or turn them on in a running one with 'jenny attach"
                            + " PID' ('jenny attach' lists Java processes)");
        }
        if (programs.size() > 1) {
            StringBuilder message = new StringBuilder("several programs run: name one by its pid");
            for (Program program : programs) {
                String main = Text.clean(program.main());
                message.append("%n  %-7d %s".formatted(program.pid(), main));
            }
            throw new UserError(2, message.toString());
        }
        return programs.get(0);
    }

    private Program withPid(long pid) {
        Program program = lookup(pid);
        if (program != null) {
            return program;
        }
        ProcessHandle process =
                ProcessHandle.of(pid)
                        .filter(ProcessHandle::isAlive)
                        .orElseThrow(() -> noSuchProcess(pid));
        if (isOfAnotherUser(process)) {
            throw ofAnotherUser(pid, process);
        }
        String main = Jvms.mainOf(pid);
        if (main == null) {
            throw new UserError(
                    1,
                    "process "
                            + pid
                            + commandOf(process)
                            + " is not a Java program: 'jenny ps' lists those with Jenny's tools on");
        }
        throw withoutTools(pid, main);
    }

    static UserError withoutTools(long pid, String main) {
        return new UserError(
                1,
                "process "
                        + pid
                        + " ("
                        + Text.clean(main)
                        + ") runs without --inspect: 'jenny attach "
                        + pid
                        + "' turns the tools on in it");
    }

    /** As {@link #find}, but null if the tools are not on in that process, whoever it may be. */
    @Nullable Program lookup(long pid) {
        ProcessHandle process = ProcessHandle.of(pid).orElse(null);
        String owner = process == null ? user : process.info().user().orElse(user);
        Path where = process == null ? temp : tempOf(process);
        for (String name : owner.equals(user) ? List.of(user) : List.of(user, owner)) {
            Path folder = Discovery.directory(where, name);
            try {
                if (isOwnedBy(folder, name)) {
                    Program program = read(folder.resolve(pid + ".json"));
                    if (program != null) {
                        return program;
                    }
                }
            } catch (NoSuchFileException e) {
                // look on
            } catch (AccessDeniedException e) {
                throw new UserError(
                        1,
                        "process "
                                + pid
                                + " belongs to "
                                + name
                                + ": run this command as "
                                + name
                                + ", as in 'sudo -u "
                                + name
                                + " jenny ...'");
            } catch (IOException e) {
                throw new UserError(1, "cannot read " + folder + " (" + e + ")");
            }
        }
        return null;
    }

    static UserError noSuchProcess(long pid) {
        return new UserError(
                1, "no process " + pid + ": 'jenny ps' lists the programs that can be looked into");
    }

    static boolean isOfAnotherUser(ProcessHandle process) {
        String name = process.info().user().orElse(null);
        String own = ProcessHandle.current().info().user().orElse(null);
        return name != null && own != null && !own.equals("root") && !own.equals(name);
    }

    static UserError ofAnotherUser(long pid, ProcessHandle process) {
        String name = process.info().user().orElse("another user");
        return new UserError(
                1,
                "process %d belongs to %s: run this command as %s, as in 'sudo -u %s jenny ...'"
                        .formatted(pid, name, name, name));
    }

    private static String commandOf(ProcessHandle process) {
        Optional<String> command = process.info().command();
        return command.map(c -> " (" + Text.clean(String.valueOf(Path.of(c).getFileName())) + ")")
                .orElse("");
    }

    /** A program may have been told to put temporary files elsewhere than this command does. */
    private Path tempOf(ProcessHandle process) {
        String option = "-D" + TEMP + "=";
        for (String argument : process.info().arguments().orElse(new String[0])) {
            if (argument.startsWith(option)) {
                return Path.of(argument.substring(option.length()));
            }
        }
        return temp;
    }

    /** Null if the file is not whole, or its program has ended; then it is removed. */
    private static @Nullable Program read(Path file) throws IOException {
        Program program = Program.parse(Files.readString(file), file);
        if (program == null || program.isAlive()) {
            return program;
        }
        Files.deleteIfExists(file);
        return null;
    }

    private boolean isOurs(Path folder) {
        try {
            return isOwnedBy(folder, user);
        } catch (IOException e) {
            return false;
        }
    }

    /**
     * The folder for temporary files is everybody's. A folder that somebody else put there under
     * our name, or a link, is not believed.
     */
    private boolean isOwnedBy(Path folder, String name) throws IOException {
        if (!Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
            return false;
        }
        return name.equals(user)
                ? OwnerOnly.isOurs(folder)
                : Files.getOwner(folder, LinkOption.NOFOLLOW_LINKS).getName().equals(name);
    }
}
