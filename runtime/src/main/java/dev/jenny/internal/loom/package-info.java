/**
 * The seam to the JDK's virtual threads: the only package that touches JDK internals. Called by
 * {@code internal.sched} alone; knows nothing of goroutines.
 */
@NullMarked
package dev.jenny.internal.loom;

import org.jspecify.annotations.NullMarked;
