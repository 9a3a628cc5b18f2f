/**
 * The benchmark's workloads on Jox channels and the JDK's virtual threads. WORKLOADS.md defines
 * them.
 */
@NullMarked
package dev.jenny.bench.jox;

import org.jspecify.annotations.NullMarked;
