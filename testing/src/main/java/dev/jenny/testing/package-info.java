/**
 * Checks of goroutines in JUnit tests; {@link dev.jenny.testing.CheckGoroutines} is where to begin.
 *
 * <p>For users' tests. It asks {@code dev.jenny.inspect}'s model what goroutines do and which are
 * leaked, and finds out by itself only whose they are.
 */
@NullMarked
package dev.jenny.testing;

import org.jspecify.annotations.NullMarked;
