/** Checks of goroutines in tests. Programs need {@link dev.jenny.testing} only. */
module dev.jenny.testing {
    requires transitive dev.jenny.runtime;
    requires dev.jenny.inspect;
    requires static transitive org.junit.jupiter.api;
    requires static transitive org.jspecify;

    exports dev.jenny.testing;
}
