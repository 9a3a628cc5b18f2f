/**
 * Look into a running program. {@link dev.jenny.inspect.Inspect} is the way in; everything under
 * {@code dev.jenny.inspect.internal} may change without notice.
 */
@NullMarked
package dev.jenny.inspect;

import org.jspecify.annotations.NullMarked;
