package dev.jenny.sync;

import dev.jenny.Task;
import dev.jenny.internal.sched.WaitReason;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Runs one task, once, however many goroutines ask for it; Go's {@code sync.Once}.
 *
 * {@snippet :
 * import dev.jenny.sync.Once;
 *
 * class Service {
 *     private final Once started = new Once();
 *
 *     void handle(String request) throws Exception {
 *         started.run(this::connect);
 *     }
 *
 *     private void connect() {}
 * }
 * }
 *
 * <p>For a value that is computed once, see {@link OnceValue}.
 *
 * <p><b>Memory.</b> What the task does happens before the return of every {@link #run}.
 *
 * <p>Once it has run, {@link #run} costs one volatile read.
 */
public final class Once {
    private static final VarHandle RUNNING;

    static {
        try {
            RUNNING = MethodHandles.lookup().findVarHandle(Once.class, "running", Running.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /** A run of the task. */
    private static final class Running {
        final @Nullable Thread thread;
        final Latch ended = new Latch();

        Running(@Nullable Thread thread) {
            this.thread = thread;
        }
    }

    /** Stands for every run that has ended, so that the real one can be collected. */
    private static final Running ENDED = new Running(null);

    static {
        ENDED.ended.open();
    }

    /** Null until a call runs the task; then that run; in the end {@link #ENDED}. */
    @SuppressWarnings("UnusedVariable") // through RUNNING
    private volatile @Nullable Running running;

    private volatile boolean done;

    /** A Once that has run nothing. */
    public Once() {}

    /**
     * Runs {@code task} if this is the first call on this object; a call that comes while the task
     * runs waits for its end. The task counts as run even if it throws or ends its goroutine with
     * {@code goexit}: later calls then return normally and do nothing.
     *
     * @param task what to run; ignored by every call but the first
     * @throws Exception what {@code task} throws, unchanged, for the call that ran it
     * @throws InterruptedException if the thread was interrupted while it waited for another's run
     * @throws IllegalStateException if the task calls this method on the same object: it would wait
     *     for itself
     */
    public void run(Task task) throws Exception {
        if (!done) {
            runSlow(task);
        }
    }

    /** {@return whether the task has run} What it did happens before the return of true. */
    public boolean isDone() {
        return done;
    }

    @SuppressWarnings("ReferenceEquality") // of threads
    private void runSlow(Task task) throws Exception {
        Objects.requireNonNull(task, "task");
        Running mine = new Running(Thread.currentThread());
        Running other = (Running) RUNNING.compareAndExchange(this, null, mine);
        if (other == null) {
            try {
                task.run();
            } finally {
                done = true;
                running = ENDED;
                mine.ended.open();
            }
        } else if (other.thread == Thread.currentThread()) {
            throw new IllegalStateException(
                    "sync: Once.run called from inside its own task, which would wait for itself");
        } else {
            other.ended.await(WaitReason.MUTEX_LOCK, this);
        }
    }
}
