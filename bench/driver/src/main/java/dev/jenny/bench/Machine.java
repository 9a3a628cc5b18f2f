package dev.jenny.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Where and with what the figures were made. */
final class Machine {
    private Machine() {}

    static Map<String, String> facts(Setup setup, List<Contestant> contestants, String command) {
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put(
                "Machine",
                cpu()
                        + ", "
                        + Runtime.getRuntime().availableProcessors()
                        + " CPUs, "
                        + memory()
                        + ", "
                        + System.getProperty("os.name")
                        + " "
                        + System.getProperty("os.version"));
        facts.put(
                "JDK",
                System.getProperty("java.vendor")
                        + " "
                        + System.getProperty("java.runtime.version"));
        String commit = output(setup, "git", "rev-parse", "--short", "HEAD");
        boolean dirty =
                !output(setup, "git", "status", "--porcelain", "runtime", "inspect").isEmpty();
        facts.put("Jenny", commit + (dirty ? " and changes that are not committed" : ""));
        for (Contestant c : contestants) {
            switch (c.name()) {
                case "go" -> facts.put("Go", goVersion(setup));
                case "jox" -> facts.put("Jox", library(setup, "peers-jox", "channels-"));
                case "kotlin" ->
                        facts.put(
                                "kotlinx-coroutines",
                                library(setup, "peers-kotlin", "kotlinx-coroutines-core-jvm-")
                                        + ", Kotlin "
                                        + library(setup, "peers-kotlin", "kotlin-stdlib-"));
                default -> {}
            }
        }
        if (!setup.jvmOptions().isEmpty()) {
            facts.put("JVM options", String.join(" ", setup.jvmOptions()));
        }
        facts.put(
                "Date",
                ZonedDateTime.now(ZoneOffset.UTC)
                        .format(DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm 'UTC'")));
        facts.put("Load at the start", load());
        facts.put("Command", command);
        return facts;
    }

    /** As in {@code 1.27.3 linux/amd64}. */
    static String goVersion(Setup setup) {
        return output(setup, String.valueOf(setup.go()), "version").replace("go version go", "");
    }

    private static String cpu() {
        String arch = System.getProperty("os.arch");
        try (Stream<String> lines = Files.lines(Path.of("/proc/cpuinfo"))) {
            return lines.filter(l -> l.startsWith("model name"))
                            .findFirst()
                            .map(l -> l.substring(l.indexOf(':') + 2).strip())
                            .orElse("CPU")
                    + " ("
                    + arch
                    + ")";
        } catch (IOException e) {
            return arch;
        }
    }

    private static String memory() {
        try (Stream<String> lines = Files.lines(Path.of("/proc/meminfo"))) {
            String kib = lines.findFirst().orElse("").replaceAll("\\D", "");
            return Math.round(Long.parseLong(kib) / 1024.0 / 1024.0) + " GiB";
        } catch (IOException | NumberFormatException e) {
            return "memory unknown";
        }
    }

    /** Memory that programs can have without taking it from others, in MB. */
    static long availableMegabytes() {
        try (Stream<String> lines = Files.lines(Path.of("/proc/meminfo"))) {
            return lines.filter(l -> l.startsWith("MemAvailable"))
                            .mapToLong(l -> Long.parseLong(l.replaceAll("\\D", "")))
                            .findFirst()
                            .orElse(Long.MAX_VALUE / 1024)
                    / 1024;
        } catch (IOException e) {
            return Long.MAX_VALUE / 1024; // not Linux: let it be tried
        }
    }

    /** The load average: more than a little says that the machine was not quiet. */
    static String load() {
        try {
            return Files.readString(Path.of("/proc/loadavg")).split(" ")[0];
        } catch (IOException e) {
            return "unknown";
        }
    }

    private static String library(Setup setup, String folder, String prefix) {
        Path lib = setup.root().resolve("bench/" + folder + "/target/quick/lib");
        try (Stream<Path> files = Files.list(lib)) {
            return files.map(f -> f.getFileName().toString())
                    .filter(f ->
                            f.startsWith(prefix) && Character.isDigit(f.charAt(prefix.length())))
                    .findFirst()
                    .map(f -> f.substring(prefix.length()).replace(".jar", ""))
                    .orElse("?");
        } catch (IOException e) {
            return "?";
        }
    }

    private static String output(Setup setup, String... command) {
        try {
            Process p =
                    new ProcessBuilder(command)
                            .directory(setup.root().toFile())
                            .redirectError(ProcessBuilder.Redirect.DISCARD)
                            .start();
            String text = new String(p.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return p.waitFor() == 0 ? text.strip() : "unknown";
        } catch (IOException e) {
            return "unknown";
        } catch (InterruptedException e) {
            throw new BenchError("interrupted");
        }
    }
}
