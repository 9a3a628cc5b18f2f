package dev.jenny.bench.jdk;

import dev.jenny.bench.harness.Suite.Body;
import java.util.ArrayList;
import java.util.List;

/** Virtual threads that run what may throw, and are waited for. */
final class Threads {
    private final List<Thread> started = new ArrayList<>();

    /** Not waited for. */
    static Thread start(Body body) {
        return Thread.startVirtualThread(() -> {
            try {
                body.run();
            } catch (Exception e) {
                throw new IllegalStateException(e); // ends the process
            }
        });
    }

    void add(Body body) {
        started.add(start(body));
    }

    void join() throws InterruptedException {
        for (Thread t : started) {
            t.join();
        }
    }
}
