package dev.jenny.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code ./jenny bench}. */
@Command(
        name = "jenny bench",
        header = "Compare Jenny with Go and with the other ways on the JVM.",
        synopsisHeading = "%nUsage: ",
        customSynopsis = {
            "jenny bench [options] [WORKLOAD...]",
            "       jenny bench scale [options]",
            "       jenny bench jmh [JMH options]",
            "       jenny bench tools [options]"
        },
        parameterListHeading = "%n",
        optionListHeading = "%nOptions:%n",
        commandListHeading = "%nCommands:%n",
        footer = {
            "",
            "-J<option> goes to the JVMs of all runtimes that run on one.",
            "bench/README.md says how to read the figures."
        },
        subcommands = {ScaleCommand.class, JmhCommand.class, ToolsCommand.class})
public final class Main implements Runnable {
    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Show this help.")
    @SuppressWarnings("UnusedVariable") // picocli acts on it
    private boolean help;

    @Option(names = "--quick", description = "Fewer operations: the whole suite in 3 minutes.")
    private boolean quick;

    @Option(
            names = "--rounds",
            paramLabel = "N",
            description = "Rounds of each process (default: 5).",
            defaultValue = "5")
    private int rounds;

    @Option(
            names = "--forks",
            paramLabel = "N",
            description = "Processes of each runtime (default: 3; with --quick 1).")
    private @Nullable Integer forks;

    @Option(
            names = "--runtimes",
            paramLabel = "A,B",
            split = ",",
            description =
                    "Only these of go, jenny, jenny-fallback, jenny-traced, jenny-untraced, jdk, jox, kotlin.")
    private @Nullable List<String> runtimes;

    @Option(names = "--json", paramLabel = "FILE", description = "Write all samples there.")
    private @Nullable Path json;

    @Option(
            names = "--out",
            paramLabel = "DIR",
            description = "Where bench.md and bench.svg go (default: bench/results).")
    private @Nullable Path out;

    @Option(names = "--list", description = "List the workloads.")
    private boolean list;

    @Option(
            names = "--check",
            description = "Fail if a ratio is worse than in bench/recorded.json.")
    private boolean check;

    @Option(
            names = "--record",
            description = "Write the ratios of the whole suite to bench/recorded.json.")
    private boolean record;

    @Parameters(paramLabel = "WORKLOAD", description = "Only these; spsc-* is all that begin so.")
    private List<String> names = new ArrayList<>();

    private String command = "";

    private Main() {}

    public static void main(String[] args) {
        Main main = new Main();
        main.command = "./jenny bench " + String.join(" ", args);
        CommandLine commands = new CommandLine(main);
        commands.setExecutionExceptionHandler((e, c, r) -> {
            if (e instanceof BenchError) {
                Progress.clear();
                System.err.println("jenny bench: " + e.getMessage());
                return 1;
            }
            throw e;
        });
        System.exit(commands.execute(args));
    }

    @Override
    public void run() {
        List<Workload> workloads = Workload.named(names);
        if (list) {
            for (Workload w : Workload.ALL) {
                System.out.printf("%-20s %s%n", w.name(), w.what());
            }
            return;
        }
        if (rounds < 1 || (forks != null && forks < 1)) {
            throw new BenchError("--rounds and --forks must be 1 or more");
        }
        if (record && (check || !names.isEmpty())) {
            throw new BenchError("--record takes the whole suite, and no --check: run them apart");
        }
        Setup setup = new Setup();
        if (out != null) {
            mustBeWritable(out.resolve("bench.md"));
        }
        if (json != null) {
            mustBeWritable(json);
        }
        List<Contestant> contestants = contestants(setup, runtimes);
        if (runtimes == null && !check && !record) {
            contestants.removeIf(Contestant::isTraced); // who compares runtimes has no use for them
        }
        setup.build(contestants);
        Map<String, String> facts = Machine.facts(setup, contestants, command.strip());
        Session session = new Session(setup, contestants, quick, rounds, processes());
        List<String> order = contestants.stream().map(Contestant::name).toList();
        IfStopped.report(
                () -> stopped(setup, facts, session, workloads, order),
                () -> session.run(workloads));
        Results results = session.results();
        Report report = new Report(results, workloads, order);
        if (!report.rows().isEmpty()) {
            write(setup, facts, report, results);
        }
        Recorded recorded = new Recorded(setup.root().resolve("bench/recorded.json"), quick);
        if (record) {
            recorded.write(report, facts); // what failed has no ratio and is left as it was
        }
        List<String> wrong = new ArrayList<>(results.failures());
        if (check) {
            // One runtime's failure does not hide another's regression.
            try {
                check(setup, recorded, report, contestants, order);
            } catch (BenchError e) {
                wrong.add(e.getMessage());
            }
        }
        if (!wrong.isEmpty()) {
            throw new BenchError(String.join("\n  ", wrong));
        }
    }

