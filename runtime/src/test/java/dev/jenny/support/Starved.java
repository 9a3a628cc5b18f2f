package dev.jenny.support;

import dev.jenny.GoRuntime;
import dev.jenny.Task;
import java.util.function.BooleanSupplier;

/**
 * A platform thread that finds no memory for the goroutines that it starts: those inherit its class
 * loader, and to ask for that throws.
 */
public final class Starved extends Thread {
    private final Task task;
    private final BooleanSupplier starved;
    private volatile Throwable failure;

    private Starved(Task task, BooleanSupplier starved) {
        this.task = task;
        this.starved = starved;
    }

    /** Runs {@code task}; whenever it starts a goroutine, {@code starved} says if that fails. */
    public static void run(Task task, BooleanSupplier starved) throws Exception {
        GoRuntime.gomaxprocs(); // the runtime has been started, by a thread with memory
        Starved t = new Starved(task, starved);
        t.start();
        t.join();
        if (t.failure != null) {
            throw new AssertionError(t.failure);
        }
    }

    @Override
    public ClassLoader getContextClassLoader() {
        if (currentThread() == this && starved.getAsBoolean()) {
            throw new OutOfMemoryError("as if");
        }
        return super.getContextClassLoader();
    }

    @Override
    public void run() {
        try {
            task.run();
        } catch (Throwable t) {
            failure = t;
        }
    }
}
