package dev.jenny.internal.loom;

import java.lang.instrument.Instrumentation;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Opens {@code java.lang} to Jenny, for programs that start with {@code
 * -javaagent:jenny-runtime.jar} or from a jar whose manifest has {@code Launcher-Agent-Class:
 * dev.jenny.internal.loom.OpenAgent}. It transforms no class.
 */
public final class OpenAgent {
    private OpenAgent() {}

    /** Entry point of {@code -javaagent}. */
    public static void premain(@Nullable String args, Instrumentation instrumentation) {
        open(instrumentation);
    }

    /** Entry point of {@code Launcher-Agent-Class} and of attach. */
    public static void agentmain(@Nullable String args, Instrumentation instrumentation) {
        open(instrumentation);
    }

    private static void open(Instrumentation instrumentation) {
        // An agent's jar is put on the class path, so this class may be a twin of the one in the
        // module dev.jenny.runtime: open the package to both.
        Set<Module> readers = new HashSet<>();
        readers.add(OpenAgent.class.getModule());
        readers.add(ClassLoader.getSystemClassLoader().getUnnamedModule());
        ModuleLayer.boot().findModule("dev.jenny.runtime").ifPresent(readers::add);
        instrumentation.redefineModule(
                Object.class.getModule(),
                Set.of(),
                Map.of(),
                Map.of("java.lang", readers),
                Set.of(),
                Map.of());
    }
}
