/** Shows Jenny's metrics to OpenTelemetry. */
@NullMarked
package dev.jenny.integrations.opentelemetry;

import org.jspecify.annotations.NullMarked;
