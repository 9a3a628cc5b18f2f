package dev.jenny.sync;

import dev.jenny.Task;
import dev.jenny.context.Context;
import dev.jenny.internal.sched.GoexitSignal;
import dev.jenny.internal.sched.Runtimes;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Goroutines that work on parts of one task and may fail, Go's {@code x/sync/errgroup}.
 *
 * <p>{@link #go} starts them, {@link #await} waits for all and throws the first error. A group made
 * by {@link #withContext} has a context that is cancelled at the first error, so that the other
 * goroutines can stop early; {@link #setLimit} bounds how many run at a time.
 *
 * {@snippet :
 * import dev.jenny.context.Context;
 * import dev.jenny.sync.ErrGroup;
 * import java.util.List;
 *
 * class Crawler {
 *     void crawl(Context ctx, List<String> urls) throws Exception {
 *         ErrGroup group = ErrGroup.withContext(ctx);
 *         group.setLimit(8);
 *         for (String url : urls) {
 *             group.go(() -> fetch(group.context(), url));
 *         }
 *         group.await();
 *     }
 *
 *     private void fetch(Context ctx, String url) {}
 * }
 * }
 *
 * <p><b>Errors.</b> Whatever leaves a task, exception or {@link Error}, is the task's error; it is
 * not a panic, and does not reach {@code GoRuntime.onPanic}. The first one is kept, later ones are
 * dropped. {@code goexit} ends a task without error.
 *
 * <p><b>Once.</b> A group is meant for one {@link #await}. More tasks may be started after it, but
 * the first error is kept and thrown again, and the group's context stays cancelled.
 *
 * <p><b>Memory.</b> What the tasks do happens before the return of {@link #await}.
 */
// Invariant: whoever sets `error` cancels the context at once, and nobody else does for an error.
// So that must not fail: to cancel takes no memory, which a task may have used up.
public final class ErrGroup {
    /** Seen by tests. */
    final WaitGroup running = new WaitGroup();

    private final AtomicReference<@Nullable Throwable> error = new AtomicReference<>();
    private final @Nullable Context context;
    private volatile @Nullable Semaphore limit;

    /** A group without limit, whose first error cancels nothing. */
    public ErrGroup() {
        this.context = null;
    }

    private ErrGroup(Context context) {
        this.context = context;
    }

    /**
     * A group with a context of its own, derived from {@code parent}: see {@link #context()}.
     *
     * @param parent the context above the group's
     * @return a group without limit
     * @throws NullPointerException if {@code parent} is null
     */
    public static ErrGroup withContext(Context parent) {
        return new ErrGroup(parent.withCancel());
    }

    /**
     * The group's context. It is cancelled with the first error as its cause, or when {@link
     * #await} has waited for all tasks, whichever comes first. For a group made without one, it is
     * {@code Context.background()}, which is never cancelled.
     *
     * @return the context, always the same
     */
    public Context context() {
        Context c = context;
        return c != null ? c : Context.background();
    }

    /**
     * Runs {@code task} in a goroutine of the group. If the group is at its limit, it first waits
     * until a task has ended; an interrupt does not end that wait and is left pending.
     *
     * @param task what to run
     * @throws NullPointerException if {@code task} is null
     */
    public void go(Task task) {
        Objects.requireNonNull(task, "go of nil func value");
        Semaphore l = limit;
        if (l != null) {
            l.acquireUninterruptibly(1);
        }
        start(task, l);
    }

    /**
     * Runs {@code task} in a goroutine of the group if the group is below its limit; never waits.
     *
     * @param task what to run
     * @return true if it has been started
     * @throws NullPointerException if {@code task} is null
     */
    public boolean tryGo(Task task) {
        Objects.requireNonNull(task, "go of nil func value");
        Semaphore l = limit;
        if (l != null && !l.tryAcquire()) {
            return false;
        }
        start(task, l);
        return true;
    }

    /**
     * Limits how many goroutines of the group run at a time.
     *
     * @param n the limit; a negative number means no limit. With 0, {@link #tryGo} returns false
     *     and {@link #go} never returns
     * @throws IllegalStateException if goroutines of the group are running
     */
    public void setLimit(int n) {
        long active = active();
        if (active != 0) {
            throw new IllegalStateException(
                    "errgroup: modify limit while "
                            + active
                            + " goroutines in the group are still active");
        }
        limit = n < 0 ? null : new Semaphore(n);
    }

    /**
     * Waits for all tasks, cancels the group's context, and throws the first error, if there was
     * one.
     *
     * @throws Exception the first error, the object that the task threw. Only an
     *     InterruptedException of a task is thrown as the cause of an {@link
     *     java.util.concurrent.ExecutionException}, because the caller has not been interrupted.
     * @throws InterruptedException if the thread was interrupted before or during the wait; the
     *     group has not changed, and its context has not been cancelled
     */
    public void await() throws Exception {
        running.await();
        Throwable e = error.get();
        Context c = context;
        if (c != null) {
            c.cancel(e);
        }
        if (e != null) {
            throw Failures.rethrowToOther(e);
        }
    }

    /** How many goroutines of the group are running. */
    long active() {
        return running.count();
    }

    private void start(Task task, @Nullable Semaphore l) {
        boolean counted = false;
        boolean started = false;
        try {
            running.add(1); // which throws if it is misused
            counted = true;
            Runtimes.goIn(running, () -> run(task, l), task);
            started = true;
        } finally {
            if (!started && counted) {
                done(l);
            } else if (!started && l != null) {
                l.release();
            }
        }
    }

    private void run(Task task, @Nullable Semaphore l) {
        try {
            task.run();
        } catch (GoexitSignal goexit) {
            throw goexit;
        } catch (Throwable e) {
            if (error.compareAndSet(null, e) && context != null) {
                context.cancel(e);
            }
        } finally {
            done(l);
        }
    }

    private void done(@Nullable Semaphore l) {
        if (l != null) {
            l.release();
        }
        running.done();
    }
}
