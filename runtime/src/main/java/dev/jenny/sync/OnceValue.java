package dev.jenny.sync;

import dev.jenny.internal.sched.GoexitSignal;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * A value that is computed once, at its first use; Go's {@code sync.OnceValue}.
 *
 * {@snippet :
 * import dev.jenny.sync.OnceValue;
 * import java.nio.file.Files;
 * import java.nio.file.Path;
 *
 * class Config {
 *     private final OnceValue<String> text =
 *             OnceValue.of(() -> Files.readString(Path.of("app.conf")));
 *
 *     String text() throws Exception {
 *         return text.get();
 *     }
 * }
 * }
 *
 * <p>The computation is released for garbage collection as soon as it has run.
 *
 * <p><b>Memory.</b> What the computation does happens before the return of every {@link #get}.
 *
 * @param <T> the type of the value, which may be null
 */
public final class OnceValue<T extends @Nullable Object> {
    private final Once once = new Once();

    // written inside once, read after it
    private @Nullable Callable<? extends T> callable;
    private @Nullable T value;
    private @Nullable Throwable failure;

    private OnceValue(Callable<? extends T> callable) {
        this.callable = callable;
    }

    /**
     * A value that {@code callable} computes.
     *
     * @param callable computes the value, once
     * @param <T> the type of the value
     * @return the value to be
     * @throws NullPointerException if {@code callable} is null
     */
    public static <T extends @Nullable Object> OnceValue<T> of(Callable<? extends T> callable) {
        return new OnceValue<>(Objects.requireNonNull(callable, "callable"));
    }

    /**
     * The value. The first call computes it; calls that come meanwhile wait.
     *
     * @return what the computation returned
     * @throws Exception what the computation threw: the same object at every call. Only an
     *     InterruptedException is thrown as it is for the call that ran the computation alone;
     *     later ones, which nobody interrupted, get it as the cause of an ExecutionException.
     * @throws InterruptedException if the thread was interrupted while it waited for another's
     *     computation
     * @throws IllegalStateException if the computation calls this method, or ended its goroutine
     *     with {@code goexit}
     */
    @SuppressWarnings("NullAway") // value is null only where T allows it
    public T get() throws Exception {
        if (!once.isDone()) {
            once.run(this::compute);
        }
        Throwable f = failure;
        if (f != null) {
            throw Failures.rethrow(f);
        }
        return value;
    }

    @SuppressWarnings("NullAway") // compute runs once, and before it callable is set
    private void compute() throws InterruptedException {
        try {
            value = callable.call();
        } catch (GoexitSignal goexit) {
            failure = new IllegalStateException("sync: OnceValue's callable called goexit");
            throw goexit;
        } catch (InterruptedException e) {
            failure = new ExecutionException(e);
            throw e;
        } catch (Throwable t) {
            failure = t;
        } finally {
            callable = null;
        }
    }
}
