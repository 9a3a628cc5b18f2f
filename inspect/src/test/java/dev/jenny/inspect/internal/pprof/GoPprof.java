package dev.jenny.inspect.internal.pprof;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Runs {@code go tool pprof}, the judge of our profiles; tests without Go are skipped. */
final class GoPprof {
    private GoPprof() {}

    static void assumeInstalled() {
        try {
            Process go = new ProcessBuilder("go", "version").redirectErrorStream(true).start();
            go.getInputStream().readAllBytes();
            assumeTrue(go.waitFor() == 0, "go does not run");
        } catch (IOException e) {
            assumeTrue(false, "go is not installed");
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    static String read(Profile profile, String... flags) throws Exception {
        Path file = Files.createTempFile("jenny", ".pb.gz");
        try {
            try (OutputStream out = Files.newOutputStream(file)) {
                ProfileWriter.write(profile, "program", out);
            }
            return read(file.toString(), flags);
        } finally {
            Files.delete(file);
        }
    }

    /** Of a file or a URL. */
    static String read(String source, String... flags) throws Exception {
        Path home = Files.createTempDirectory("pprof");
        List<String> command = new ArrayList<>(List.of("go", "tool", "pprof"));
        command.addAll(List.of(flags));
        command.add(source);
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().put("PPROF_TMPDIR", home.toString());
        Process pprof = builder.start();
        String output = new String(pprof.getInputStream().readAllBytes(), UTF_8);
        assertThat(pprof.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(pprof.exitValue()).as(output).isZero();
        try (var files = Files.walk(home)) {
            for (Path p : files.sorted(java.util.Comparator.reverseOrder()).toList()) {
                Files.delete(p);
            }
        }
        return output;
    }
}
