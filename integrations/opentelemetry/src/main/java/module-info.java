/** Jenny's metrics as OpenTelemetry instruments. */
// OpenTelemetry has no module descriptor, but a fixed name in its manifest.
@SuppressWarnings({"requires-automatic", "requires-transitive-automatic"})
module dev.jenny.integrations.opentelemetry {
    requires transitive dev.jenny.inspect;
    requires transitive io.opentelemetry.api;
    requires static transitive org.jspecify;

    exports dev.jenny.integrations.opentelemetry;
}
