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
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The JVMs of this user on this machine, by the JDK's Attach API. */
final class Jvms {
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
            String why = String.valueOf(e.getMessage());
            throw new UserError(
                    1,
                    why.contains("Dynamic agent loading is not enabled")
                            ? "process "
                                    + pid
                                    + " was started with -XX:-EnableDynamicAgentLoading: start it"
                                    + " without that option, or with Inspect.start() in the program"
                            : "process " + pid + " cannot load " + jar + ": " + why);
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

    private static VirtualMachine connect(long pid) {
        try {
            return VirtualMachine.attach(String.valueOf(pid));
        } catch (AttachNotSupportedException e) {
            throw new UserError(
                    1,
                    "process "
                            + pid
                            + " does not let itself be attached to ("
                            + e.getMessage()
                            + "): it must be a JVM without -XX:+DisableAttachMechanism that is not"
                            + " stopped, in the same container, and of the same user");
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
