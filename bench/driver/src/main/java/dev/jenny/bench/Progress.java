package dev.jenny.bench;

import java.util.concurrent.TimeUnit;

/** One line on standard error that says what is going on; on a terminal it is overwritten. */
final class Progress {
    private static final boolean TERMINAL = Boolean.getBoolean("jenny.bench.terminal");

    private Progress() {}

    /**
     * Shows {@code line} until the next one. Elsewhere than on a terminal, only if it is a step.
     */
    static void show(String line, boolean step) {
        if (TERMINAL) {
            System.err.print("\r\033[K" + line);
        } else if (step) {
            System.err.println(line);
        }
    }

    static void clear() {
        if (TERMINAL) {
            System.err.print("\r\033[K");
        }
    }

    static void waitFor(String title, Process process) {
        long start = System.nanoTime();
        show(title, true);
        try {
            while (!process.waitFor(500, TimeUnit.MILLISECONDS)) {
                show(title + " " + (System.nanoTime() - start) / 1_000_000_000 + " s", false);
            }
        } catch (InterruptedException e) {
            process.destroy();
            throw new BenchError("interrupted");
        }
        clear();
    }
}
