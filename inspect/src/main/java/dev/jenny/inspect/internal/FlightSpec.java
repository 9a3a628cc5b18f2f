package dev.jenny.inspect.internal;

import dev.jenny.inspect.FlightRecorder;
import dev.jenny.inspect.Trace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A flight recorder as it is asked for in one word, such as {@code
 * seconds=10,mb=16,on=deadlock+latency:50ms}. Parsing it starts nothing, so that a mistake can be
 * told before the program begins.
 */
public final class FlightSpec {
    private static final String KEYS =
            "seconds=N, mb=N, dir=DIR, files=N, format=go or perfetto, on=TRIGGER+TRIGGER...";
    private static final String TRIGGERS =
            "deadlock, leak, hog, panic, oom and latency:TIME, joined by +; or none";
    private static final Pattern TIME = Pattern.compile("(\\d{1,9})(us|µs|ms|s)");
    private static final int MAX_SECONDS = 3600;
    private static final int MAX_MB = 512;
    private static final int MAX_FILES = 1000;

    private long seconds = 60;
    private long megabytes = 8;
    private Path directory = Path.of(System.getProperty("java.io.tmpdir", "/tmp"));
    private int files = 10;
    private Trace.Format format = Trace.Format.GO;
    private List<String> on = List.of("deadlock", "leak", "panic"); // start-up has hogs

    private FlightSpec() {}

    /**
     * Reads {@code spec}; what it does not name has its default.
     *
     * @throws IllegalArgumentException if it makes no sense; the text says what is allowed
     */
    public static FlightSpec parse(String spec) {
        FlightSpec s = new FlightSpec();
        Set<String> seen = new HashSet<>();
        for (String part : spec.isBlank() ? new String[0] : spec.split(",", -1)) {
            int equals = part.indexOf('=');
            String key = equals < 0 ? part : part.substring(0, equals);
            if (equals < 0 || !s.set(key, part.substring(equals + 1))) {
                throw new IllegalArgumentException("'" + part + "' is none of " + KEYS);
            }
            if (!seen.add(key)) {
                throw new IllegalArgumentException(key + "= stands there twice");
            }
        }
        return s;
    }

    private boolean set(String key, String value) {
        switch (key) {
            case "seconds" -> seconds = number(key, value, MAX_SECONDS);
            case "mb" -> megabytes = number(key, value, MAX_MB);
            case "files" -> files = number(key, value, MAX_FILES);
            case "dir" -> directory = directory(value);
            case "format" ->
                    format =
                            switch (value) {
                                case "go" -> Trace.Format.GO;
                                case "perfetto" -> Trace.Format.PERFETTO;
                                default ->
                                        throw new IllegalArgumentException(
                                                "format=" + value + ": must be go or perfetto");
                            };
            case "on" -> on = triggers(value);
            default -> {
                return false;
            }
        }
        return true;
    }

    private static int number(String key, String value, int max) {
        int n = value.matches("\\d{1,9}") ? Integer.parseInt(value) : 0;
        if (n < 1 || n > max) {
            throw new IllegalArgumentException(key + "=" + value + ": must be 1 to " + max);
        }
        return n;
    }

    private static Path directory(String value) {
        try {
            if (!value.isEmpty()) {
                return Path.of(value);
            }
        } catch (InvalidPathException e) {
            // said below
        }
        throw new IllegalArgumentException("dir=" + value + ": name a directory");
    }

    private static List<String> triggers(String value) {
        List<String> names = new ArrayList<>();
        if (value.equals("none")) {
            return names;
        }
        for (String name : value.split("\\+", -1)) {
            switch (name) {
                case "deadlock", "leak", "hog", "panic", "oom" -> {}
                default -> {
                    if (!name.startsWith("latency")) {
                        throw new IllegalArgumentException(
                                "on=" + value + ": '" + name + "' is none of " + TRIGGERS);
                    }
                    latency(name);
                }
            }
            names.add(name);
        }
        return names;
    }

    private static Duration latency(String name) {
        Matcher m = TIME.matcher(name.substring(name.indexOf(':') + 1));
        if (!name.startsWith("latency:") || !m.matches()) {
            throw new IllegalArgumentException(
                    "on=" + name + ": latency takes a time in us, ms or s, as in latency:50ms");
        }
        long n = Long.parseLong(m.group(1));
        Duration d =
                switch (m.group(2)) {
                    case "s" -> Duration.ofSeconds(n);
                    case "ms" -> Duration.ofMillis(n);
                    default -> Duration.ofNanos(1000 * n);
                };
        if (d.isZero()) {
            throw new IllegalArgumentException("on=" + name + ": must be above 0");
        }
        return d;
    }

    /**
     * Begins to record.
     *
     * @throws IOException if files cannot be written where they are to go; the text says so
     */
    public FlightRecorder start() throws IOException {
        Path absolute = directory.toAbsolutePath();
        Files.createDirectories(absolute);
        if (!Files.isWritable(absolute)) {
            throw new IOException(absolute + " cannot be written to");
        }
        FlightRecorder.Builder b =
                FlightRecorder.with()
                        .seconds(seconds)
                        .bytes(megabytes << 20)
                        .directory(absolute)
                        .maxFiles(files)
                        .format(format);
        for (String name : on) {
            switch (name) {
                case "deadlock" -> b.onDeadlock().onFatal();
                case "panic" -> b.onPanic().onFatal();
                case "leak" -> b.onLeak();
                case "hog" -> b.onHog();
                case "oom" -> b.onOutOfMemory();
                default -> b.onLatency(latency(name));
            }
        }
        return b.start();
    }
}
