package dev.jenny.internal.run;

import dev.jenny.Task;
import dev.jenny.internal.sched.Runtimes;

/** Runs a program's main method as goroutine 1: what {@code jenny run} is made of. */
public final class MainRunner {
    private MainRunner() {}

    /**
     * Runs {@code main} as goroutine 1 and ends the JVM: with 0 when it returns, other goroutines
     * being dropped; with 2 after a panic or a deadlock. Shutdown hooks run.
     */
    public static void run(Task main) {
        Runtimes.runMain(main);
    }

    /** One line about the mode that goroutines run in, and how to change it. */
    public static String describeMode() {
        return Runtimes.describeMode();
    }

    /** The JVM flag that opens what the custom scheduler needs. */
    public static String openFlag() {
        return Runtimes.openFlag();
    }
}
