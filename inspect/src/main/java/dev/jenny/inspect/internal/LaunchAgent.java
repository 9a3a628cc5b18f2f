package dev.jenny.inspect.internal;

import java.io.IOException;
import java.lang.instrument.ClassFileTransformer;
import java.lang.instrument.Instrumentation;
import java.lang.reflect.InvocationTargetException;
import java.security.ProtectionDomain;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Entry point of the jar for {@code -javaagent:jenny-inspect.jar}: opens {@code java.lang} to Jenny
 * and starts the tools, in a program that has no line of code for them. If Jenny is on the class
 * path or module path they start before the program's {@code main}. If it is in a class loader that
 * the program has yet to make, as in an executable jar with jars in it, they start when that loader
 * has loaded the scheduler; until then, and if that never happens, nothing is started.
 *
 * <p>As {@link AttachAgent}, this class refers to nothing of Jenny's. What goes wrong is one line
 * on standard error: an exception that left {@link #premain} would end the program.
 */
public final class LaunchAgent {
    private static final String LOOM = "dev/jenny/internal/loom/Loom";
    private static final String SCHED = "dev/jenny/internal/sched/Sched";

    private LaunchAgent() {}

    /** Called by the JVM before the program's {@code main}. */
    @SuppressWarnings("CatchingUnchecked") // see the class
    public static void premain(@Nullable String args, Instrumentation instrumentation) {
        try {
            openJavaLang(
                    instrumentation,
                    LaunchAgent.class.getModule(),
                    ClassLoader.getSystemClassLoader().getUnnamedModule(),
                    ModuleLayer.boot().findModule("dev.jenny.runtime").orElse(null));
            Options options = Options.parse(args == null ? "" : args);
            if (AttachAgent.runtime(instrumentation) != null) {
                start(options, instrumentation);
            } else {
                instrumentation.addTransformer(new Waiting(options, instrumentation));
            }
        } catch (IllegalArgumentException e) {
            say(e.getMessage());
        } catch (Exception | LinkageError e) {
            say(e.toString());
        }
    }

    private static void start(Options options, Instrumentation instrumentation) {
        try {
            Object ready = AttachAgent.prepare(instrumentation);
            if (!(ready instanceof Class<?> attached)) {
                say(ready.toString());
                return;
            }
            attached.getMethod("launch", int.class, String.class, boolean.class, String.class)
                    .invoke(null, options.port, options.name, options.quiet, options.flight);
        } catch (InvocationTargetException e) {
            Throwable cause = e.getTargetException();
            boolean told =
                    cause instanceof IOException || cause instanceof IllegalArgumentException;
            say(told ? cause.getMessage() : cause.toString());
        } catch (LinkageError | ReflectiveOperationException e) {
            say("the program's Jenny is of another version than this agent: " + e);
        } catch (RuntimeException | IOException e) {
            say(e.toString());
        }
    }

    private static void say(@Nullable String wrong) {
        System.err.println(
                "jenny: -javaagent:jenny-inspect.jar: "
                        + wrong
                        + "; the program goes on without the tools");
    }

    private static void openJavaLang(Instrumentation instrumentation, @Nullable Module... to) {
        Set<Module> readers = new HashSet<>();
        for (Module m : to) {
            if (m != null) {
                readers.add(m);
            }
        }
        instrumentation.redefineModule(
                Object.class.getModule(),
                Set.of(),
                Map.of(),
                Map.of("java.lang", readers),
                Set.of(),
                Map.of());
    }

    /** What stands behind the jar's name. */
    private record Options(
            int port, @Nullable String name, boolean quiet, @Nullable String flight) {
        /**
         * @throws IllegalArgumentException if it makes no sense; the text says what is allowed
         */
        static Options parse(String text) {
            int port = 0;
            String name = null;
            boolean quiet = false;
            String flight = null;
            String rest = text;
            while (!rest.isEmpty()) {
                if (rest.equals("flight") || rest.startsWith("flight=")) {
                    flight = rest.equals("flight") ? "" : rest.substring("flight=".length());
                    break; // it has commas of its own
                }
                int comma = rest.indexOf(',');
                String option = comma < 0 ? rest : rest.substring(0, comma);
                rest = comma < 0 ? "" : rest.substring(comma + 1);
                if (option.startsWith("port=")) {
                    port = port(option);
                } else if (option.startsWith("name=")) {
                    name = option.substring("name=".length());
                } else if (option.equals("quiet")) {
                    quiet = true;
                } else {
                    throw new IllegalArgumentException(
                            "'"
                                    + option
                                    + "' is none of port=N, name=NAME, quiet, flight[=SPEC] (as the"
                                    + " last)");
                }
            }
            return new Options(port, name, quiet, flight);
        }

        private static int port(String option) {
            String value = option.substring("port=".length());
            int port = value.matches("\\d{1,5}") ? Integer.parseInt(value) : -1;
            if (port < 0 || port > 0xFFFF) {
                throw new IllegalArgumentException(option + ": a port is a number from 0 to 65535");
            }
            return port;
        }
    }

    /** Changes no class: it only sees them come. */
    private static final class Waiting implements ClassFileTransformer {
        private final Options options;
        private final Instrumentation instrumentation;

        Waiting(Options options, Instrumentation instrumentation) {
            this.options = options;
            this.instrumentation = instrumentation;
        }

        @Override
        public byte @Nullable [] transform(
                Module module,
                @Nullable ClassLoader loader,
                @Nullable String name,
                @Nullable Class<?> redefined,
                @Nullable ProtectionDomain domain,
                byte[] code) {
            if (LOOM.equals(name) || SCHED.equals(name)) {
                openJavaLang(instrumentation, module); // before Loom is initialised, which looks
            }
            if (SCHED.equals(name)) {
                instrumentation.removeTransformer(this);
                // This thread is in the midst of loading the class: another one waits for it.
                Thread starter = new Thread(() -> begin(loader), "jenny-inspect-agent");
                starter.setDaemon(true);
                starter.start();
            }
            return null;
        }

        private void begin(@Nullable ClassLoader loader) {
            try {
                Class.forName(AttachAgent.RUNTIME, false, loader);
                start(options, instrumentation);
            } catch (ClassNotFoundException | LinkageError e) {
                say(e.toString());
            }
        }
    }
}
