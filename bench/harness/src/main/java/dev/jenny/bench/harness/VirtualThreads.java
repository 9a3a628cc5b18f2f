package dev.jenny.bench.harness;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;

/** Virtual threads that run what may throw, and are waited for. */
public final class VirtualThreads {
    private final List<Thread> started = new ArrayList<>();

    /** Not waited for. */
    public static Thread start(Suite.Body body) {
        return Thread.startVirtualThread(() -> {
            try {
                body.run();
            } catch (Exception e) {
                throw new IllegalStateException(e); // ends the process
            }
        });
    }

    public void add(Suite.Body body) {
        started.add(start(body));
    }

    public void join() throws InterruptedException {
        for (Thread t : started) {
            t.join();
        }
    }

    /** For {@link Suite}: runs a workload on a virtual thread. */
    public static void main(Suite.Body body) throws Exception {
        AtomicReference<Exception> thrown = new AtomicReference<>();
        Thread.startVirtualThread(
                        () -> {
                            try {
                                body.run();
                            } catch (Exception e) {
                                thrown.set(e);
                            }
                        })
                .join();
        if (thrown.get() != null) {
            throw thrown.get();
        }
    }
}
