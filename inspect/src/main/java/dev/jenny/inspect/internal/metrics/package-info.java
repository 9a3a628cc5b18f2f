/** Where the values of {@link dev.jenny.inspect.Metrics} come from, and how they go out. */
@NullMarked
package dev.jenny.inspect.internal.metrics;

import org.jspecify.annotations.NullMarked;
