package dev.jenny.bench.jmh;

import dev.jenny.Go;
import java.util.List;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;

/** Makes the threads that JMH measures in goroutines; named by {@code jmh.executor.class}. */
public final class GoroutineExecutor extends AbstractExecutorService {
    private final ExecutorService goroutines = Go.executor();

    /** JMH calls it with the number of threads and a prefix for their names. */
    @SuppressWarnings("UnusedVariable")
    public GoroutineExecutor(int maxThreads, String prefix) {}

    @Override
    public void execute(Runnable task) {
        goroutines.execute(task);
    }

    @Override
    public void shutdown() {
        goroutines.shutdown();
    }

    @Override
    public List<Runnable> shutdownNow() {
        return goroutines.shutdownNow();
    }

    @Override
    public boolean isShutdown() {
        return goroutines.isShutdown();
    }

    @Override
    public boolean isTerminated() {
        return goroutines.isTerminated();
    }

    @Override
    public boolean awaitTermination(long timeout, TimeUnit unit) throws InterruptedException {
        return goroutines.awaitTermination(timeout, unit);
    }
}
