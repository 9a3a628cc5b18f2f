package dev.jenny.inspect.internal.web;

import dev.jenny.internal.sched.SpawnSite;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What the goroutines of each go statement cost, by samples: in how many of the last looks one of
 * them was running, and how many were started. Not thread-safe: the {@link Sampler} guards it.
 */
final class SiteLoads {
    /** Over how long, in nanoseconds. */
    static final long WINDOW = 10_000_000_000L;

    private static final long SLICE = 1_000_000_000;

    /** More are not told apart: the rest is not counted. */
    private static final int MAX_SITES = 10_000;

    /**
     * What one go statement cost.
     *
     * @param cores how many goroutines of it were running at a time, in the mean
     * @param startedPerSecond how many were started each second, about
     * @param started how many were started since the program began, about
     */
    record Load(SpawnSite site, double cores, double startedPerSecond, long started) {}

    /** What was seen in a second. */
    private static final class Slice {
        final long begin;
        final Map<SpawnSite, Long> started = new HashMap<>();
        final Map<SpawnSite, Integer> running = new HashMap<>();
        int looks;

        Slice(long begin) {
            this.begin = begin;
            for (SpawnSite s : SpawnSite.all()) {
                if (started.size() < MAX_SITES) {
                    started.put(s, s.stats.aboutCreated());
                }
            }
        }
    }

    private final Deque<Slice> slices = new ArrayDeque<>();

    /** A look at all Ps begins. */
    void look(long now) {
        if (slices.isEmpty() || now - slices.getLast().begin >= SLICE) {
            slices.addLast(new Slice(now));
            while (now - slices.getFirst().begin > WINDOW) {
                slices.removeFirst();
            }
        }
        slices.getLast().looks++;
    }

    /** In this look, a P runs a goroutine of {@code site}. */
    void running(SpawnSite site) {
        if (!slices.isEmpty()) {
            slices.getLast().running.merge(site, 1, Integer::sum);
        }
    }

    /** The go statements that cost something, those that run most first. */
    List<Load> loads(long now) {
        if (slices.isEmpty()) {
            return List.of();
        }
        int looks = slices.stream().mapToInt(s -> s.looks).sum();
        Map<SpawnSite, Integer> running = new HashMap<>();
        slices.forEach(s -> s.running.forEach((site, n) -> running.merge(site, n, Integer::sum)));
        Slice first = slices.getFirst();
        double seconds = Math.max(1e-3, (now - first.begin) / 1e9);
        return SpawnSite.all().stream()
                .map(s -> {
                    long started = s.stats.aboutCreated();
                    long before = first.started.getOrDefault(s, 0L);
                    return new Load(
                            s,
                            (double) running.getOrDefault(s, 0) / Math.max(1, looks),
                            (started - before) / seconds,
                            started);
                })
                .filter(l -> l.cores > 0 || l.startedPerSecond > 0)
                .sorted(
                        Comparator.comparingDouble((Load l) -> -l.cores)
                                .thenComparingDouble(l -> -l.startedPerSecond))
                .toList();
    }
}
