/**
 * Goroutines in the JDK's flight recorder: events {@code jenny.*} for JMC, {@code jfr view} and
 * {@code jfr print}. {@link dev.jenny.inspect.internal.jfr.JfrBridge} makes them.
 */
@NullMarked
package dev.jenny.inspect.internal.jfr;

import org.jspecify.annotations.NullMarked;
