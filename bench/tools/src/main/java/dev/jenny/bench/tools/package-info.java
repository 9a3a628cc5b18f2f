/**
 * Runners for {@code ./jenny bench tools}: what Jenny's tools and the JDK's own cost the program
 * that is looked at. Those in Go are in {@code bench/go/tools.go}.
 */
@NullMarked
package dev.jenny.bench.tools;

import org.jspecify.annotations.NullMarked;
