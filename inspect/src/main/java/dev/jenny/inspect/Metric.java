package dev.jenny.inspect;

import java.util.Arrays;
import java.util.function.Supplier;

/**
 * One of the runtime's metrics, named as in Go's {@code runtime/metrics}: {@code
 * /sched/goroutines:goroutines}. {@link Metrics} has them all. Safe for use by many threads.
 *
 * {@snippet :
 * Metric latency = Metrics.find("/sched/latencies:seconds").orElseThrow();
 * System.out.println("p99: " + latency.histogram().quantile(0.99) + " " + latency.unit());
 * }
 */
public final class Metric {
    /** What a metric's value is. */
    public enum Kind {
        /** A number that only grows; differences are rates. */
        COUNTER,
        /** A number that goes up and down. */
        GAUGE,
        /** Counts of durations since the start, in seconds. */
        HISTOGRAM
    }

    /** Counts of values by size. Immutable. */
    public static final class Histogram {
        private final double[] bounds;
        private final long[] counts;
        private final double sum;

        /**
         * Counts by size.
         *
         * @param bounds where buckets begin and end, ascending; the last may be infinite
         * @param counts the values from {@code bounds[i]} to below {@code bounds[i + 1]}; one less
         *     than there are bounds
         * @param sum the sum of all values
         */
        public Histogram(double[] bounds, long[] counts, double sum) {
            if (bounds.length != counts.length + 1) {
                throw new IllegalArgumentException(
                        bounds.length + " bounds for " + counts.length + " buckets");
            }
            this.bounds = bounds.clone();
            this.counts = counts.clone();
            this.sum = sum;
        }

        /** Where buckets begin and end. */
        public double[] bounds() {
            return bounds.clone();
        }

        /** How many values fell into each bucket. */
        public long[] counts() {
            return counts.clone();
        }

        /** The sum of all values. */
        public double sum() {
            return sum;
        }

        /** How many values there are. */
        public long count() {
            return Arrays.stream(counts).sum();
        }

        /**
         * The value that a fraction {@code q} of all do not exceed, to the precision of a bucket; 0
         * if there are none.
         */
        public double quantile(double q) {
            long rank = (long) Math.ceil(q * count());
            long seen = 0;
            for (int i = 0; i < counts.length; i++) {
                seen += counts[i];
                if (counts[i] > 0 && seen >= rank) {
                    return Double.isInfinite(bounds[i + 1]) ? bounds[i] : bounds[i + 1];
                }
            }
            return 0;
        }
    }

    private final String name;
    private final Kind kind;
    private final String description;
    private final String advice;
    private final Supplier<?> source; // of Number, or of Histogram

    private Metric(String name, Kind kind, String description, String advice, Supplier<?> source) {
        this.name = name;
        this.kind = kind;
        this.description = description;
        this.advice = advice;
        this.source = source;
    }

    static Metric number(
            String name,
            Kind kind,
            String description,
            String advice,
            Supplier<? extends Number> source) {
        return new Metric(name, kind, description, advice, source);
    }

    static Metric histogram(
            String name, String description, String advice, Supplier<Histogram> source) {
        return new Metric(name, Kind.HISTOGRAM, description, advice, source);
    }

    /** {@code /sched/goroutines:goroutines}: a path and a unit. */
    public String name() {
        return name;
    }

    /** What the value is. */
    public Kind kind() {
        return kind;
    }

    /** The unit, such as {@code seconds}, {@code bytes} or {@code goroutines}. */
    public String unit() {
        return name.substring(name.indexOf(':') + 1);
    }

    /** What is counted, in one sentence. */
    public String description() {
        return description;
    }

    /** What to do when it is high, in one sentence. */
    public String advice() {
        return advice;
    }

    /** The value now; of a histogram, how many values it has. */
    public double value() {
        Object value = source.get();
        return value instanceof Histogram h ? h.count() : ((Number) value).doubleValue();
    }

    /**
     * The histogram now.
     *
     * @throws IllegalStateException if it is none
     */
    public Histogram histogram() {
        if (source.get() instanceof Histogram h) {
            return h;
        }
        throw new IllegalStateException(name + " is not a histogram");
    }

    @Override
    public String toString() {
        return name;
    }
}
