package dev.jenny.inspect.internal.web;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jenny.inspect.internal.CpuQuota;
import dev.jenny.inspect.internal.Json;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CpuLimitTest {
    private static final long SECOND = 1_000_000_000;

    private static String at(CpuLimit limit, long t) {
        return Json.string(j -> {
            j.object();
            limit.write(j, t);
            j.end();
        });
    }

    @Test
    void aLimitIsReadEveryFewSeconds() {
        Deque<Double> quotas = new ArrayDeque<>(List.of(1.5, 3.0));
        CpuLimit limit = new CpuLimit(quotas::poll, 8);
        assertThat(at(limit, 0)).isEqualTo("{\"quota\":1.5,\"machine\":8}");
        assertThat(at(limit, 4 * SECOND)).isEqualTo("{\"quota\":1.5,\"machine\":8}");
        assertThat(at(limit, 5 * SECOND)).isEqualTo("{\"quota\":3,\"machine\":8}");
        assertThat(at(limit, 10 * SECOND)).as("the limit was lifted").isEqualTo("{}");
        assertThat(at(new CpuLimit(() -> 0.5, 0), 0)).isEqualTo("{\"quota\":0.5}");
    }

    @Test
    void theLeastLimitOfAllGroupsCounts(@TempDir Path mount) throws Exception {
        Files.createDirectories(mount.resolve("a/b"));
        Files.createDirectories(mount.resolve("cpu/c"));
        List<String> v2 = List.of("0::/a/b");
        assertThat(CpuQuota.read(mount, v2)).isNull();
        Files.writeString(mount.resolve("a/b/cpu.max"), "max 100000\n");
        assertThat(CpuQuota.read(mount, v2)).isNull();
        Files.writeString(mount.resolve("a/cpu.max"), "150000 100000\n");
        assertThat(CpuQuota.read(mount, v2)).isEqualTo(1.5);
        List<String> v1 = List.of("5:memory:/c", "4:cpu,cpuacct:/c");
        assertThat(CpuQuota.read(mount, v1)).isNull();
        Files.writeString(mount.resolve("cpu/c/cpu.cfs_period_us"), "100000\n");
        Files.writeString(mount.resolve("cpu/c/cpu.cfs_quota_us"), "-1\n");
        assertThat(CpuQuota.read(mount, v1)).isNull();
        Files.writeString(mount.resolve("cpu/c/cpu.cfs_quota_us"), "50000\n");
        assertThat(CpuQuota.read(mount, v1)).isEqualTo(0.5);
    }

    @Test
    void aListOfCpusIsCounted() {
        assertThat(CpuQuota.count("0-7")).isEqualTo(8);
        assertThat(CpuQuota.count("0")).isEqualTo(1);
        assertThat(CpuQuota.count("0-3,6,8-9")).isEqualTo(7);
        assertThat(CpuQuota.count("")).isZero();
        assertThat(CpuQuota.count("all")).isZero();
    }
}
