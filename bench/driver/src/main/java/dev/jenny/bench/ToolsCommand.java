package dev.jenny.bench;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code ./jenny bench tools}. */
@Command(
        name = "tools",
        header = "What tools that look inside cost, in Jenny, Go and the JDK.",
        description = {
            "",
            "Dumps of parked goroutines, leaks, tracing, dashboards. A thousand times a second a"
                    + " goroutine ticks; the longest delay of that is the stall. A wrong count makes"
                    + " the exit code 1. The table goes to standard output."
        },
        synopsisHeading = "%nUsage: ",
        optionListHeading = "%nOptions:%n")
final class ToolsCommand implements Runnable {
    private static final String GO = "go";
    private static final String JENNY = "jenny";
    private static final String JDK = "jdk";

    private static final List<Contestant> ALL =
            List.of(
                    new Contestant(GO, "go", null),
                    new Contestant(JDK, "tools", "dev.jenny.bench.tools.JdkTools"),
                    new Contestant(JENNY, "tools", "dev.jenny.bench.tools.JennyTools"));

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Show this help.")
    @SuppressWarnings("UnusedVariable") // picocli acts on it
    private boolean help;

    @Option(
            names = "--quick",
            description =
                    "One process each, and the JDK without the million: 4 minutes instead of 15.")
    private boolean quick;

    @Option(
            names = "--forks",
            paramLabel = "N",
            description = "Processes of each (default: 3; with --quick 1).")
    private @Nullable Integer forks;

    @Option(
            names = "--runtimes",
            paramLabel = "A,B",
            split = ",",
            description = "Only these of go, jdk, jenny.")
    private @Nullable List<String> runtimes;

    @Option(names = "--json", paramLabel = "FILE", description = "Write all samples there.")
    private @Nullable Path json;

    @Option(
            names = "--out",
            paramLabel = "DIR",
            description = "Where tools.md goes (default: bench/results).")
    private @Nullable Path out;

    @SuppressWarnings("NullAway.Init") // picocli sets the fields
    ToolsCommand() {}

    @Override
    public void run() {
        if (forks != null && forks < 1) {
            throw new BenchError("--forks must be 1 or more");
        }
        Setup setup = new Setup();
        List<Contestant> contestants = contestants(setup);
        setup.build(contestants);
        Map<String, String> facts = Machine.facts(setup, contestants, command());
        Results results = new Results();
        IfStopped.report(
                () -> stopped(results, contestants),
                () -> ToolsCase.ALL.forEach(c -> measure(setup, contestants, c, results)));
        Progress.clear();
        results.unsupported()
                .forEach((name, why) ->
                        why.forEach((runtime, reason) ->
                                System.err.printf(
                                        "jenny bench tools: %s on %s is left out: %s%n",
                                        name, runtime, reason)));
        write(setup, facts, results, contestants);
        if (!results.failures().isEmpty()) {
            throw new BenchError(String.join("\n  ", results.failures()));
        }
    }

    private String command() {
        List<String> words = new ArrayList<>(List.of("./jenny bench tools"));
        if (quick) {
            words.add("--quick");
        }
        if (forks != null) {
            words.add("--forks " + forks);
        }
        if (runtimes != null) {
            words.add("--runtimes " + String.join(",", runtimes));
        }
        return String.join(" ", words);
    }

    private List<Contestant> contestants(Setup setup) {
        List<Contestant> here = new ArrayList<>(ALL);
        if (runtimes != null) {
            List<String> names = ALL.stream().map(Contestant::name).toList();
            for (String name : runtimes) {
                if (!names.contains(name)) {
                    throw new BenchError(
                            "no runtime '" + name + "': there are " + String.join(", ", names));
                }
            }
            here.removeIf(c -> !runtimes.contains(c.name()));
        }
        return Main.thoseThatCanRun(setup, here);
    }

    private void measure(Setup setup, List<Contestant> contestants, ToolsCase c, Results results) {
        int processes = forks != null ? forks : quick ? 1 : 3;
        for (int i = 1; i <= processes; i++) {
            for (Contestant contestant : contestants) {
                String workload = c.workloads().get(contestant.name());
                if (workload == null) {
                    continue;
                }
                boolean jdk = contestant.name().equals(JDK);
                boolean million = c.ops() >= 1_000_000;
                if (jdk && million && (quick || i > 1)) {
                    continue; // it takes minutes
                }
                if (c.megabytes() > Machine.availableMegabytes() * 9 / 10) {
                    Progress.clear();
                    System.err.printf(
                            "jenny bench tools: %s: %s needs about %d MB, %d are free: left out%n",
                            contestant.name(),
                            c.title(),
                            c.megabytes(),
                            Machine.availableMegabytes());
                    continue;
                }
                Progress.show(
                        "jenny bench tools: "
                                + c.title()
                                + ": "
                                + contestant.name()
                                + ", process "
                                + i
                                + " of "
                                + (jdk && million ? 1 : processes),
                        true);
                process(setup, contestant, c, workload, jdk && million ? 1 : c.rounds(), results);
            }
        }
    }

    private static void process(
            Setup setup,
            Contestant contestant,
            ToolsCase c,
            String workload,
            int rounds,
            Results results) {
        List<String> command =
                new ArrayList<>(
                        contestant.command(
                                setup,
                                c.megabytes() + "m",
                                contestant.name().equals(JDK)
                                        // its dump has no virtual threads without
                                        ? List.of("-Djdk.trackAllThreads=true")
                                        : List.of()));
        command.add(workload);
        command.add(String.valueOf(c.ops()));
        command.add(String.valueOf(rounds));
        command.add(String.valueOf(c.warmUpMillis()));
        Map<String, String> environment = new LinkedHashMap<>();
        if (contestant.name().equals(JDK) && rounds == 1) {
            environment.put("BENCH_WARM_OPS", "1000"); // a dump of a million takes half a minute
        } else if (c.warmOps() > 0) {
            environment.put("BENCH_WARM_OPS", String.valueOf(c.warmOps()));
        }
        try (Runner runner = new Runner(command, environment)) {
            for (int i = -1; i < rounds; i++) {
                if (!results.add(c.name(), contestant.name(), runner.turn())) {
                    break;
                }
            }
        }
    }

    /** What was measured before Ctrl-C is not lost. */
    private static void stopped(Results results, List<Contestant> contestants) {
        Progress.clear();
        System.err.println("jenny bench tools: stopped; what there is so far:");
        System.err.print(ToolsCase.table(results, contestants));
    }

    private void write(
            Setup setup, Map<String, String> facts, Results results, List<Contestant> contestants) {
        String table = ToolsCase.table(results, contestants);
        System.out.print(table);
        System.out.flush();
        Path folder = out != null ? out : setup.root().resolve("bench/results");
        StringBuilder document = new StringBuilder("# What the tools cost\n\n");
        facts.forEach((key, value) ->
                document.append("- ").append(key).append(": ").append(value).append('\n'));
        Main.save(folder.resolve("tools.md"), document.append('\n').append(table).toString());
        if (json != null) {
            Map<String, @Nullable Object> all = new LinkedHashMap<>();
            all.put("facts", facts);
            all.putAll(results.asJson());
            Main.save(json, Json.print(all, 3));
        }
    }
}
