package dev.jenny.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Unmatched;

/** {@code ./jenny bench jmh}: what it does not know goes to JMH. */
@Command(
        name = "jmh",
        header = "Run the JMH microbenchmarks of the hot paths.",
        synopsisHeading = "%nUsage: ",
        customSynopsis = "jenny bench jmh [--check] [JMH options] [REGEXP]",
        optionListHeading = "%nOptions:%n",
        footer = {"", "'jenny bench jmh -h' has JMH's options. -prof gc is on."})
final class JmhCommand implements Runnable {
    /** JMH reports a few bytes of its own, spread over millions of operations. */
    private static final double NOTHING = 0.05;

    @Option(
            names = "--check",
            description = "Fail if a benchmark named free... allocates anything.")
    private boolean check;

    @Option(names = "--help", usageHelp = true, description = "Show this help.")
    @SuppressWarnings("UnusedVariable") // picocli acts on it
    private boolean help;

    @Unmatched private List<String> args = new ArrayList<>();

    @SuppressWarnings("NullAway.Init") // picocli sets the fields
    JmhCommand() {}

    @Override
    public void run() {
        Setup setup = new Setup();
        setup.buildModules(Set.of("jmh"));
        Path module = setup.root().resolve("bench/jmh/target/quick");
        List<String> command = new ArrayList<>(List.of(setup.java()));
        command.addAll(setup.jennyDefaults()); // JMH passes them on to its forks
        command.addAll(setup.jvmOptions());
        command.add("-cp");
        command.add(
                String.join(
                        java.io.File.pathSeparator,
                        setup.jar("runtime", "jenny-runtime"),
                        setup.jar("bench/jmh", "jenny-bench-jmh"),
                        module.resolve("lib") + "/*"));
        command.add("org.openjdk.jmh.Main");
        command.addAll(args);
        if (args.stream().noneMatch(Set.of("-prof", "-l", "-lp", "-lprof", "-h")::contains)) {
            command.addAll(List.of("-prof", "gc"));
        }
        Path result = module.resolve("result.json");
        if (check) {
            // a benchmark that throws must not merely be missing
            command.addAll(List.of("-foe", "true", "-rf", "json", "-rff", result.toString()));
        }
        try {
            int status = Children.start(new ProcessBuilder(command).inheritIO()).waitFor();
            if (status != 0) {
                throw new BenchError("JMH ended with code " + status);
            }
            if (check) {
                check(Files.readString(result));
            }
        } catch (IOException e) {
            throw new BenchError("JMH failed: " + e.getMessage());
        } catch (InterruptedException e) {
            throw new BenchError("interrupted");
        }
    }

    private static void check(String json) {
        List<String> wrong = new ArrayList<>();
        int free = 0;
        List<?> results = (List<?>) Json.object("{\"all\": " + json + "}").get("all");
        for (Object entry : results == null ? List.of() : results) {
            Map<?, ?> result = (Map<?, ?>) entry;
            String name = String.valueOf(result.get("benchmark"));
            String method = name.substring(name.lastIndexOf('.') + 1);
            if (!method.startsWith("free")) {
                continue;
            }
            free++;
            Object score = score(result);
            if (!(score instanceof Double bytes) || bytes > NOTHING) {
                wrong.add(method + " allocates " + score + " bytes per operation");
            }
        }
        if (free == 0) {
            wrong.add("no benchmark named free... was run");
        }
        if (!wrong.isEmpty()) {
            throw new BenchError(String.join("\n  ", wrong));
        }
        System.err.println(
                "jenny bench jmh --check: " + free + " benchmarks allocate nothing, as they must");
    }

    private static @Nullable Object score(Map<?, ?> result) {
        if (result.get("secondaryMetrics") instanceof Map<?, ?> metrics) {
            for (Map.Entry<?, ?> e : metrics.entrySet()) {
                // JMH 1.37 puts a dot before the names of profilers' figures.
                if (String.valueOf(e.getKey()).endsWith("gc.alloc.rate.norm")
                        && e.getValue() instanceof Map<?, ?> figure) {
                    return figure.get("score");
                }
            }
        }
        return null;
    }
}
