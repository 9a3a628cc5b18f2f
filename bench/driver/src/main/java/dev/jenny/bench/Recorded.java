package dev.jenny.bench;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Ratios of an earlier run, to notice what has become slower. */
final class Recorded {
    private final Path file;
    private final boolean quick;

    Recorded(Path file, boolean quick) {
        this.file = file;
        this.quick = quick;
    }

    void check(
            Report report, Setup setup, List<Contestant> contestants, int rounds, int processes) {
        throw new BenchError("--check: not yet " + file + quick);
    }

    void write(Report report, Map<String, String> facts) {
        throw new BenchError("--record: not yet");
    }
}
