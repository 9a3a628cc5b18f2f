package dev.jenny.bench;

import java.io.IOException;
import java.util.HashSet;
import java.util.Set;

/**
 * Processes that end with this one: runners, builds, and JMH with its forks. A benchmark that goes
 * on in the background spoils the next.
 */
final class Children {
    private static final Set<Process> RUNNING = new HashSet<>();

    private static boolean stopped; // guarded by RUNNING

    static {
        Runtime.getRuntime()
                .addShutdownHook(
                        new Thread(() -> {
                            synchronized (RUNNING) {
                                stopped = true;
                                RUNNING.forEach(Children::end);
                            }
                        }));
    }

    private Children() {}

    /** Starts one. */
    static Process start(ProcessBuilder builder) throws IOException {
        Process child = builder.start();
        synchronized (RUNNING) {
            RUNNING.add(child);
            if (stopped) { // while the driver's main thread goes on for a moment
                end(child);
            }
        }
        child.onExit()
                .thenRun(() -> {
                    synchronized (RUNNING) {
                        RUNNING.remove(child);
                    }
                });
        return child;
    }

    private static void end(Process child) {
        child.descendants().forEach(ProcessHandle::destroyForcibly);
        child.destroyForcibly();
    }
}
