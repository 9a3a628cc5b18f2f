package dev.jenny.support;

import dev.jenny.Go;
import dev.jenny.GoRuntime;
import dev.jenny.internal.run.MainRunner;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/**
 * A JVM of its own for a program of a test: a class with a main method, which runs as goroutine 1,
 * as under {@code jenny run}, in the mode that the test runs in.
 *
 * {@snippet :
 * Result r = JavaProcess.of(Program.class).maxprocs(1).run();
 * assertThat(r.exitCode()).isZero();
 * }
 *
 * <p>The program sees Jenny and the test classes, nothing else. One that does not end in time is
 * killed, and the test fails with what it has printed and its goroutines' platform threads.
 */
public final class JavaProcess {
    private static final long TIMEOUT_SECONDS = 60;

    private final Class<?> program;
    private final List<String> options = new ArrayList<>();
    private final Map<String, String> environment = new TreeMap<>();
    private List<String> args = List.of();
    private boolean custom = GoRuntime.mode().equals("custom");
    private boolean quiet = true;
    private boolean embedded;

    private JavaProcess(Class<?> program) {
        this.program = program;
    }

    /** How a program ended, and what it printed. */
    public record Result(int exitCode, String out, String err) {
        @Override
        public String toString() {
            return "exit code " + exitCode + "\n--- out\n" + out + "--- err\n" + err + "---";
        }
    }

    /** A process for {@code program}'s main method. */
    public static JavaProcess of(Class<?> program) {
        return new JavaProcess(program);
    }

    /** With GOMAXPROCS. */
    public JavaProcess maxprocs(int n) {
        return option("-Djenny.maxprocs=" + n);
    }

    /** With an option of the JVM. */
    public JavaProcess option(String option) {
        options.add(option);
        return this;
    }

    /** With an environment variable. */
    public JavaProcess env(String name, String value) {
        environment.put(name, value);
        return this;
    }

    /** With arguments for main. */
    public JavaProcess args(String... values) {
        args = List.of(values);
        return this;
    }

    /** In fallback mode, whatever mode the test runs in; with the line that says so. */
    public JavaProcess fallback() {
        custom = false;
        quiet = false;
        return this;
    }

    /** As an ordinary Java program: main runs on the main thread, a panic does not exit. */
    public JavaProcess embedded() {
        embedded = true;
        return this;
    }

    /** The command line. */
    private List<String> command() {
        List<String> c = new ArrayList<>();
        c.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        if (custom) {
            c.add("--add-opens=java.base/java.lang=ALL-UNNAMED");
        }
        if (quiet) {
            c.add("-Djenny.quiet=true");
        }
        c.add("-XX:+UseSerialGC");
        c.add("-Xmx512m");
        c.add("-Djdk.trackAllThreads=false");
        c.addAll(options);
        c.add("-cp");
        Set<String> classPath = new LinkedHashSet<>();
        for (Class<?> part : List.of(Go.class, JavaProcess.class, program)) {
            classPath.add(locationOf(part));
        }
        c.add(String.join(File.pathSeparator, classPath));
        if (embedded) {
            c.add(program.getName());
        } else {
            c.add(Launcher.class.getName());
            c.add(program.getName());
        }
        c.addAll(args);
        return c;
    }

    /** Starts the process, for a test that talks with it; its output is not read. */
    public Process start() {
        ProcessBuilder builder = new ProcessBuilder(command());
        builder.environment().keySet().removeAll(Set.of("JENNYDEBUG", "JENNY_MAXPROCS"));
        builder.environment().keySet().removeAll(Set.of("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS"));
        builder.environment().putAll(environment);
        try {
            return builder.start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Runs the program to its end. */
    public Result run() throws InterruptedException {
        return await(start());
    }

    /** Reads what {@code process} prints until it ends. */
    public static Result await(Process process) throws InterruptedException {
        Reader out = new Reader(process.getInputStream());
        Reader err = new Reader(process.getErrorStream());
        boolean inTime;
        try {
            inTime = process.waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) { // the test's own time is up
            process.destroyForcibly();
            throw e;
        }
        if (!inTime) {
            process.destroyForcibly().waitFor();
        }
        Result result = new Result(process.exitValue(), out.text(), err.text());
        if (!inTime) {
            throw new AssertionError("still running after " + TIMEOUT_SECONDS + " s: " + result);
        }
        return result;
    }

    private static String locationOf(Class<?> type) {
        try {
            return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI())
                    .toString();
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    private static final class Reader {
        private final Thread thread;
        private byte[] bytes = {};

        Reader(InputStream in) {
            thread =
                    Thread.ofPlatform()
                            .daemon()
                            .start(() -> {
                                try (in) {
                                    bytes = in.readAllBytes();
                                } catch (IOException e) {
                                    // the process has been killed
                                }
                            });
        }

        String text() throws InterruptedException {
            thread.join();
            return new String(bytes, StandardCharsets.UTF_8);
        }
    }

    /** What the process runs. */
    static final class Launcher {
        private Launcher() {}

        public static void main(String[] args) throws Exception {
            Method main = Class.forName(args[0]).getDeclaredMethod("main", String[].class);
            main.setAccessible(true);
            Object[] arguments = {Arrays.copyOfRange(args, 1, args.length)};
            MainRunner.run(() -> {
                try {
                    main.invoke(null, arguments);
                } catch (InvocationTargetException e) {
                    switch (e.getCause()) {
                        case Exception x -> throw x;
                        case Error x -> throw x;
                        default -> throw new AssertionError(e.getCause());
                    }
                }
            });
        }
    }
}
