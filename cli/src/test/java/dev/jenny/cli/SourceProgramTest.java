package dev.jenny.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Compiles in a JVM of its own, as the cache is found through the environment and javac writes to
 * stderr.
 */
class SourceProgramTest {
    @TempDir Path temp;

    /** Compiles a file, runs it, and says whether the compiler was loaded. */
    static final class Probe {
        private Probe() {}

        public static void main(String[] args) throws Throwable {
            try {
                SourceProgram program = SourceProgram.compile(Path.of(args[0]));
                MainMethod.find(program.mainCandidates(), program.loader(), new String[] {"arg"})
                        .invokeExact();
            } catch (UserError e) {
                System.out.println("exit " + e.exitCode());
            }
        }
    }

    record Result(String out, String err, boolean compiled) {}

    @Test
    void secondStartDoesNotLoadTheCompiler() throws Exception {
        Path file = write("Hello.java", "void main(String[] a) { IO.println(\"hello \" + a[0]); }");
        assertThat(run(file)).isEqualTo(new Result("hello arg\n", "", true));
        assertThat(run(file)).isEqualTo(new Result("hello arg\n", "", false));
        write("Hello.java", "void main() { IO.println(\"changed\"); }");
        assertThat(run(file)).isEqualTo(new Result("changed\n", "", true));
    }

    @Test
    void severalClassesAndTheOneNamedLikeTheFileIsRun() throws Exception {
        Path file =
                write(
                        "Shapes.java",
                        """
                        record Point(int x, int y) {}
                        class Shapes {
                            public static void main(String[] args) {
                                System.out.println(new Point(1, 2));
                            }
                        }
                        """);
        assertThat(run(file).out).isEqualTo("Point[x=1, y=2]\n");
    }

    @Test
    void siblingsAreCompiledOnlyWhenReferredToAndNoticedWhenTheyChange() throws Exception {
        write("com/acme/Broken.java", "this is no Java");
        write(
                "com/acme/Other.java",
                "package com.acme; class Other { static int x() { return 1; } }");
        Path file =
                write(
                        "com/acme/App.java",
                        """
                        /* package not.this; */
                        package com.acme;
                        class App {
                            void main() { System.out.println(Other.x()); }
                        }
                        """);
        assertThat(run(file)).isEqualTo(new Result("1\n", "", true));
        assertThat(run(file)).isEqualTo(new Result("1\n", "", false));
        write(
                "com/acme/Other.java",
                "package com.acme; class Other { static int x() { return 23; } }");
        assertThat(run(file)).isEqualTo(new Result("23\n", "", true));
    }

    @Test
    void errorsAreShownAsJavacShowsThem() throws Exception {
        Path file = write("Wrong.java", "class Wrong { int x = \"s\"; }\n");
        Result result = run(file);
        assertThat(result.out).isEqualTo("exit 1\n");
        assertThat(result.err).isEqualTo(javac(file)).contains("1 error");
        assertThat(run(file)).isEqualTo(result);
    }

    private Path write(String name, String text) throws Exception {
        Path file = temp.resolve("src").resolve(name);
        Files.createDirectories(file.getParent());
        return Files.writeString(file, text);
    }

    private Result run(Path file) throws Exception {
        Path err = temp.resolve("err");
        ProcessBuilder builder =
                new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xlog:class+load:file=" + temp.resolve("classes.log"),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Probe.class.getName(),
                        file.toString());
        builder.environment().put("XDG_CACHE_HOME", temp.resolve("cache").toString());
        builder.environment().remove("JAVA_TOOL_OPTIONS");
        builder.redirectError(err.toFile());
        Process process = builder.start();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        boolean compiled =
                Files.readString(temp.resolve("classes.log")).contains("com.sun.tools.javac.main");
        return new Result(out, Files.readString(err), compiled);
    }

    private String javac(Path file) {
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        javax.tools.ToolProvider.getSystemJavaCompiler()
                .run(
                        null,
                        null,
                        new PrintStream(err, true, StandardCharsets.UTF_8),
                        "-d",
                        temp.toString(),
                        file.toString());
        return err.toString(StandardCharsets.UTF_8);
    }
}
