/**
 * The driver of the benchmarks, {@code ./jenny bench}: builds the runners, starts them, lets them
 * take turns, and reports. It measures nothing itself and uses nothing of Jenny, so that it can
 * never get in the way of what is measured.
 */
@NullMarked
package dev.jenny.bench;

import org.jspecify.annotations.NullMarked;
