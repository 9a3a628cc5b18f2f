package dev.jenny.bench;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A runtime that takes part. To add one, see bench/README.md.
 *
 * @param name the name in tables and in --runtimes
 * @param folder where its runner is, below bench/
 * @param main the runner's main class; null: not a JVM program
 */
record Contestant(String name, String folder, @Nullable String main) {
    /** Jenny while events are recorded into its rings, and after that: to know what both cost. */
    static final List<String> TRACED = List.of("jenny-traced", "jenny-untraced");

    private static final String TRACED_WORKLOAD = "pingpong"; // the worst case

    static final List<Contestant> ALL =
            List.of(
                    new Contestant("go", "go", null),
                    new Contestant("jenny", "jenny", "dev.jenny.bench.jenny.Main"),
                    new Contestant("jenny-fallback", "jenny", "dev.jenny.bench.jenny.Main"),
                    new Contestant("jenny-traced", "jenny", "dev.jenny.bench.jenny.Main"),
                    new Contestant("jenny-untraced", "jenny", "dev.jenny.bench.jenny.Main"),
                    new Contestant("jdk", "peers-jdk", "dev.jenny.bench.jdk.Main"),
                    new Contestant("jox", "peers-jox", "dev.jenny.bench.jox.Main"),
                    new Contestant("kotlin", "peers-kotlin", "dev.jenny.bench.kotlin.MainKt"));

    static Contestant named(String name) {
        return ALL.stream()
                .filter(c -> c.name.equals(name))
                .findFirst()
                .orElseThrow(() ->
                        new BenchError(
                                "no runtime '"
                                        + name
                                        + "': there are "
                                        + String.join(
                                                ", ",
                                                ALL.stream().map(Contestant::name).toList())));
    }

    boolean onJvm() {
        return main != null;
    }

    boolean isJenny() {
        return name.startsWith("jenny");
    }

    boolean isTraced() {
        return TRACED.contains(name);
    }

    /** Whether it is to be measured with {@code w} at all. */
    boolean takesPartIn(Workload w) {
        boolean blocking = w.kind() == Workload.Kind.JDK;
        return switch (name) {
            case "go", "jox", "kotlin" -> !blocking;
            case "jenny-traced", "jenny-untraced" -> w.name().equals(TRACED_WORKLOAD);
            default -> true;
        };
    }

    /** The start of the command line that runs its runner, without the workload. */
    List<String> command(Setup setup, String heap, List<String> moreOptions) {
        if (main == null) {
            return List.of(setup.goRunner().toString());
        }
        List<String> command = new ArrayList<>();
        command.add(setup.java());
        // Equal for all: a heap that does not grow, so that growing it is not measured.
        command.add("-Xms" + heap);
        command.add("-Xmx" + heap);
        // A workload whose goroutines have lost one of theirs would wait for it for ever.
        command.add("-XX:+ExitOnOutOfMemoryError");
        if (isJenny()) {
            command.addAll(setup.jennyDefaults()); // what ./jenny run gives
            if (name.equals("jenny-fallback")) {
                command.add("-Djenny.mode=fallback");
                command.add("-Djenny.quiet=true");
            }
            if (isTraced()) {
                command.add("-Djenny.bench.runtime=" + name);
            }
        } else {
            // The defaults of ./jenny that have an effect elsewhere.
            setup.jennyDefaults().stream()
                    .filter(o -> !o.startsWith("--add-opens"))
                    .forEach(command::add);
        }
        command.addAll(setup.jvmOptions());
        command.addAll(moreOptions);
        command.add("-cp");
        List<String> path = new ArrayList<>();
        if (isJenny()) {
            path.add(setup.jar("runtime", "jenny-runtime"));
            if (folder.equals("tools")) {
                path.add(setup.jar("inspect", "jenny-inspect"));
            }
        }
        path.add(setup.jar("bench/harness", "jenny-bench-harness"));
        path.add(setup.jar("bench/" + folder, "jenny-bench-" + folder));
        Path libraries = setup.root().resolve("bench/" + folder + "/target/quick/lib");
        if (Files.isDirectory(libraries)) {
            path.add(libraries + "/*");
        }
        command.add(String.join(java.io.File.pathSeparator, path));
        command.add(main);
        return command;
    }
}
