package dev.jenny.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The JVM's archives of loaded classes, one for each runtime. With one a JVM is there in half the
 * time: a quick suite starts some two hundred, and spends a sixth of its time on that. What is
 * measured comes after the warm-up and is the same.
 */
final class Archives {
    private static final long PATIENCE_SECONDS = 60;

    private final Setup setup;

    Archives(Setup setup) {
        this.setup = setup;
    }

    /** Makes the archive of {@code c}, unless there is one that fits. Without one it goes on. */
    void make(Contestant c) {
        try {
            Files.createDirectories(file(c).getParent());
            List<String> options = new ArrayList<>(use(c));
            options.add("-XX:+AutoCreateSharedArchive");
            List<String> command = new ArrayList<>(c.command(setup, Session.QUICK_HEAP, options));
            command.addAll(List.of("pingpong", "1", "1", "0"));
            Process p =
                    Children.start(
                            new ProcessBuilder(command)
                                    .redirectInput(ProcessBuilder.Redirect.PIPE)
                                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                                    .redirectError(ProcessBuilder.Redirect.DISCARD));
            p.getOutputStream().close();
            if (!p.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                p.destroyForcibly();
            }
        } catch (IOException e) {
            // slower, then
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** The options with which a JVM of {@code c} takes its classes from the archive. */
    List<String> use(Contestant c) {
        // Whether the archive fits is not for those who read the output.
        return List.of(
                "-XX:SharedArchiveFile=" + file(c), "-Xlog:disable", "-Xlog:all=error:stderr");
    }

    private Path file(Contestant c) {
        return setup.root().resolve("bench/target/quick-" + c.name() + ".jsa");
    }
}
