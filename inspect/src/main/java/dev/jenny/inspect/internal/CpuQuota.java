package dev.jenny.inspect.internal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The CPU limit that a container sets (Linux cgroups): the JDK rounds it to whole CPUs, tools show
 * it as it is.
 */
public final class CpuQuota {
    private CpuQuota() {}

    /** In CPUs, such as 1.5; null if there is none, or no cgroups. */
    public static @Nullable Double read() {
        try {
            return read(
                    Path.of("/sys/fs/cgroup"), Files.readAllLines(Path.of("/proc/self/cgroup")));
        } catch (IOException e) {
            return null; // not Linux
        }
    }

    /**
     * The least limit of these memberships.
     *
     * @param mount where the cgroup file systems are mounted
     * @param memberships the lines of {@code /proc/self/cgroup}: {@code 0::/path} for version 2,
     *     {@code N:cpu,cpuacct:/path} for version 1
     */
    public static @Nullable Double read(Path mount, List<String> memberships) {
        Double least = null;
        for (String line : memberships) {
            String[] parts = line.split(":", 3);
            boolean v2 = parts.length == 3 && parts[1].isEmpty();
            boolean v1 = parts.length == 3 && List.of(parts[1].split(",")).contains("cpu");
            if (!v1 && !v2) {
                continue;
            }
            Path root = v2 ? mount : mount.resolve("cpu");
            // Every level may have a limit. In a container the path may not exist; then only the
            // root counts.
            Path folder = root.resolve(parts[2].substring(1)).normalize();
            while (folder != null && folder.startsWith(root)) {
                Double here = v2 ? v2Limit(folder) : v1Limit(folder);
                if (here != null && (least == null || here < least)) {
                    least = here;
                }
                folder = folder.getParent();
            }
        }
        return least;
    }

    /** The CPUs of the machine, whoever may use them; 0 if that is not known. */
    public static int machine() {
        String line = firstLine(Path.of("/sys/devices/system/cpu/online"));
        return line == null ? 0 : count(line);
    }

    /** How many there are in {@code list}, such as {@code 0-3,6}; 0 if it is no list. */
    public static int count(String list) {
        int n = 0;
        try {
            for (String range : list.split(",")) {
                String[] ends = range.split("-", 2);
                n += Integer.parseInt(ends[ends.length - 1]) - Integer.parseInt(ends[0]) + 1;
            }
        } catch (NumberFormatException e) {
            return 0;
        }
        return n;
    }

    private static @Nullable Double v2Limit(Path folder) {
        String line = firstLine(folder.resolve("cpu.max")); // "max 100000" or "150000 100000"
        if (line == null || line.startsWith("max")) {
            return null;
        }
        String[] parts = line.split(" ", 2);
        return parts.length < 2 ? null : ratio(parts[0], parts[1]);
    }

    private static @Nullable Double v1Limit(Path folder) {
        String quota = firstLine(folder.resolve("cpu.cfs_quota_us"));
        String period = firstLine(folder.resolve("cpu.cfs_period_us"));
        return quota == null || period == null || quota.startsWith("-")
                ? null
                : ratio(quota, period);
    }

    private static @Nullable Double ratio(String quota, String period) {
        try {
            return Double.parseDouble(quota) / Double.parseDouble(period);
        } catch (NumberFormatException e) {
            return null;
        }
    }

    private static @Nullable String firstLine(Path file) {
        try {
            List<String> lines = Files.readAllLines(file);
            return lines.isEmpty() ? null : lines.get(0).strip();
        } catch (IOException e) {
            return null;
        }
    }
}
