package dev.jenny.cli;

import dev.jenny.internal.run.MainRunner;
import java.lang.invoke.MethodHandle;

/** Hands the user's main method over to the runtime. */
final class Launcher {
    private Launcher() {}

    /**
     * Runs {@code main} as goroutine 1 and ends the JVM with the program's exit code: 0 when main
     * returns, 2 after a panic or a deadlock.
     *
     * @param main a handle of type {@code ()void}
     */
    static void launch(MethodHandle main, ClassLoader loader) {
        Thread.currentThread().setContextClassLoader(loader);
        // PLUG: the one call from the command line into the runtime.
        MainRunner.run(() -> {
            Thread.currentThread().setContextClassLoader(loader);
            invoke(main);
        });
    }

    /**
     * A method handle leaves no reflection frames between the program and the runtime in stack
     * traces.
     */
    private static void invoke(MethodHandle main) throws Exception {
        try {
            main.invokeExact();
        } catch (Exception | Error e) {
            throw e;
        } catch (Throwable t) {
            throw sneaky(t);
        }
    }

    /** A program may throw a Throwable of its own kind; it must reach the panic report as it is. */
    @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
    private static <T extends Throwable> RuntimeException sneaky(Throwable t) throws T {
        throw (T) t;
    }
}
