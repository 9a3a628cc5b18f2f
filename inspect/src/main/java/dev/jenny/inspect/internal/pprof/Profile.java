package dev.jenny.inspect.internal.pprof;

import dev.jenny.inspect.internal.model.Frame;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A profile: values by stack and labels. Samples with the same stack and labels are added up.
 *
 * {@snippet :
 * Profile p = new Profile("block", List.of(new ValueType("contentions", "count")), ...);
 * p.add(stack, Map.of("reason", "chan receive"), 1);
 * }
 *
 * <p>For one thread, until it is complete.
 */
public final class Profile {
    /** What a value counts, in Go's words: {@code delay}, {@code nanoseconds}. */
    public record ValueType(String type, String unit) {
        /** Events that are counted. */
        public static ValueType count(String type) {
            return new ValueType(type, "count");
        }

        /** A duration. */
        public static ValueType nanos(String type) {
            return new ValueType(type, "nanoseconds");
        }

        /** An amount of memory. */
        public static ValueType bytes(String type) {
            return new ValueType(type, "bytes");
        }
    }

    /** Values at one stack. */
    public static final class Sample {
        private final Key key;
        private final long[] values;

        private Sample(Key key, long[] values) {
            this.key = key;
            this.values = values;
        }

        /** The innermost frame first; may be empty. */
        public List<Frame> stack() {
            return key.stack;
        }

        /** Sorted by name. */
        public Map<String, String> labels() {
            return key.labels;
        }

        /** Labels that are numbers, such as {@code bytes}. */
        public Map<String, Long> numbers() {
            return key.numbers;
        }

        /** The value of the profile's type {@code i}. */
        public long value(int i) {
            return values[i];
        }
    }

    private record Key(List<Frame> stack, Map<String, String> labels, Map<String, Long> numbers) {}

    private final String name;
    private final List<ValueType> types;
    private final ValueType periodType;
    private final long period;
    private final Map<Key, long[]> samples = new LinkedHashMap<>();
    private final List<String> comments = new ArrayList<>();
    private @Nullable String defaultType;
    private Instant time = Instant.now();
    private Duration duration = Duration.ZERO;

    /** An empty profile, of now. */
    public Profile(String name, List<ValueType> types, ValueType periodType, long period) {
        this.name = name;
        this.types = List.copyOf(types);
        this.periodType = periodType;
        this.period = period;
    }

    /** An empty profile of the same kind as this one. */
    Profile emptyCopy() {
        Profile copy = new Profile(name, types, periodType, period);
        copy.defaultType = defaultType;
        copy.comments.addAll(comments);
        return copy;
    }

    /** Adds values at a stack. */
    public void add(List<Frame> stack, Map<String, String> labels, long... values) {
        add(stack, labels, Map.of(), values);
    }

    /** Adds values at a stack, with labels that are numbers. */
    public void add(
            List<Frame> stack,
            Map<String, String> labels,
            Map<String, Long> numbers,
            long... values) {
        if (values.length != types.size()) {
            throw new IllegalArgumentException(
                    values.length + " values for " + types.size() + " types");
        }
        Key key = new Key(List.copyOf(stack), sorted(labels), sorted(numbers));
        long[] sums = samples.computeIfAbsent(key, k -> new long[types.size()]);
        for (int i = 0; i < values.length; i++) {
            sums[i] += values[i];
        }
    }

    private static <V> Map<String, V> sorted(Map<String, V> labels) {
        return labels.size() < 2 ? Map.copyOf(labels) : new TreeMap<>(labels);
    }

    /**
     * What was added since {@code earlier} was taken, in the manner of Go's delta profiles: values
     * that went down stay negative, as for goroutines that have ended.
     */
    public Profile minus(Profile earlier) {
        Profile delta = emptyCopy();
        delta.time = earlier.time;
        delta.duration = Duration.between(earlier.time, time);
        samples.forEach((key, values) -> delta.samples.put(key, values.clone()));
        earlier.samples.forEach((key, values) -> {
            long[] sums = delta.samples.computeIfAbsent(key, k -> new long[types.size()]);
            for (int i = 0; i < sums.length; i++) {
                sums[i] -= values[i];
            }
        });
        delta.samples.values().removeIf(Profile::isZero);
        return delta;
    }

    private static boolean isZero(long[] values) {
        for (long v : values) {
            if (v != 0) {
                return false;
            }
        }
        return true;
    }

    /** Sets when it began, and for how long it went on. */
    public Profile during(Instant time, Duration duration) {
        this.time = time;
        this.duration = duration;
        return this;
    }

    /** The value that {@code go tool pprof} shows first; the last one if not set. */
    public Profile showFirst(String type) {
        defaultType = type;
        return this;
    }

    /** Adds a remark, which {@code go tool pprof -comments} shows. */
    public Profile comment(String text) {
        comments.add(text);
        return this;
    }

    /** Its name, such as {@code heap}. */
    public String name() {
        return name;
    }

    /** What the values of a sample are. */
    public List<ValueType> types() {
        return types;
    }

    /** What {@link #period} is of. */
    public ValueType periodType() {
        return periodType;
    }

    /** The distance between two samples. */
    public long period() {
        return period;
    }

    /** The value that is shown first; null for the last one. */
    public @Nullable String defaultType() {
        return defaultType;
    }

    /** The place in a sample's values of the value that is shown first. */
    public int defaultIndex() {
        for (int i = 0; i < types.size(); i++) {
            if (types.get(i).type().equals(defaultType)) {
                return i;
            }
        }
        return types.size() - 1;
    }

    /** Remarks. */
    public List<String> comments() {
        return Collections.unmodifiableList(comments);
    }

    /** When it was taken, or when it began. */
    public Instant time() {
        return time;
    }

    /** For how long it went on; zero if it is of one instant, or of all time. */
    public Duration duration() {
        return duration;
    }

    /** The samples, the biggest first, by the value that is shown first. */
    public List<Sample> samples() {
        List<Sample> all = new ArrayList<>(samples.size());
        samples.forEach((k, v) -> all.add(new Sample(k, v)));
        int by = defaultIndex();
        all.sort(Comparator.comparingLong((Sample s) -> s.values[by]).reversed());
        return all;
    }

    /** The sum of value {@code i} over all samples. */
    public long total(int i) {
        long sum = 0;
        for (long[] values : samples.values()) {
            sum += values[i];
        }
        return sum;
    }
}
