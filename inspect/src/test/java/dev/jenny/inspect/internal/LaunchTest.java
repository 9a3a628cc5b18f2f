package dev.jenny.inspect.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jenny.Chan;
import dev.jenny.Go;
import dev.jenny.GoRuntime;
import dev.jenny.inspect.Inspect;
import java.io.BufferedReader;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.ref.Reference;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Programs without a line of code for the tools, started with them. */
@Timeout(120)
class LaunchTest {
    private static final String AT = "jenny: inspect at ";

    @TempDir static Path dir;
    private static Path agent;
    private static Path tools;
    private static Path runtime;
    private static Path tests;

    /** Waits in a goroutine until standard input ends. */
    static final class Program {
        public static void main(String[] args) throws Exception {
            Chan<Integer> never = Chan.make();
            Chan<Integer> unused = Chan.make(77);
            Go.go(() -> {
                never.recv();
            });
            System.out.println("mode " + GoRuntime.mode());
            System.in.read();
            Reference.reachabilityFence(unused);
        }
    }

    /** Has Jenny in a class loader of its own, as executable jars with jars in them do. */
    static final class Loader {
        public static void main(String[] args) throws Exception {
            URL[] urls = {Path.of(args[0]).toUri().toURL(), Path.of(args[1]).toUri().toURL()};
            var loader = new URLClassLoader(urls, ClassLoader.getPlatformClassLoader());
            var main = loader.loadClass(args[2]).getDeclaredMethod("main", String[].class);
            main.setAccessible(true);
            main.invoke(null, (Object) new String[0]);
        }
    }

    /** Is without Jenny. */
    static final class Nothing {
        public static void main(String[] args) throws Exception {
            System.out.println("mode none");
            System.in.read();
        }
    }

    private static Path home(Class<?> c) throws Exception {
        return Path.of(c.getProtectionDomain().getCodeSource().getLocation().toURI());
    }

