package dev.jenny.inspect.internal.metrics;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * What the JVM counts for {@code jstat}: always, in memory that it shares as a file, from which a
 * count is read in nanoseconds. No bean has these. There is no file with {@code -XX:-UsePerfData}
 * or {@code -XX:+PerfDisableSharedMem}.
 */
final class JvmCounters {
    private static final int MAGIC = 0xcafec0c0; // whatever the order of bytes
    private static final int ORDER = 4;
    private static final int MAJOR = 5;
    private static final int FIRST_ENTRY = 24;
    private static final int ENTRIES = 28;

    /** So many milliseconds lie at most between two readings of the clock as the JVM starts. */
    private static final long START = 10_000;

    private static final String WORKERS = "sun.threads.cpu_time.gc_parallel_workers";
    private static final Map<String, LongSupplier> ALL = read();

    private JvmCounters() {}

    private static Map<String, LongSupplier> read() {
        Path file =
                Path.of(
                        // on Linux the JVM takes this one, whatever it is told of another
                        System.getProperty("os.name").equals("Linux")
                                ? "/tmp"
                                : System.getProperty("java.io.tmpdir"),
                        "hsperfdata_" + System.getProperty("user.name"),
                        Long.toString(ProcessHandle.current().pid()));
        try (FileChannel channel = FileChannel.open(file)) {
            ByteBuffer memory = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size());
            Map<String, LongSupplier> all = parse(memory);
            // in containers with one /tmp, processes have the same number
            LongSupplier begin = all.get("sun.rt.createVmBeginTime");
            long started = ManagementFactory.getRuntimeMXBean().getStartTime();
            return begin != null && Math.abs(begin.getAsLong() - started) < START ? all : Map.of();
        } catch (IOException | RuntimeException e) {
            return Map.of();
        }
    }

    /** The counters in {@code memory} that are numbers, by name; none if it is something else. */
    static Map<String, LongSupplier> parse(ByteBuffer memory) {
        if (memory.order(ByteOrder.BIG_ENDIAN).getInt(0) != MAGIC || memory.get(MAJOR) != 2) {
            return Map.of();
        }
        memory.order(memory.get(ORDER) == 0 ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN);
        Map<String, LongSupplier> found = new HashMap<>();
        int at = memory.getInt(FIRST_ENTRY);
        for (int left = memory.getInt(ENTRIES); left > 0; left--) {
            boolean isNumber = memory.getInt(at + 8) == 0 && memory.get(at + 12) == 'J';
            if (isNumber) {
                int data = at + memory.getInt(at + 16);
                found.put(text(memory, at + memory.getInt(at + 4)), () -> memory.getLong(data));
            }
            at += memory.getInt(at);
        }
        return found;
    }

    private static String text(ByteBuffer memory, int from) {
        int to = from;
        while (memory.get(to) != 0) {
            to++;
        }
        byte[] bytes = new byte[to - from];
        memory.get(from, bytes);
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private static Optional<LongSupplier> sum(String... names) {
        List<LongSupplier> parts = new ArrayList<>();
        for (String name : names) {
            LongSupplier part = ALL.get(name);
            if (part == null) {
                return Optional.empty();
            }
            parts.add(part);
        }
        return Optional.of(() -> parts.stream().mapToLong(LongSupplier::getAsLong).sum());
    }

    private static Optional<Supplier<Double>> seconds(Optional<LongSupplier> nanos) {
        return nanos.map(n -> () -> n.getAsLong() / 1e9);
    }

    /** CPU time of the collector's threads, as far as the collector counts it. */
    static Optional<Supplier<Double>> gcCpu() {
        return ALL.containsKey(WORKERS)
                ? seconds(sum("sun.threads.total_gc_cpu_time"))
                : Optional.empty(); // ZGC, and Serial, which has no threads of its own: always 0
    }

    /** How often the JVM has stopped all threads. */
    static Optional<LongSupplier> stops() {
        return sum("sun.rt.safepoints");
    }

    /** How long it took until all had stopped. */
    static Optional<Supplier<Double>> stopping() {
        return seconds(sum("sun.rt.safepointSyncTime"));
    }

    /** How long they stood for something else than a collection. */
    static Optional<Supplier<Double>> otherPauses() {
        String[] collectors =
                ALL.keySet().stream()
                        .filter(name -> name.matches("sun\\.gc\\.collector\\.\\d+\\.time"))
                        .toArray(String[]::new);
        Optional<LongSupplier> all = sum("sun.rt.safepointTime");
        return all.flatMap(
                stood -> sum(collectors).map(collected -> () -> without(stood, collected)));
    }

    private static final AtomicLong OTHER = new AtomicLong();

    /** In a pause the one is counted a moment before the other; the difference does not go back. */
    private static double without(LongSupplier stood, LongSupplier collected) {
        long now = stood.getAsLong() - collected.getAsLong();
        return OTHER.accumulateAndGet(now, Math::max) / 1e9;
    }
}
