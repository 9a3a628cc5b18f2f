/**
 * The seam to the JDK's virtual threads: the only package that touches JDK internals. Called by
 * {@code internal.sched}; a few methods of {@link dev.jenny.internal.loom.Loom} also by {@code
 * internal.event}, {@code dev.jenny.context} and the launcher. Knows nothing of goroutines.
 */
@NullMarked
package dev.jenny.internal.loom;

import org.jspecify.annotations.NullMarked;
