package dev.jenny.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Where everything is, and the building of what is out of date. ./jenny has built the runtime and
 * this driver; the runners are built here, and only those that are wanted.
 */
final class Setup {
    private final Path root;
    private final @Nullable Path go;
    private final List<String> jennyDefaults;
    private final List<String> jvmOptions;

    Setup() {
        String home = System.getProperty("jenny.root");
        if (home == null) {
            throw new BenchError("start it with ./jenny bench");
        }
        root = Path.of(home);
        go = findGo();
        jennyDefaults = words("jenny.bench.defaults");
        jvmOptions = words("jenny.bench.jvm");
    }

    private static List<String> words(String property) {
        return Stream.of(System.getProperty(property, "").split("\n"))
                .filter(s -> !s.isBlank())
                .toList();
    }

    private static @Nullable Path findGo() {
        List<Path> folders = new ArrayList<>();
        String goroot = System.getenv("GOROOT");
        if (goroot != null) {
            folders.add(Path.of(goroot, "bin"));
        }
        String path = System.getenv("PATH");
        if (path != null) {
            for (String folder : path.split(java.io.File.pathSeparator)) {
                folders.add(Path.of(folder));
            }
        }
        return folders.stream()
                .map(f -> f.resolve("go"))
                .filter(f -> Files.isExecutable(f) && !Files.isDirectory(f))
                .findFirst()
                .orElse(null);
    }

    Path root() {
        return root;
    }

    @Nullable Path go() {
        return go;
    }

    Path goRunner() {
        return root.resolve("bench/go/target/jenny-bench-go");
    }

    String java() {
        return Path.of(System.getProperty("java.home"), "bin", "java").toString();
    }

    String jar(String folder, String name) {
        return root.resolve(folder + "/target/quick/" + name + ".jar").toString();
    }

    List<String> jennyDefaults() {
        return jennyDefaults;
    }

    List<String> jvmOptions() {
        return jvmOptions;
    }

    /** Builds what these need, if it is not there or older than its sources. */
    void build(List<Contestant> contestants) {
        Set<String> modules = new LinkedHashSet<>();
        for (Contestant c : contestants) {
            if (c.onJvm()) {
                modules.add(c.folder());
            }
        }
        buildModules(modules);
        if (contestants.stream().anyMatch(c -> !c.onJvm())) {
            buildGo();
        }
    }

    /**
     * @param modules folders below bench/
     */
    void buildModules(Set<String> modules) {
        List<String> stale = new ArrayList<>();
        for (String module : modules) {
            if (!isCurrent(stamp(module), module, "harness") || !hasJar(module)) {
                stale.add(module);
            }
        }
        if (stale.isEmpty()) {
            return;
        }
        List<Path> stamps = stale.stream().map(this::stamp).toList();
        List<String> command =
                List.of(
                        root.resolve("mvnw").toString(),
                        "-B",
                        "-q",
                        "-f",
                        root.resolve("pom.xml").toString(),
                        "-Pbench",
                        "-Dquick",
                        "-pl",
                        String.join(",", stale.stream().map(m -> "bench/" + m).toList()),
                        "-am",
                        "package");
        run("building " + String.join(", ", stale), command, root, stamps);
    }

    private void buildGo() {
        Path runner = goRunner();
        if (go == null) {
            return;
        }
        // With another Go than before it is another program.
        Path stamp = stamp("go");
        String version = Machine.goVersion(this);
        if (isCurrent(stamp, "go") && version.equals(read(stamp)) && Files.exists(runner)) {
            return;
        }
        List<String> command = List.of(go.toString(), "build", "-o", runner.toString(), ".");
        run("building go", command, root.resolve("bench/go"), List.of(stamp));
        try {
            FileTime built = Files.getLastModifiedTime(stamp);
            Files.writeString(stamp, version);
            Files.setLastModifiedTime(stamp, built);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private boolean hasJar(String module) {
        return Files.exists(Path.of(jar("bench/" + module, "jenny-bench-" + module)));
    }

    private Path stamp(String module) {
        return root.resolve("target/jenny/bench-" + module);
    }

    private boolean isCurrent(Path stamp, String... folders) {
        try {
            if (!Files.exists(stamp)) {
                return false;
            }
            FileTime built = Files.getLastModifiedTime(stamp);
            for (String folder : folders) {
                try (Stream<Path> files = Files.walk(root.resolve("bench").resolve(folder))) {
                    for (Path file : (Iterable<Path>) files::iterator) {
                        boolean ours = !root.relativize(file).toString().contains("/target");
                        if (ours
                                && Files.getLastModifiedTime(file).compareTo(built) > 0
                                // Maven and go create target/ in it while they build.
                                && !(Files.isDirectory(file)
                                        && Files.exists(file.resolve("target")))) {
                            return false;
                        }
                    }
                }
            }
            return true;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Stamps carry the time of the start: what is edited during the build is built again. */
    private void run(String what, List<String> command, Path folder, List<Path> stamps) {
        Path log = root.resolve("target/jenny/bench-build.log");
        long start = System.nanoTime();
        try {
            Files.createDirectories(log.getParent());
            FileTime now = FileTime.fromMillis(System.currentTimeMillis());
            ProcessBuilder builder =
                    new ProcessBuilder(command)
                            .directory(folder.toFile())
                            .redirectErrorStream(true)
                            .redirectOutput(log.toFile())
                            .redirectInput(
                                    ProcessBuilder.Redirect.from(new java.io.File("/dev/null")));
            builder.environment().put("JENNY_JAVA_HOME", System.getProperty("java.home"));
            Process process = Children.start(builder);
            Progress.waitFor("jenny bench: " + what + " …", process);
            if (process.exitValue() != 0) {
                System.err.print(Files.readString(log, StandardCharsets.UTF_8));
                throw new BenchError(
                        what + " failed: see the messages above (also in " + log + ")");
            }
            for (Path stamp : stamps) {
                Files.writeString(stamp, "");
                Files.setLastModifiedTime(stamp, now);
            }
            long seconds = (System.nanoTime() - start) / 1_000_000_000;
            System.err.println("jenny bench: " + what + " took " + seconds + " s");
        } catch (IOException e) {
            throw new BenchError(what + " failed: " + e);
        }
    }
}
