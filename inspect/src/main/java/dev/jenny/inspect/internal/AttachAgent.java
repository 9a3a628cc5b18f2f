package dev.jenny.inspect.internal;

import java.io.IOException;
import java.io.InputStream;
import java.lang.instrument.Instrumentation;
import java.lang.module.FindException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.net.URL;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Entry point of the jar when {@code jenny attach} loads it into a running JVM. The JVM puts the
 * jar at the end of its class path; Jenny itself may be there, on the module path, or in a class
 * loader of the application's own. So this class refers to nothing of Jenny's: it looks for the
 * runtime and then calls {@link Attached} beside it.
 *
 * <p>An agent cannot return anything and its exceptions reach only the program's error output, so
 * the outcome goes into the system property {@value #RESULT}, which the attaching process can read.
 */
public final class AttachAgent {
    /** {@link #OK} and the URL; or what is wrong and what to do. */
    public static final String RESULT = "jenny.inspect.attach";

    /** Begins a good result. */
    public static final String OK = "ok ";

    /** How long {@link #RESULT} is there for the attaching process. */
    private static final long KEPT_MILLIS = 30_000;

    /** Loaded as soon as there is a goroutine. */
    static final String RUNTIME = "dev.jenny.internal.sched.Sched";

    private static final String INSPECT = "dev.jenny.inspect.";

    /** The modules of the JDK that these tools need. */
    private static final List<String> JDK_MODULES =
            List.of("java.management", "jdk.management", "jdk.httpserver", "jdk.jfr");

    /** The second attach must find the classes, and so the server, of the first. */
    private static @Nullable Class<?> attached;

    private AttachAgent() {}

    /**
     * Called by the JVM.
     *
     * @param options {@code port=N}; 0 or nothing for any free port
     */
    public static synchronized void agentmain(
            @Nullable String options, Instrumentation instrumentation) {
        String result;
        try {
            int port =
                    options != null && options.startsWith("port=")
                            ? Integer.parseInt(options.substring("port=".length()))
                            : 0;
            result = start(port, instrumentation);
        } catch (InvocationTargetException e) {
            result = "the tools did not start: " + e.getCause();
        } catch (LinkageError | ReflectiveOperationException e) {
            result =
                    "the program's Jenny does not fit these tools ("
                            + e
                            + "): use the jenny command of the same version";
        } catch (RuntimeException | IOException e) {
            result = "the tools did not start: " + e;
        }
        System.setProperty(RESULT, result);
        forget(result);
    }

    /** There is the token in it, and a program may show its system properties to anybody. */
    private static void forget(String result) {
        Thread t =
                new Thread(
                        () -> {
                            try {
                                Thread.sleep(KEPT_MILLIS);
                            } catch (InterruptedException e) {
                                // then now
                            }
                            System.getProperties().remove(RESULT, result);
                        },
                        "jenny-attach");
        t.setDaemon(true);
        t.start();
    }

    private static String start(int port, Instrumentation instrumentation)
            throws ReflectiveOperationException, IOException {
        Object ready = prepare(instrumentation);
        return ready instanceof Class<?> c
                ? OK + c.getMethod("start", int.class).invoke(null, port)
                : ready.toString();
    }

    /**
     * Makes all ready for the tools to start.
     *
     * @return {@link Attached}, linked with the program's Jenny; or a String that says what is
     *     wrong
     */
    static synchronized Object prepare(Instrumentation instrumentation)
            throws ReflectiveOperationException, IOException {
        Class<?> ready = attached;
        if (ready == null) {
            Class<?> runtime = runtime(instrumentation);
            if (runtime == null) {
                return "this program does not have Jenny on its class path or module path: there are"
                        + " no goroutines in it to look at";
            }
            String missing = loadModules(instrumentation);
            if (missing != null) {
                return missing;
            }
            ready = beside(runtime, instrumentation);
            attached = ready;
        }
        return ready;
    }

    /**
     * A program on the module path has only those modules of the JDK that its own require. Loads
     * the others as the JVM does when it loads {@code java.instrument} or {@code
     * jdk.management.agent} late.
     *
     * @return what is wrong and what to do; null if all is there
     */
    private static @Nullable String loadModules(Instrumentation instrumentation)
            throws ReflectiveOperationException {
        Method load = null;
        for (String name : JDK_MODULES) {
            if (ModuleLayer.boot().findModule(name).isPresent()) {
                continue;
            }
            if (load == null) {
                instrumentation.redefineModule(
                        Object.class.getModule(),
                        Set.of(),
                        Map.of("jdk.internal.module", Set.of(AttachAgent.class.getModule())),
                        Map.of(),
                        Set.of(),
                        Map.of());
                load =
                        Class.forName("jdk.internal.module.Modules")
                                .getMethod("loadModule", String.class);
            }
            try {
                load.invoke(null, name);
            } catch (InvocationTargetException e) {
                if (e.getCause() instanceof FindException) {
                    return "the program's Java at "
                            + System.getProperty("java.home")
                            + " was made without the module "
                            + name
                            + ", which the tools need: run it on a full JDK, or make the image with"
                            + " jlink --add-modules "
                            + String.join(",", JDK_MODULES);
                }
                throw e;
            }
        }
        return null;
    }

    /** Loaded is better than loadable: with several, that is the one that has goroutines. */
    static @Nullable Class<?> runtime(Instrumentation instrumentation) {
        for (Class<?> loaded : instrumentation.getAllLoadedClasses()) {
            if (loaded.getName().equals(RUNTIME)) {
                return loaded;
            }
        }
        try {
            return Class.forName(RUNTIME, false, ClassLoader.getSystemClassLoader());
        } catch (ClassNotFoundException e) {
            return null;
        }
    }

    /** {@link Attached}, linked with that runtime. */
    private static Class<?> beside(Class<?> runtime, Instrumentation instrumentation)
            throws ClassNotFoundException {
        ClassLoader loader = runtime.getClassLoader();
        String name = INSPECT + "internal.Attached";
        Class<?> found;
        try {
            found = Class.forName(name, false, loader);
            if (found.getClassLoader() != loader) {
                found = null; // would look for the runtime where it is not
            }
        } catch (ClassNotFoundException e) {
            found = null;
        }
        if (found == null) {
            found = Class.forName(name, false, new ToolsLoader(loader));
        }
        open(runtime.getModule(), found.getModule(), instrumentation);
        return found;
    }

    /**
     * On the module path the runtime shows its internals to the module of these tools only; here
     * they are on the class path.
     */
    private static void open(Module runtime, Module tools, Instrumentation instrumentation) {
        if (runtime == tools || !runtime.isNamed()) {
            return;
        }
        Map<String, Set<Module>> exports = new HashMap<>();
        for (String packageName : runtime.getPackages()) {
            exports.put(packageName, Set.of(tools));
        }
        instrumentation.redefineModule(runtime, Set.of(), exports, Map.of(), Set.of(), Map.of());
    }

    /** Loads these tools once more, as a child of the loader that has the runtime. */
    private static final class ToolsLoader extends ClassLoader {
        ToolsLoader(ClassLoader parent) {
            super("jenny-inspect", parent);
        }

        @Override
        protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
            if (!name.startsWith(INSPECT)) {
                return super.loadClass(name, resolve);
            }
            synchronized (getClassLoadingLock(name)) {
                Class<?> loaded = findLoadedClass(name);
                return loaded != null ? loaded : findClass(name);
            }
        }

        @Override
        protected Class<?> findClass(String name) throws ClassNotFoundException {
            URL url = findResource(name.replace('.', '/') + ".class");
            if (url == null) {
                throw new ClassNotFoundException(name);
            }
            try (InputStream in = url.openStream()) {
                byte[] code = in.readAllBytes();
                return defineClass(name, code, 0, code.length);
            } catch (IOException e) {
                throw new ClassNotFoundException(name, e);
            }
        }

        /** The pages of the dashboard and the like. */
        @Override
        public @Nullable URL getResource(String name) {
            URL own = name.startsWith("dev/jenny/inspect/") ? findResource(name) : null;
            return own != null ? own : super.getResource(name);
        }

        @Override
        protected @Nullable URL findResource(String name) {
            return AttachAgent.class.getResource('/' + name);
        }
    }
}
