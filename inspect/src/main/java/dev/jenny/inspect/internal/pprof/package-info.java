/**
 * Profiles in Go's names and in pprof's format. {@link dev.jenny.inspect.internal.pprof.Profiles}
 * takes them; {@link dev.jenny.inspect.internal.pprof.Pprof} serves them under {@code
 * /debug/pprof/}.
 */
@NullMarked
package dev.jenny.inspect.internal.pprof;

import org.jspecify.annotations.NullMarked;
