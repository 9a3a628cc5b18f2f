/** JMH benchmarks of the hot paths, run inside goroutines: {@code ./jenny bench jmh}. */
@NullMarked
package dev.jenny.bench.jmh;

import org.jspecify.annotations.NullMarked;
