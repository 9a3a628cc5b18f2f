package dev.jenny.inspect.internal;

import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * The tools' threads: platform daemon threads in a group named "jenny", by which the runtime knows
 * that they are not the program's and wake no goroutine.
 */
public final class Threads {
    private static final long STACK = 512 * 1024;
    private static final ThreadGroup GROUP = group();

    private Threads() {}

    /** A thread that has not been started. */
    public static Thread daemon(String name, Runnable body) {
        Thread thread = new Thread(GROUP, body, name, STACK, false);
        thread.setDaemon(true);
        thread.setContextClassLoader(Threads.class.getClassLoader());
        return thread;
    }

    /**
     * Runs {@code body} on such a thread and waits for it: for JDK code that starts threads, which
     * inherit group and daemon status. An interrupt of the caller is kept for later.
     */
    public static void run(String name, Runnable body) {
        AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
        Thread thread =
                daemon(
                        name,
                        () -> {
                            try {
                                body.run();
                            } catch (Throwable e) {
                                failure.set(e);
                            }
                        });
        thread.start();
        join(thread);
        switch (failure.get()) {
            case null -> {}
            case RuntimeException e -> throw e;
            case Error e -> throw e;
            case Throwable e -> throw new IllegalStateException(e);
        }
    }

    /** Waits for the end of {@code thread}. An interrupt of the caller is kept for later. */
    public static void join(Thread thread) {
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private static ThreadGroup group() {
        ThreadGroup root = Thread.currentThread().getThreadGroup();
        while (root.getParent() != null) {
            root = root.getParent();
        }
        return new ThreadGroup(root, "jenny");
    }
}
