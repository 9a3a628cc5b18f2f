/** Jenny's metrics in Micrometer's registries. */
// Micrometer has no module descriptor, but a fixed name in its manifest.
@SuppressWarnings({"requires-automatic", "requires-transitive-automatic"})
module dev.jenny.integrations.micrometer {
    requires transitive dev.jenny.inspect;
    requires transitive micrometer.core;
    requires static transitive org.jspecify;

    exports dev.jenny.integrations.micrometer;
}
