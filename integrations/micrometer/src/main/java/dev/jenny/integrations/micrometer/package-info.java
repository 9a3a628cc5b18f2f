/** Binds Jenny's metrics to Micrometer. */
@NullMarked
package dev.jenny.integrations.micrometer;

import org.jspecify.annotations.NullMarked;