    /** The jar is not there yet when tests run: one with the same classes and entry point. */
    @BeforeAll
    static void jars() throws Exception {
        tools = home(Inspect.class);
        runtime = home(GoRuntime.class);
        tests = Files.createDirectories(dir.resolve("program"));
        copyClasses(home(LaunchTest.class), tests);
        agent = dir.resolve("jenny-inspect.jar");
        Manifest manifest = new Manifest();
        manifest.getMainAttributes().putValue("Manifest-Version", "1.0");
        manifest.getMainAttributes().putValue("Premain-Class", LaunchAgent.class.getName());
        try (JarOutputStream jar = new JarOutputStream(Files.newOutputStream(agent), manifest);
                Stream<Path> files = Files.walk(tools)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                jar.putNextEntry(new JarEntry(tools.relativize(file).toString()));
                Files.copy(file, jar);
            }
        }
    }

    private static void copyClasses(Path from, Path to) throws Exception {
        Path folder = Path.of("dev/jenny/inspect/internal");
        Files.createDirectories(to.resolve(folder));
        try (Stream<Path> files = Files.list(from.resolve(folder))) {
            for (Path file : files.filter(f -> f.toString().contains("LaunchTest")).toList()) {
                Files.copy(file, to.resolve(folder).resolve(file.getFileName().toString()));
            }
        }
    }

    private static final class Run implements AutoCloseable {
        final Process process;
        final BufferedReader out;
        final List<String> lines = new ArrayList<>();

        Run(Map<String, String> environment, String... arguments) throws Exception {
            List<String> command = new ArrayList<>();
            command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
            command.addAll(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"));
            command.add("-Djava.io.tmpdir=" + dir);
            command.addAll(List.of(arguments));
            ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
            builder.environment().putAll(environment);
            process = builder.start();
            out = process.inputReader(StandardCharsets.UTF_8);
        }

        /** The first line that begins so. */
        String await(String start) throws Exception {
            for (String line : lines) {
                if (line.startsWith(start)) {
                    return line;
                }
            }
            String line;
            while ((line = out.readLine()) != null) {
                lines.add(line);
                if (line.startsWith(start)) {
                    return line;
                }
            }
            throw new AssertionError("no '" + start + "' in " + lines);
        }

        /** All that it has said, after its end. */
        List<String> end() throws Exception {
            try (OutputStream in = process.getOutputStream()) {
                in.flush();
            }
            out.lines().forEach(lines::add);
            assertThat(process.waitFor()).as(lines.toString()).isZero();
            return lines;
        }

        @Override
        public void close() {
            process.destroyForcibly();
        }
    }

    private static Run run(String... arguments) throws Exception {
        return new Run(Map.of(), arguments);
    }

    /** The text of a page of the server that the program has told of. */
    private static String page(Run run, String path) throws Exception {
        String[] url = run.await(AT).substring(AT.length()).split("/\\?", 2);
        String query = path.contains("?") ? "&" : "?";
        try (InputStream in = URI.create(url[0] + path + query + url[1]).toURL().openStream()) {
            return new String(in.readAllBytes(), StandardCharsets.ISO_8859_1);
        }
    }

    /** The goroutine may not have come to where it waits: asks until all the texts are there. */
    private static void awaitPage(Run run, String path, String... texts) throws Exception {
        String page;
        do {
            page = page(run, path);
        } while (!Stream.of(texts).allMatch(page::contains));
    }

    private static void servesGoroutines(Run run) throws Exception {
        assertThat(run.await("mode")).as("java.lang is open").isEqualTo("mode custom");
        awaitPage(run, "/debug/pprof/goroutine?debug=2", "[chan receive", "LaunchTest$Program");
        run.end();
    }

    @Test
    void onTheClassPath() throws Exception {
        String path = runtime + ":" + tests;
        try (Run run = run("-javaagent:" + agent, "-cp", path, Program.class.getName())) {
            servesGoroutines(run);
        }
    }

    @Test
    void withTheToolsOnTheClassPathToo() throws Exception {
        String path = runtime + ":" + tools + ":" + tests;
        try (Run run = run("-javaagent:" + agent, "-cp", path, Program.class.getName())) {
            servesGoroutines(run);
        }
    }

    @Test
    void onTheModulePath() throws Exception {
        try (Run run =
                run(
                        "-javaagent:" + agent,
                        "-p",
                        runtime.toString(),
                        "--add-modules",
                        "dev.jenny.runtime",
                        "-cp",
                        tests.toString(),
                        Program.class.getName())) {
            servesGoroutines(run);
        }
    }

    @Test
    void inAClassLoaderOfTheProgramsOwn() throws Exception {
        Path alone = Files.createDirectories(dir.resolve("alone"));
        if (!Files.exists(alone.resolve("dev"))) {
            copyClasses(tests, alone);
        }
        try (Run run =
                run(
                        "-javaagent:" + agent,
                        "-cp",
                        alone.toString(),
                        Loader.class.getName(),
                        runtime.toString(),
                        tests.toString(),
                        Program.class.getName())) {
            servesGoroutines(run);
        }
    }

    @Test
    void aProgramWithoutJennyIsLeftAlone() throws Exception {
        try (Run run =
                run("-javaagent:" + agent, "-cp", tests.toString(), Nothing.class.getName())) {
            run.await("mode none");
            assertThat(run.end()).containsExactly("mode none");
        }
    }

    @Test
    void optionsAreHeeded() throws Exception {
        String options = "=name=Shop,flight=seconds=5,mb=1,on=none,dir=" + dir;
        String path = runtime + ":" + tests;
        try (Run run =
                run(
                        "-Djenny.channels=all",
                        "-javaagent:" + agent + options,
                        "-cp",
                        path,
                        Program.class.getName())) {
            run.await("mode");
            assertThat(page(run, "/api/v1/state")).contains("Shop");
            assertThat(page(run, "/api/v1/chans")).doesNotContain("cap=77");
            assertThat(page(run, "/api/v1/chans?all=1")).contains("cap=77", "\"complete\":true");
            awaitPage(run, "/debug/pprof/trace?last=0", "go 1.2", "LaunchTest$Program");
            run.end();
        }
    }

    @Test
    void memoryIsSampledFromTheStartIfAskedFor() throws Exception {
        String path = runtime + ":" + tests;
        try (Run run =
                run(
                        "-Djenny.heapSampling=true",
                        "-javaagent:" + agent,
                        "-cp",
                        path,
                        Program.class.getName())) {
            run.await("mode");
            Instant before = Instant.now();
            String since = "# allocations sampled since ";
            assertThat(page(run, "/debug/pprof/allocs?debug=1").lines())
                    .filteredOn(l -> l.startsWith(since))
                    .map(l -> Instant.parse(l.substring(since.length())))
                    .singleElement()
                    .satisfies(start -> assertThat(start).isBefore(before));
            run.end();
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            textBlock =
                    """
                    prt=1       | 'prt=1' is none of port=N, name=NAME, quiet, flight[=SPEC]
                    port=x      | port=x: a port is a number from 0 to 65535
                    port=70000  | port=70000: a port is a number
                    flight=x    | 'x' is none of seconds=N, mb=N
                    """)
    void mistakesAreOneLineAndTheProgramGoesOn(String options, String message) throws Exception {
        String path = runtime + ":" + tests;
        try (Run run =
                run("-javaagent:" + agent + "=" + options, "-cp", path, Program.class.getName())) {
            run.await("mode");
            assertThat(run.end())
                    .filteredOn(l -> l.startsWith("jenny: "))
                    .singleElement()
                    .asString()
                    .contains(message, "the program goes on without the tools");
        }
    }

    @Test
    void aPortInUseIsOneLine() throws Exception {
        String path = runtime + ":" + tests;
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                Run run =
                        run(
                                "-javaagent:" + agent + "=port=" + taken.getLocalPort(),
                                "-cp",
                                path,
                                Program.class.getName())) {
            run.await("mode");
            assertThat(run.end())
                    .filteredOn(l -> l.startsWith("jenny: "))
                    .singleElement()
                    .asString()
                    .contains(String.valueOf(taken.getLocalPort()))
                    .contains("the program goes on without the tools");
        }
    }
}
