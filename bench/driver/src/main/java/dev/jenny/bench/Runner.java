package dev.jenny.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A runner's process. It works only when it is its turn. */
final class Runner implements AutoCloseable {
    private static final int SECONDS_FOR_A_TURN = 600;

    private final Process process;
    private final OutputStream turns;
    private final BlockingQueue<String> lines = new LinkedBlockingQueue<>();
    private final List<String> noise = new ArrayList<>();

    Runner(List<String> command, Map<String, String> environment) {
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().put("BENCH_STEP", "1");
        builder.environment().putAll(environment);
        try {
            process = Children.start(builder);
        } catch (IOException e) {
            throw new BenchError("cannot start " + command.get(0) + ": " + e.getMessage());
        }
        turns = process.getOutputStream();
        Thread reader = new Thread(this::read, "runner output");
        reader.setDaemon(true);
        reader.start();
    }

    private void read() {
        try (BufferedReader in =
                new BufferedReader(
                        new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                if (line.startsWith("{")) {
                    lines.add(line);
                } else {
                    synchronized (noise) {
                        noise.add(line);
                    }
                }
            }
        } catch (IOException e) {
            // the process was killed
        }
        lines.add("");
    }

    /** Lets it do its warm-up or a round, and returns what it says. */
    Map<String, @Nullable Object> turn() {
        try {
            turns.write('\n');
            turns.flush();
        } catch (IOException e) {
            // It has ended; what it said before is in the queue.
        }
        try {
            String line = lines.poll(SECONDS_FOR_A_TURN, TimeUnit.SECONDS);
            if (line == null) {
                return failed("no answer for " + SECONDS_FOR_A_TURN + " s");
            }
            if (line.isEmpty()) {
                return failed("the process ended with code " + process.waitFor());
            }
            Map<String, @Nullable Object> result;
            try {
                result = Json.object(line);
            } catch (BenchError e) {
                return failed("no answer but: " + line);
            }
            if (String.valueOf(result.get("check")).startsWith("FAILED")) {
                printNoise();
            }
            return result;
        } catch (InterruptedException e) {
            throw new BenchError("interrupted");
        }
    }

    private Map<String, @Nullable Object> failed(String why) {
        printNoise();
        return Map.of("check", "FAILED " + why);
    }

    private void printNoise() {
        Progress.clear();
        synchronized (noise) {
            noise.forEach(System.err::println);
            noise.clear();
        }
    }

    @Override
    public void close() {
        process.destroyForcibly();
        try {
            process.waitFor();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
