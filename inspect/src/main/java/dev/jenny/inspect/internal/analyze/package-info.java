/**
 * What is wrong in a trace: {@link dev.jenny.inspect.internal.analyze.Analysis} follows goroutines
 * and Ps through the events of a {@link dev.jenny.inspect.internal.trace.Sink}; a few rules watch
 * what it sees and say in the end what they found. Called by {@code jenny trace analyze}.
 */
@NullMarked
package dev.jenny.inspect.internal.analyze;

import org.jspecify.annotations.NullMarked;
