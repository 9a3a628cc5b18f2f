/**
 * What the tools know of a program at one moment: goroutines, what they wait on, groups of them,
 * who waits for whom, leaks, findings. Records of numbers and texts only, so that keeping them
 * keeps nothing of the program alive. {@link dev.jenny.inspect.internal.model.Model} makes them;
 * the dumps, the HTTP API, the dashboard and the CLI show them.
 */
@NullMarked
package dev.jenny.inspect.internal.model;

import org.jspecify.annotations.NullMarked;
