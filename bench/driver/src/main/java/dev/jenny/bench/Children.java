package dev.jenny.bench;

import java.io.IOException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Processes that end with this one: builds, and JMH with its forks. What goes on in the background
 * spoils the next measurement.
 */
final class Children {
    private static final Set<Process> RUNNING = ConcurrentHashMap.newKeySet();

    static {
        Runtime.getRuntime()
                .addShutdownHook(
                        new Thread(() ->
                                RUNNING.forEach(child -> {
                                    child.descendants().forEach(ProcessHandle::destroyForcibly);
                                    child.destroyForcibly();
                                })));
    }

    private Children() {}

    /** Starts one. */
    static Process start(ProcessBuilder builder) throws IOException {
        Process child = builder.start();
        RUNNING.add(child);
        child.onExit().thenRun(() -> RUNNING.remove(child));
        return child;
    }
}
