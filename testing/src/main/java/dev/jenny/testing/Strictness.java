package dev.jenny.testing;

/**
 * What a finding means for the test.
 *
 * {@snippet :
 * @CheckGoroutines(running = Strictness.REPORT) // a server of the whole class may run on
 * class ShopTest {}
 * }
 */
public enum Strictness {
    /**
     * As the configuration parameter of the same name says, such as {@code jenny.testing.running};
     * without one, {@link #FAIL}.
     */
    DEFAULT,
    /** The test fails. */
    FAIL,
    /** The finding is printed on standard error; the test passes. */
    REPORT,
    /** Nothing happens. */
    IGNORE
}
