package dev.jenny.bench;

import java.util.Arrays;
import java.util.List;

/**
 * Median and range of a number of samples.
 *
 * @param median the median
 * @param min the least
 * @param max the greatest
 */
record Stats(double median, double min, double max) {
    static Stats of(List<Double> samples) {
        double[] sorted = samples.stream().mapToDouble(d -> d).sorted().toArray();
        int n = sorted.length;
        double median = n % 2 == 1 ? sorted[n / 2] : (sorted[n / 2 - 1] + sorted[n / 2]) / 2;
        return new Stats(median, sorted[0], sorted[n - 1]);
    }

    static double geometricMean(double[] values) {
        return Math.exp(Arrays.stream(values).map(Math::log).average().orElse(Double.NaN));
    }
}
