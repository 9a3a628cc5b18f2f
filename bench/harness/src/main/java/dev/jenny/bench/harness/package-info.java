/**
 * What the runners on the JVM have in common: the protocol between driver and runner, timing,
 * checks. Knows no runtime, so that all are measured by the same code.
 */
@NullMarked
package dev.jenny.bench.harness;

import org.jspecify.annotations.NullMarked;
