/**
 * The benchmark's workloads on the JDK's virtual threads, with its default scheduler and
 * java.util.concurrent. WORKLOADS.md defines them.
 */
@NullMarked
package dev.jenny.bench.jdk;

import org.jspecify.annotations.NullMarked;
