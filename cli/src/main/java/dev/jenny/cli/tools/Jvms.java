package dev.jenny.cli.tools;

import com.sun.tools.attach.AgentInitializationException;
import com.sun.tools.attach.AgentLoadException;
import com.sun.tools.attach.AttachNotSupportedException;
import com.sun.tools.attach.VirtualMachine;
import com.sun.tools.attach.VirtualMachineDescriptor;
import dev.jenny.cli.UserError;
import dev.jenny.inspect.Inspect;
import dev.jenny.inspect.internal.AttachAgent;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.CodeSource;
import java.util.List;
import java.util.Properties;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The JVMs of this user on this machine, by the JDK's Attach API. */
final class Jvms {
    private static final int OLDEST_JAVA = 25;

    private Jvms() {}

    /** A JVM. {@code main}: its main class or jar, without arguments. */
    record Jvm(long pid, String main) {}

    /** All but this one. */
    static List<Jvm> list() {
        long self = ProcessHandle.current().pid();
        return all().filter(jvm -> jvm.pid() != self).toList();
    }

    /** The main class of a process, or null if it is no JVM that this user may see. */
    static @Nullable String mainOf(long pid) {
        return all().filter(jvm -> jvm.pid() == pid)
                .map(Jvm::main)
                .findFirst()
                .orElseGet(() -> isJava(pid) ? "java" : null);
    }

    /** JVMs with -XX:-UsePerfData are in no list. */
    private static boolean isJava(long pid) {
        return ProcessHandle.of(pid)
                .flatMap(p -> p.info().command())
                .map(command -> Path.of(command).endsWith("java"))
                .orElse(false);
    }

    private static Stream<Jvm> all() {
        return VirtualMachine.list().stream()
                .filter(vm -> vm.id().matches("\\d{1,18}"))
                .map(vm -> new Jvm(Long.parseLong(vm.id()), main(vm)));
    }

    /** {@code jenny run Foo.java} shows as our Main class and its arguments: Foo.java says more. */
    private static String main(VirtualMachineDescriptor vm) {
        String line = vm.displayName();
        String launcher = "dev.jenny.cli.Main run ";
        if (line.startsWith(launcher)) {
            String[] words = line.substring(launcher.length()).split(" ");
            for (int i = 0; i < words.length; i++) {
                if (words[i].matches("-cp|-classpath|--class-path|--gomaxprocs|--trace")) {
                    i++;
                } else if (!words[i].startsWith("-")) {
                    return words[i];
                }
            }
        }
        int space = line.indexOf(' ');
        String main = space < 0 ? line : line.substring(0, space);
        return main.isEmpty() ? "?" : main;
    }

    /**
     * Starts the inspect server in a running JVM, or finds that it runs. Returns when it does.
     *
     * @param port 0 for any free one
     * @return the server's URL
     */
    static String attach(long pid, int port) {
        Path jar = inspectJar();
        VirtualMachine vm = connect(pid);
        try {
            checkVersion(pid, vm.getSystemProperties());
            vm.loadAgent(jar.toString(), "port=" + port);
            String result = vm.getSystemProperties().getProperty(AttachAgent.RESULT);
            if (result == null || !result.startsWith(AttachAgent.OK)) {
                throw new UserError(1, "process " + pid + ": " + result);
            }
            return result.substring(AttachAgent.OK.length());
        } catch (AgentInitializationException e) {
            throw new UserError(
                    1,
                    "the tools did not start in process "
                            + pid
                            + " (code "
                            + e.returnValue()
                            + "): its error output says why");
        } catch (AgentLoadException e) {
            throw cannotLoad(pid, jar, String.valueOf(e.getMessage()));
        } catch (IOException e) {
            throw new UserError(
                    1,
                    "the connection to process "
                            + pid
                            + " broke ("
                            + e.getMessage()
                            + "): does it still run?");
        } finally {
            try {
                vm.detach();
            } catch (IOException e) {
                // it has ended; what there was to say has been said
            }
        }
    }

