/** The benchmark's workloads on Jenny. WORKLOADS.md defines them. */
@NullMarked
package dev.jenny.bench.jenny;

import org.jspecify.annotations.NullMarked;
