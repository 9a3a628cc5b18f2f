package dev.jenny.cli;

import dev.jenny.GoRuntime;
import dev.jenny.inspect.internal.CpuQuota;
import dev.jenny.internal.loom.Loom;
import dev.jenny.internal.run.MainRunner;
import dev.jenny.internal.sched.Runtimes;
import java.io.PrintWriter;
import java.lang.Runtime.Version;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * {@code jenny doctor}: what Jenny finds on this machine, and the line that adds what is missing.
 */
@Command(
        name = "doctor",
        header = "Check the JDK, the mode and the CPU limits, and say how to fix what is missing.",
        synopsisHeading = "%nUsage: ",
        optionListHeading = "%nOptions:%n",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:all is well, or only warnings", "1:something is missing"})
final class DoctorCommand implements Callable<Integer> {
    private static final Version TESTED = Version.parse("25.0.3");
    private static final Version MONITOR_FIX = Version.parse("25.0.4");

    @Spec private CommandSpec spec;

    @Mixin
    @SuppressWarnings("UnusedVariable") // picocli acts on it
    private HelpOption help;

    @Option(names = "--json", description = "Print one JSON object instead of text.")
    private boolean json;

    @SuppressWarnings("NullAway.Init") // picocli sets the fields
    DoctorCommand() {}

    /** One thing to fix. {@code missing}: Jenny does less than it could; otherwise a warning. */
    record Finding(boolean missing, String problem, String fix) {}

    @Override
    public Integer call() {
        boolean open = Object.class.getModule().isOpen("java.lang", GoRuntime.class.getModule());
        String mode = GoRuntime.mode();
        Double quota = CpuQuota.read();
        Map<String, @Nullable Object> facts = new LinkedHashMap<>();
        facts.put("jenny", VersionCommand.jennyVersion());
        facts.put("jdk", Runtime.version().toString());
        facts.put("vendor", System.getProperty("java.vendor"));
        facts.put("javaHome", System.getProperty("java.home"));
        facts.put("mode", mode);
        facts.put("javaLangOpen", open);
        facts.put("modeDetail", MainRunner.describeMode());
        facts.put("collector", collector());
        facts.put("processors", Runtime.getRuntime().availableProcessors());
        facts.put("cgroupCpuQuota", quota);
        facts.put("gomaxprocs", GoRuntime.gomaxprocs());
        facts.put("JENNY_MAXPROCS", System.getenv("JENNY_MAXPROCS"));
        facts.put("JENNYDEBUG", System.getenv("JENNYDEBUG"));
        List<Finding> findings =
                findings(
                        Runtime.version(),
                        mode,
                        Loom.FORCED_OFF,
                        open,
                        System.getenv("JENNY_MAXPROCS"));
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            out.println(Json.of(facts, findings));
        } else {
            print(out, facts, findings);
        }
        out.flush();
        return findings.stream().anyMatch(Finding::missing) ? 1 : 0;
    }

    /** The garbage collector, by the names that the JVM gives to its parts. */
    private static String collector() {
        return ManagementFactory.getGarbageCollectorMXBeans().stream()
                .map(GarbageCollectorMXBean::getName)
                .collect(Collectors.joining(", "));
    }

    static List<Finding> findings(
            Version jdk, String mode, boolean forced, boolean open, @Nullable String maxprocs) {
        List<Finding> findings = new ArrayList<>();
        if (!open) {
            findings.add(
                    new Finding(
                            true,
                            "java.lang is not open to Jenny, so goroutines run on the JDK's own scheduler",
                            "java --add-opens java.base/java.lang=ALL-UNNAMED ... (on the module path:"
                                    + " --add-opens java.base/java.lang=dev.jenny.runtime)"));
        } else if (!mode.equals("custom") && forced) {
            findings.add(
                    new Finding(
                            false,
                            "fallback mode is asked for, so goroutines run on the JDK's own scheduler",
                            "take out -Djenny.mode=fallback"));
        } else if (!mode.equals("custom")) {
            findings.add(
                    new Finding(
                            true,
                            "java.lang is open, but Jenny's scheduler does not run on this JDK",
                            "use a JDK 25: JENNY_JAVA_HOME=/path/to/jdk-25 jenny doctor"));
        }
        if (jdk.compareToIgnoreOptional(TESTED) < 0) {
            findings.add(
                    new Finding(
                            false,
                            "this JDK is older than 25.0.3, the oldest one that Jenny is tested on",
                            "update the JDK to 25.0.4 or newer"));
        }
        if (jdk.feature() == 25 && jdk.compareToIgnoreOptional(MONITOR_FIX) < 0) {
            findings.add(
                    new Finding(
                            false,
                            "this JDK can, rarely, lose a goroutine that is blocked on `synchronized` (JDK-8373120)",
                            "update the JDK to 25.0.4 or newer"));
        }
        if (maxprocs != null && !maxprocs.isEmpty() && !isProcs(maxprocs)) {
            findings.add(
                    new Finding(
                            false,
                            "JENNY_MAXPROCS="
                                    + maxprocs
                                    + " is not a number from 1 to "
                                    + Runtimes.MAX_GOMAXPROCS,
                            "unset JENNY_MAXPROCS, or export JENNY_MAXPROCS=4"));
        }
        return findings;
    }

    private static boolean isProcs(String number) {
        try {
            int n = Integer.parseInt(number);
            return n >= 1 && n <= Runtimes.MAX_GOMAXPROCS;
        } catch (NumberFormatException e) {
            return false;
        }
    }

    private static void print(
            PrintWriter out, Map<String, @Nullable Object> facts, List<Finding> findings) {
        Object quota = facts.get("cgroupCpuQuota");
        out.printf("Jenny        %s%n", facts.get("jenny"));
        out.printf("JDK          %s (%s)%n", facts.get("jdk"), facts.get("vendor"));
        out.printf("             %s%n", facts.get("javaHome"));
        out.printf("Mode         %s%n", facts.get("modeDetail"));
        out.printf(
                "             java.lang is %s%n",
                Boolean.TRUE.equals(facts.get("javaLangOpen")) ? "open" : "closed");
        out.printf(
                "Collector    %s (another one: ./jenny run -J-XX:+UseG1GC ...)%n",
                facts.get("collector"));
        out.printf(
                "CPUs         %s available, cgroup quota %s%n",
                facts.get("processors"), quota == null ? "none" : quota);
        out.printf("GOMAXPROCS   %s%n", facts.get("gomaxprocs"));
        out.printf(
                "Environment  JENNY_MAXPROCS %s, JENNYDEBUG %s%n",
                setting(facts.get("JENNY_MAXPROCS")), setting(facts.get("JENNYDEBUG")));
        for (Finding finding : findings) {
            out.printf(
                    "%n%s: %s%n   fix it with: %s%n",
                    finding.missing() ? "MISSING" : "warning", finding.problem(), finding.fix());
        }
        if (findings.isEmpty()) {
            out.printf("%nAll is well.%n");
        }
    }

    private static String setting(@Nullable Object value) {
        return value == null ? "is not set" : "= " + value;
    }
}