    private void check(
            Setup setup,
            Recorded recorded,
            Report report,
            List<Contestant> contestants,
            List<String> order) {
        int processes = Math.max(processes(), 3);
        recorded.check(
                report,
                suspects -> {
                    Session second = new Session(setup, contestants, quick, rounds, processes);
                    second.run(suspects); // what fails has no ratio, and is not cleared by it
                    return new Report(second.results(), suspects, order);
                });
    }

    private int processes() {
        return forks != null ? forks : quick ? 1 : 3;
    }

    /** The suite takes long: what is complete is not lost with Ctrl-C. */
    private void stopped(
            Setup setup,
            Map<String, String> facts,
            Session session,
            List<Workload> workloads,
            List<String> order) {
        List<Workload> complete = session.complete();
        Progress.clear();
        System.err.println(
                "jenny bench: stopped; "
                        + complete.size()
                        + " of "
                        + workloads.size()
                        + " workloads are complete");
        Results results = session.results().copy(complete);
        Report report = new Report(results, complete, order);
        if (!report.rows().isEmpty()) {
            write(setup, facts, report, results);
        }
    }

    static List<Contestant> contestants(Setup setup, @Nullable List<String> wanted) {
        List<Contestant> all =
                wanted == null
                        ? Contestant.ALL
                        // Always in the same order, whatever was asked for.
                        : Contestant.ALL.stream()
                                .filter(wanted.stream().map(Contestant::named).toList()::contains)
                                .toList();
        return thoseThatCanRun(setup, all);
    }

    /** Without those that cannot run here, of whom it is said. */
    static List<Contestant> thoseThatCanRun(Setup setup, List<Contestant> all) {
        List<Contestant> here = new ArrayList<>(all);
        if (setup.go() == null && here.removeIf(c -> !c.onJvm())) {
            System.err.println(
                    "jenny bench: no go on the PATH or in GOROOT: Go is left out; install it from"
                            + " https://go.dev/dl or with your package manager to compare with it");
        }
        if (here.isEmpty()) {
            throw new BenchError("no runtime left to run");
        }
        return here;
    }

    private void write(Setup setup, Map<String, String> facts, Report report, Results results) {
        StringBuilder text = new StringBuilder();
        text.append(report.amounts()).append('\n');
        text.append(report.ratios()).append('\n');
        text.append(report.summary()).append('\n');
        text.append(report.notes());
        System.out.print(text);
        Path folder = out != null ? out : setup.root().resolve("bench/results");
        StringBuilder document = new StringBuilder("# Benchmark\n\n");
        facts.forEach((key, value) ->
                document.append("- ").append(key).append(": ").append(value).append('\n'));
        document.append('\n');
        if (report.base() != null) {
            document.append("![Ratios](bench.svg)\n\n");
        }
        document.append(text);
        if (json != null) { // first: what is in the other files can be made of it
            Map<String, @Nullable Object> all = new LinkedHashMap<>();
            all.put("facts", facts);
            all.putAll(results.asJson());
            save(json, Json.print(all, 3));
        }
        String base = report.base();
        save(folder.resolve("bench.md"), document.toString());
        if (base != null && report.runtimes().size() > 1) {
            String subtitle = facts.getOrDefault("Machine", "") + ", " + facts.get("Date");
            save(folder.resolve("bench.svg"), RatioPlot.svg(report, subtitle));
        }
    }

    /** Before the measurement, which takes long. */
    static void mustBeWritable(Path file) {
        Path folder = file.toAbsolutePath().getParent();
        try {
            if (folder != null) {
                Files.createDirectories(folder);
            }
            if (Files.exists(file)
                    ? Files.isWritable(file)
                    : folder != null && Files.isWritable(folder)) {
                return;
            }
        } catch (IOException e) {
            throw new BenchError("cannot write " + file + ": " + e);
        }
        throw new BenchError("cannot write " + file);
    }

    static void save(Path file, String text) {
        try {
            Path folder = file.toAbsolutePath().getParent();
            if (folder != null) {
                Files.createDirectories(folder);
            }
            Files.writeString(file, text);
            System.err.println("jenny bench: wrote " + file);
        } catch (IOException e) {
            throw new BenchError("cannot write " + file + ": " + e);
        }
    }
}