    /** Goroutines need a Java that {@code jenny} itself needs; an older one cannot load the jar. */
    static void checkVersion(long pid, Properties properties) {
        String version = properties.getProperty("java.specification.version", "");
        if (version.matches("1\\.\\d+|\\d{1,3}")
                && Integer.parseInt(version.replaceFirst("^1\\.", "")) < OLDEST_JAVA) {
            throw new UserError(
                    1,
                    "process %d runs on Java %s (%s): Jenny needs Java %d, so there are no goroutines in it to look at"
                            .formatted(
                                    pid,
                                    version,
                                    Text.clean(properties.getProperty("java.home", "?")),
                                    OLDEST_JAVA));
        }
    }

    /** What to do about an agent that the JVM did not load. */
    static UserError cannotLoad(long pid, Path jar, String why) {
        if (why.contains("Dynamic agent loading is not enabled")) {
            return new UserError(
                    1,
                    "process "
                            + pid
                            + " was started with -XX:-EnableDynamicAgentLoading: start it without that"
                            + " option, or with Inspect.start() in the program");
        }
        if (why.contains("java.instrument not found")) {
            return new UserError(
                    1,
                    "the Java of process "
                            + pid
                            + " was made without the module java.instrument, which the tools need: run"
                            + " it on a full JDK, or make the image with jlink --add-modules "
                            + "java.instrument,java.management,jdk.management,jdk.httpserver,jdk.jfr");
        }
        return new UserError(
                1,
                "process %d cannot load %s: %s; the process must be able to read that file, where it is"
                        .formatted(pid, jar, Text.clean(why)));
    }

    /** Why a process cannot be attached to, and what to do. */
    static UserError notSupported(long pid, String why) {
        if (why.contains("does not support the attach mechanism")) {
            return new UserError(
                    1,
                    "process "
                            + pid
                            + " was started with -XX:+DisableAttachMechanism: start it without that"
                            + " option, or with Inspect.start() in the program");
        }
        return new UserError(
                1,
                "process %d does not let itself be attached to (%s): it must be a JVM that is not too busy to answer, in the same container and of the same user"
                        .formatted(pid, Text.clean(why)));
    }

    /**
     * The state of a process in the words of Linux: {@code T} for stopped, {@code Z} for ended but
     * still in the table; 0 if that is not known.
     */
    static char state(long pid) {
        try {
            String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
            int end = stat.lastIndexOf(") "); // the name before it may be anything
            return end < 0 ? 0 : stat.charAt(end + 2);
        } catch (IOException | IndexOutOfBoundsException e) {
            return 0;
        }
    }

    private static VirtualMachine connect(long pid) {
        if (state(pid) == 'T') {
            // the JVM would be asked for ten seconds, and the signal that asks it stay pending
            throw new UserError(
                    1,
                    "process %d is stopped, so it cannot answer: 'kill -CONT %d' lets it go on"
                            .formatted(pid, pid));
        }
        try {
            return VirtualMachine.attach(String.valueOf(pid));
        } catch (AttachNotSupportedException e) {
            throw notSupported(pid, String.valueOf(e.getMessage()));
        } catch (IOException e) {
            throw new UserError(
                    1,
                    "cannot attach to process "
                            + pid
                            + " ("
                            + e.getMessage()
                            + "): run this command as the process's user, in its container");
        }
    }

    private static Path inspectJar() {
        CodeSource source = Inspect.class.getProtectionDomain().getCodeSource();
        try {
            Path jar = source == null ? null : Path.of(source.getLocation().toURI());
            if (jar != null && Files.isRegularFile(jar)) {
                return jar.toAbsolutePath();
            }
        } catch (URISyntaxException e) {
            // as if there were none
        }
        throw new UserError(1, "jenny-inspect.jar is not on the class path: use ./jenny");
    }
}
