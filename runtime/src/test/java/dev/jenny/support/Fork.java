package dev.jenny.support;

import static dev.jenny.support.Eventually.eventually;

import dev.jenny.Go;
import dev.jenny.Task;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/**
 * A thread of a test, of either kind, whose failure is not lost: {@link #join} throws it.
 *
 * <p>{@link #blockedOn} tells for sure that the thread has begun to wait: our primitives queue
 * their waiters before they park, with themselves as the blocker.
 */
public final class Fork {
    /** What runs the task. */
    public enum Kind {
        GOROUTINE,
        PLATFORM
    }

    private volatile Throwable failure;
    private volatile boolean ended;
    private final Thread thread;

    private Fork(Kind kind, Task task) {
        this.thread =
                kind == Kind.GOROUTINE
                        ? Go.go(() -> run(task)).thread()
                        : Thread.ofPlatform().daemon().start(() -> run(task));
    }

    /** Starts {@code task}. */
    public static Fork fork(Kind kind, Task task) {
        return new Fork(kind, task);
    }

    /** Starts {@code n} of {@code task}. */
    public static List<Fork> forks(Kind kind, int n, Task task) {
        List<Fork> all = new ArrayList<>();
        for (int i = 0; i < n; i++) {
            all.add(fork(kind, task));
        }
        return all;
    }

    /** Joins all. */
    public static void joinAll(List<Fork> forks) throws InterruptedException {
        for (Fork f : forks) {
            f.join();
        }
    }

    private void run(Task task) {
        try {
            task.run();
        } catch (Throwable t) {
            failure = t;
        } finally {
            ended = true;
        }
    }

    /** The thread. */
    public Thread thread() {
        return thread;
    }

    /** Interrupts the thread. */
    public void interrupt() {
        thread.interrupt();
    }

    /** True once the task has ended. */
    public boolean hasEnded() {
        return ended;
    }

    /** Waits until the thread is parked with {@code blocker}. */
    public Fork blockedOn(Object blocker) {
        eventually(() -> {
            failIfFailed();
            return LockSupport.getBlocker(thread) == blocker;
        });
        return this;
    }

    /** Waits until the thread is parked. */
    public Fork parked() {
        eventually(() -> {
            failIfFailed();
            Thread.State s = thread.getState();
            return s == Thread.State.WAITING || s == Thread.State.TIMED_WAITING;
        });
        return this;
    }

    /** Waits for the end of the task; fails if it failed, or did not end in time. */
    public void join() throws InterruptedException {
        if (!thread.join(Eventually.DEADLINE)) {
            AssertionError e = new AssertionError(thread + " has not ended; it is at");
            e.setStackTrace(thread.getStackTrace());
            throw e;
        }
        failIfFailed();
    }

    private void failIfFailed() {
        Throwable t = failure;
        if (t != null) {
            throw new AssertionError("in " + thread + ": " + t, t);
        }
    }
}
