package dev.jenny.testing;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Fails a JUnit test whose goroutines leak, deadlock, panic, or go on after the test. On a class it
 * holds for all of its tests, those of nested and derived classes included; on a method, for that
 * test, in place of what the class says.
 *
 * {@snippet :
 * @CheckGoroutines
 * class ShopTest {
 *     @Test
 *     void the_first_quote_wins() throws InterruptedException {
 *         Chan<Integer> quotes = Chan.make(); // fixed by make(2)
 *         go(() -> quotes.send(10));
 *         go(() -> quotes.send(12));
 *         assertNotNull(quotes.recv()); // the other send waits for ever: the test fails
 *     }
 * }
 * }
 *
 * <p>The test's constructor, {@code @BeforeEach} methods, method and {@code @AfterEach} methods run
 * in one goroutine. It and all goroutines that they start, directly or not, are the test's: they
 * have the label {@value GoroutineExtension#LABEL}, which is inherited, also by what a timer
 * starts. So tests may run in parallel. Goroutines that come from {@code @BeforeAll} and
 * {@code @AfterAll} methods, or from the constructor of one instance for all tests, are the
 * class's: they are checked when the {@code @AfterAll} methods are over. Those that come from
 * threads that are no goroutines are nobody's.
 *
 * <p>When the {@code @AfterEach} methods are over, the test's goroutines get time to end; see
 * {@link #graceMillis}. Those that nothing can wake any more are <em>leaked</em>. That is proven by
 * the garbage collector, which takes Jenny's own scheduler and {@code -Djdk.trackAllThreads=false};
 * see {@link dev.jenny.inspect.Leaks}. Those that are left are <em>still running</em>.
 *
 * <p>What is not said here is as JUnit's configuration parameters say, in {@code
 * junit-platform.properties} or as system properties: {@code jenny.testing.graceMillis = 5000}.
 * Each attribute has one. One that is not as it should be fails the tests.
 *
 * <p>While the test runs, a <em>deadlock</em> ends it: the test waits for what only its own
 * goroutines could bring about, and these wait, too. So does a panic.
 */
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
@Inherited
@Documented
@ExtendWith(GoroutineExtension.class)
public @interface CheckGoroutines {
    /**
     * How long the test's method may take, and each of its constructor and {@code @BeforeEach} and
     * {@code @AfterEach} methods, in milliseconds; 0 for no limit. One that takes longer is
     * interrupted, and the test fails with a dump of its goroutines. If it is negative, {@code
     * jenny.testing.timeoutMillis} counts; without that, 60,000.
     */
    long timeoutMillis() default -1;

    /**
     * How long after the test its goroutines may take to end, in milliseconds. A test whose
     * goroutines end sooner does not wait; one that waits takes a garbage collection or two. If it
     * is negative, {@code jenny.testing.graceMillis} counts; without that, 1,000.
     */
    long graceMillis() default -1;

    /** What goroutines that are still running mean. Leaked ones always fail the test. */
    Strictness running() default Strictness.DEFAULT;

    /**
     * Who may start goroutines that run on after the test: prefixes of functions as they stand
     * after {@code created by}, such as {@code "com.example.Pool."}. If they are leaked, they fail
     * the test all the same. Those of {@code jenny.testing.allowed} may in any case.
     */
    String[] allowed() default {};

    /**
     * What an exception that leaves a goroutine means. Unless ignored, it is not passed to the
     * thread's uncaught-exception handler. {@link dev.jenny.GoRuntime#onPanic}'s handler, if there
     * is one, gets it in any case.
     */
    Strictness panics() default Strictness.DEFAULT;
}
