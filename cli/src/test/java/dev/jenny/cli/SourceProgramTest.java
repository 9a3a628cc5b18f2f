package dev.jenny.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
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
        assertThat(entries()).as("nobody runs what the file was before").hasSize(1);
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
    void aPathMayHaveDotsInIt() throws Exception {
        Path file = write("Dots.java", "void main() { IO.println(\"dots\"); }");
        Path folder = file.getParent();
        assertThat(run(folder.resolve("./Dots.java")).out).isEqualTo("dots\n");
        write("Dots.java", "void main() { IO.println(\"more dots\"); }");
        assertThat(run(folder.resolve("../src/Dots.java")).out).isEqualTo("more dots\n");
    }

    /** Its classes are loaded when they are needed; a new start used to delete them. */
    @Test
    void aProgramThatRunsKeepsItsClasses() throws Exception {
        write("Helper.java", "class Helper { static int x() { return 1; } }");
        Path file =
                write(
                        "Late.java",
                        """
                        class Late {
                            public static void main(String[] args) throws Exception {
                                int x = Helper.x();
                                System.out.println("runs");
                                if (System.getProperty("wait") != null) {
                                    System.in.read();
                                }
                                System.out.println(new Later().say(x));
                            }
                            static class Later {
                                String say(int x) { return "late " + x; }
                            }
                        }
                        """);
        Process running = start(file, "-Dwait=");
        BufferedReader out = running.inputReader();
        assertThat(out.readLine()).isEqualTo("runs");
        write("Helper.java", "class Helper { static int x() { return 23; } }");
        assertThat(run(file)).isEqualTo(new Result("runs\nlate 23\n", "", true));
        assertThat(run(file)).isEqualTo(new Result("runs\nlate 23\n", "", false));
        running.outputWriter().append('\n').close();
        assertThat(out.readLine()).isEqualTo("late 1");
        assertThat(running.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(entries()).hasSize(2);
        write("Helper.java", "class Helper { static int x() { return 456; } }");
        assertThat(run(file).out).isEqualTo("runs\nlate 456\n");
        assertThat(entries()).as("what is out of date is deleted").hasSize(1);
    }

    private List<Path> entries() throws Exception {
        try (Stream<Path> all = Files.list(temp.resolve("cache/jenny/classes"))) {
            return all.toList();
        }
    }

    /** As in a container with a read-only home. */
    @Test
    void withoutAPlaceForACacheOnlyTheLastRunLeavesItsClasses() throws Exception {
        Files.writeString(temp.resolve("cache"), "no folder");
        Path tmp = Files.createDirectory(temp.resolve("tmp"));
        Path file = write("Hello.java", "void main() { IO.println(\"hello\"); }");
        for (int i = 0; i < 3; i++) {
            Process p = start(file, "-Djava.io.tmpdir=" + tmp);
            assertThat(p.inputReader().readLine()).isEqualTo("hello");
            assertThat(p.waitFor(60, TimeUnit.SECONDS)).isTrue();
        }
        try (Stream<Path> left = Files.list(tmp)) {
            assertThat(left.filter(f -> f.getFileName().toString().startsWith("jenny-")))
                    .hasSize(1);
        }
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
        Process process = start(file, "-Dnothing=");
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        boolean compiled =
                Files.readString(temp.resolve("classes.log")).contains("com.sun.tools.javac.main");
        return new Result(out, Files.readString(temp.resolve("err")), compiled);
    }

    private Process start(Path file, String option) throws Exception {
        ProcessBuilder builder =
                new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        option,
                        "-Xlog:class+load:file=" + temp.resolve("classes.log"),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Probe.class.getName(),
                        file.toString());
        builder.environment().put("XDG_CACHE_HOME", temp.resolve("cache").toString());
        builder.environment().remove("JAVA_TOOL_OPTIONS");
        builder.redirectError(temp.resolve("err").toFile());
        return builder.start();
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
