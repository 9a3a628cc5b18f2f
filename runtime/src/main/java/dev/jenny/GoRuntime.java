package dev.jenny;

import dev.jenny.internal.sched.Runtimes;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Asks and sets the runtime. All methods may be called from any thread.
 *
 * {@snippet :
 * System.out.println(GoRuntime.numGoroutine() + " goroutines, " + GoRuntime.gomaxprocs() + " Ps");
 * System.out.println(GoRuntime.stack());
 * }
 */
public final class GoRuntime {
    private GoRuntime() {}

    /**
     * How many goroutines may run at the same time: the number of Ps. At start it is {@code
     * jenny.maxprocs} (a system property, set by {@code jenny run --gomaxprocs=N}), else the
     * environment variable {@code JENNY_MAXPROCS}, else the number of CPUs that the JVM sees, which
     * respects affinity and the container's quota and is asked again every second.
     */
    public static int gomaxprocs() {
        return Runtimes.gomaxprocs();
    }

    /**
     * Sets {@link #gomaxprocs()}, if {@code n} is positive; from then on it no longer follows the
     * CPU count. When it returns, no more than {@code n} goroutines run, except those that hold up
     * their M in a native call or a long computation: it waits for that for 2 ms at most. In
     * fallback mode the number is kept, but has no effect.
     *
     * @return the value before
     * @throws IllegalArgumentException if {@code n} is more than 65,536
     */
    public static int gomaxprocs(int n) {
        return Runtimes.gomaxprocs(n);
    }

    /**
     * How many goroutines live, the calling one included: started by {@link Go#go}, or virtual
     * threads that library code started inside a goroutine.
     */
    public static int numGoroutine() {
        return Runtimes.numGoroutine();
    }

    /**
     * {@code custom} if goroutines run on Jenny's scheduler, {@code fallback} if they run on the
     * JDK's: {@code java.lang} is not open to Jenny, this JDK's internals differ, or {@code
     * jenny.mode=fallback} is set. A line on standard error and {@code jenny doctor} say which. In
     * fallback mode everything works; off are what only a scheduler of our own can give.
     */
    public static String mode() {
        return Runtimes.mode();
    }

    /**
     * All goroutines with their stacks, in the format of Go's dumps; the calling goroutine first.
     * The goroutines go on running: each is held only while its own stack is read, about 10 µs.
     */
    public static String stack() {
        return Runtimes.stack();
    }

    /**
     * Sets what gets an exception that leaves a goroutine. It is called on that goroutine, as its
     * last act; what it throws goes to the thread's uncaught-exception handler.
     *
     * <p>Without a handler, the exception goes to the thread's uncaught-exception handler, as for
     * any Java thread; only a program started by {@code jenny run} prints Go's panic report and
     * exits with code 2. Under {@code jenny run} a program with a handler goes on after a panic,
     * unless it was {@code main} that panicked: then it exits with 2 when the handler has returned.
     *
     * {@snippet :
     * GoRuntime.onPanic(
     *         (goroutine, e) ->
     *                 System.getLogger("app")
     *                         .log(System.Logger.Level.ERROR, goroutine.toString(), e));
     * }
     *
     * @param handler the handler, or null for none
     */
    public static void onPanic(@Nullable BiConsumer<Goroutine, Throwable> handler) {
        Runtimes.onPanic(handler);
    }
}
