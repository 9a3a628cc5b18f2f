package dev.jenny.testing;

import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.InvocationInterceptor.Invocation;

/**
 * A method of a test, run by the test's goroutine and awaited by JUnit's thread.
 *
 * <p>The result and the failure are written before {@link #ended} is counted down, and read after.
 */
final class Step<T extends @Nullable Object> {
    private final Invocation<T> invocation;
    private final CountDownLatch ended = new CountDownLatch(1);
    private @Nullable Supplier<T> result;
    private @Nullable Throwable failure;

    Step(Invocation<T> invocation) {
        this.invocation = invocation;
    }

    /** Runs the method, whatever comes of it. */
    void run() {
        try {
            T value = invocation.proceed();
            result = () -> value;
        } catch (Throwable t) {
            failure = t;
        } finally {
            Thread.interrupted(); // meant for this method, not for the next
            ended.countDown();
        }
    }

    /** Whether the method ends within the time. */
    boolean await(long nanos) throws InterruptedException {
        return ended.await(nanos, TimeUnit.NANOSECONDS);
    }

    boolean isEnded() {
        return ended.getCount() == 0;
    }

    /** What the method threw; null if nothing, or if it has not ended. */
    @Nullable Throwable failure() {
        return isEnded() ? failure : null;
    }

    /** What the method returned. It must have done so. */
    T result() {
        return Objects.requireNonNull(result).get();
    }
}
