package dev.jenny.inspect.internal.analyze;

import java.util.List;

/**
 * What the Ps did in some time.
 *
 * @param busy the share of their time in which goroutines ran, as far as it is remembered
 * @param ran what ran, the longest first
 */
record Meanwhile(double busy, List<Ran> ran) {
    /** Goroutines of a site ran for so long. */
    record Ran(int site, long nanos) {}
}
