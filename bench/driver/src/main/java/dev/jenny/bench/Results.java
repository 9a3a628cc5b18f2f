package dev.jenny.bench;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the runners reported: samples by workload, figure and runtime. Written by one thread;
 * whoever reads it meanwhile takes a {@link #copy}.
 */
final class Results {
    /** The samples of one runtime in one workload, by the figure's name. */
    private final Map<String, Map<String, Map<String, List<Double>>>> samples =
            new LinkedHashMap<>();

    private final Map<String, Map<String, String>> unsupported = new LinkedHashMap<>();
    private final List<String> failures = new ArrayList<>();

    /**
     * Takes one line of a runner. Returns false if the runner has no more to say, be it that it
     * went wrong: then what it said before counts no more.
     */
    synchronized boolean add(String workload, String runtime, Map<String, @Nullable Object> line) {
        Object why = line.get("unsupported");
        if (why != null) {
            unsupported
                    .computeIfAbsent(workload, w -> new LinkedHashMap<>())
                    .put(runtime, why.toString());
            return false;
        }
        String check = String.valueOf(line.get("check"));
        if (!line.containsKey("ready") && !check.equals("ok")) {
            return failed(workload, runtime, check);
        }
        Object is = line.get("runtime");
        if (is != null && !is.equals(runtime)) {
            return failed(
                    workload, runtime, "it ran on " + is + ": look at the options of the JVM");
        }
        line.forEach((key, value) -> {
            if (value instanceof Double number) {
                samples.computeIfAbsent(workload, w -> new LinkedHashMap<>())
                        .computeIfAbsent(runtime, r -> new LinkedHashMap<>())
                        .computeIfAbsent(key, k -> new ArrayList<>())
                        .add(number);
            }
        });
        return true;
    }

    private boolean failed(String workload, String runtime, String why) {
        failures.add(workload + " on " + runtime + ": " + why);
        samples.getOrDefault(workload, new LinkedHashMap<>()).remove(runtime);
        return false;
    }

    /** These workloads as they are now. */
    synchronized Results copy(List<Workload> workloads) {
        Results copy = new Results();
        for (Workload w : workloads) {
            Map<String, Map<String, List<Double>>> of = samples.get(w.name());
            if (of != null) {
                copy.samples.put(w.name(), of);
            }
            Map<String, String> why = unsupported.get(w.name());
            if (why != null) {
                copy.unsupported.put(w.name(), why);
            }
        }
        copy.failures.addAll(failures);
        return copy;
    }

    List<Double> samples(String workload, String figure, String runtime) {
        return samples.getOrDefault(workload, Map.of())
                .getOrDefault(runtime, Map.of())
                .getOrDefault(figure, List.of());
    }

    @Nullable Stats stats(String workload, String figure, String runtime) {
        List<Double> list = samples(workload, figure, runtime);
        return list.isEmpty() ? null : Stats.of(list);
    }

    /**
     * How {@code runtime} compares with {@code base}: the median and the range of the ratios of
     * rounds that followed each other. The machine changes in the course of a run, sometimes by a
     * factor of two, for all runtimes: medians of each may be of different times.
     */
    @Nullable Stats ratio(String workload, String figure, String runtime, String base) {
        List<Double> mine = samples(workload, figure, runtime);
        List<Double> theirs = samples(workload, figure, base);
        List<Double> paired = new ArrayList<>();
        for (int i = 0; i < Math.min(mine.size(), theirs.size()); i++) {
            paired.add(mine.get(i) / theirs.get(i));
        }
        return paired.isEmpty() ? null : Stats.of(paired);
    }

    boolean has(String runtime) {
        return samples.values().stream().anyMatch(w -> w.containsKey(runtime));
    }

    @Nullable String unsupported(String workload, String runtime) {
        return unsupported.getOrDefault(workload, Map.of()).get(runtime);
    }

    Map<String, Map<String, String>> unsupported() {
        return unsupported;
    }

    Map<String, Map<String, Map<String, List<Double>>>> samples() {
        return samples;
    }

    /** All of it, as a JSON object. */
    Map<String, @Nullable Object> asJson() {
        Map<String, @Nullable Object> all = new LinkedHashMap<>();
        all.put("samples", samples);
        all.put("unsupported", unsupported);
        all.put("failures", failures);
        return all;
    }

    List<String> failures() {
        return failures;
    }
}
