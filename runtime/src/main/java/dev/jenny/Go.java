package dev.jenny;

import dev.jenny.internal.sched.Clock;
import dev.jenny.internal.sched.GoexitSignal;
import dev.jenny.internal.sched.Labels;
import dev.jenny.internal.sched.Runtimes;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.ThreadFactory;
import org.jspecify.annotations.Nullable;

/**
 * The {@code go} statement and what belongs to it. Meant for static import.
 *
 * {@snippet :
 * Chan<String> done = Chan.make();
 * go(() -> {
 *     work();
 *     done.send("finished");
 * });
 * System.out.println(done.recv());
 * }
 *
 * <p>All methods may be called from any thread, unless they say otherwise.
 */
public final class Go {
    private Go() {}

    /**
     * Starts a goroutine: a virtual thread that runs {@code task} on Jenny's scheduler.
     *
     * <p>What the caller did before happens before what the task does. The new goroutine inherits
     * inheritable thread locals and the context class loader. An exception that leaves {@code task}
     * is a panic, see {@link GoRuntime#onPanic}; when a result is wanted, use {@link #async}.
     *
     * @throws NullPointerException if {@code task} is null
     */
    public static Goroutine go(Task task) {
        return Runtimes.go(task);
    }

    /**
     * Starts a goroutine for a result. An exception of {@code task} is kept in the future and is
     * not a panic; so is a {@link #goexit}, which shows as the cause of the future's {@code
     * ExecutionException}. Cancelling the future with {@code true} interrupts the goroutine.
     *
     * {@snippet :
     * Future<Integer> answer = async(() -> 6 * 7);
     * int n = answer.get();
     * }
     */
    public static <T extends @Nullable Object> Future<T> async(Callable<T> task) {
        Objects.requireNonNull(task, "go of nil func value");
        FutureTask<T> future = new FutureTask<>(task);
        Runtimes.go(future::run, task);
        return future;
    }

    /**
     * Pauses the current thread for at least {@code d}. Returns at once if {@code d} is not
     * positive. A sleeping goroutine holds no P and no OS thread.
     *
     * @throws InterruptedException if the thread is interrupted; the sleep leaves no timer behind
     */
    public static void sleep(Duration d) throws InterruptedException {
        Runtimes.sleep(Clock.nanos(d));
    }

    /** Yields the processor: the goroutine goes to the tail of the global queue. */
    public static void gosched() {
        Runtimes.gosched();
    }

    /**
     * Ends the current goroutine, running its finally blocks. Other goroutines are not affected.
     * When the main goroutine of {@code jenny run} calls it, the program lives on until the others
     * have ended too, which is a deadlock.
     *
     * <p>It works by throwing an {@link Error}: code that catches {@link Throwable} and does not
     * throw it again keeps the goroutine alive.
     *
     * @throws IllegalStateException if the caller is not a goroutine
     */
    public static void goexit() {
        if (Runtimes.current() == null) {
            throw new IllegalStateException("goexit called outside a goroutine");
        }
        throw new GoexitSignal();
    }

    /**
     * Runs {@code task} with labels: names and values that say what the work belongs to, as Go's
     * {@code pprof.Do}. They stand in dumps and profiles, for the calling goroutine until {@code
     * task} returns, and for the goroutines started inside, which inherit them, for as long as they
     * live. Labels that the caller has already are kept, unless {@code labels} has the same name.
     *
     * {@snippet :
     * withLabels(Map.of("svc", "users", "tenant", tenant), () -> {
     *     go(() -> refresh(tenant));     // inherits both labels
     *     serve(tenant);
     * });
     * }
     *
     * <p>A thread that is no goroutine may call it, too; the labels then are those of the
     * goroutines that it starts.
     *
     * @param labels added to what the caller has; copied
     * @param task runs on the calling thread
     * @throws NullPointerException if an argument, a name or a value is null
     * @throws Exception what {@code task} throws
     */
    public static void withLabels(Map<String, String> labels, Task task) throws Exception {
        Labels.run(labels, task);
    }

    /**
     * Runs {@code task} with one label; see {@link #withLabels(Map, Task)}.
     *
     * @param name the label's name
     * @param value the label's value
     * @param task runs on the calling thread
     * @throws NullPointerException if an argument is null
     * @throws Exception what {@code task} throws
     */
    public static void withLabels(String name, String value, Task task) throws Exception {
        Labels.run(Map.of(name, value), task);
    }

    /** The labels of the calling thread, sorted by name; unmodifiable. */
    public static Map<String, String> labels() {
        return Labels.current();
    }

    /** The goroutine that calls, or null if the caller is another kind of thread. */
    public static @Nullable Goroutine current() {
        return Runtimes.current();
    }

    /**
     * An executor that starts a goroutine for each task, without limit. {@link
     * ExecutorService#close()} waits for the tasks; {@code shutdownNow} interrupts them.
     */
    public static ExecutorService executor() {
        return Executors.newThreadPerTaskExecutor(threadFactory());
    }

    /**
     * A thread factory whose threads are goroutines. They run the given {@link Runnable} and are
     * subject to {@link GoRuntime#onPanic}, like any goroutine.
     */
    public static ThreadFactory threadFactory() {
        return Runtimes::newThread;
    }
}
