package dev.jenny.internal.sched;

import dev.jenny.Goroutine;
import dev.jenny.internal.event.Events;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BiConsumer;
import java.util.function.BiPredicate;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What happens to an exception that leaves a goroutine.
 *
 * <p>Embedded in an application: the application's handler gets it, or, without one, the thread's
 * uncaught-exception handler. Under {@code jenny run}: Go's report, and the program ends with exit
 * code 2. In a test that checks its goroutines, the test's watcher takes it.
 */
final class Panics {
    /** Exit code of a program that died of a panic or a fatal error. */
    static final int EXIT_CODE = 2;

    private static final byte[] NO_MEMORY =
            "panic: java.lang.OutOfMemoryError: no memory is left to say where\n"
                    .getBytes(StandardCharsets.US_ASCII);

    private static final FileOutputStream STDERR = new FileOutputStream(FileDescriptor.err);

    private static volatile @Nullable BiConsumer<Goroutine, Throwable> handler;
    private static volatile @Nullable BiPredicate<Goroutine, Throwable> watcher;
    private static volatile boolean exits;
    private static final AtomicInteger INTERNAL = new AtomicInteger();
    private static final long AFTER_INTERNAL = 1_000_000;
    private static final AtomicBoolean DYING = new AtomicBoolean();

    private Panics() {}

    static void setHandler(@Nullable BiConsumer<Goroutine, Throwable> h) {
        handler = h;
    }

    /**
     * Sets who sees each panic first, on the goroutine. The handler gets it all the same; without
     * one, a panic for which the watcher returns true has no further effect.
     */
    static void setWatcher(@Nullable BiPredicate<Goroutine, Throwable> w) {
        watcher = w;
    }

    /** From now on a panic ends the program, unless the program has set a handler. */
    static void exitOnPanic() {
        try {
            Class.forName("java.lang.Shutdown"); // or a full heap could not even be left
        } catch (ClassNotFoundException e) {
            // it is called otherwise in this JDK
        }
        exits = true;
    }

    /** An exception leaves {@code g}; called on it, still alive. */
    static void uncaught(G g, Throwable e) {
        Events.panicked(e); // before anything that needs memory
        BiPredicate<Goroutine, Throwable> w = watcher;
        boolean taken = w != null && w.test(g, e);
        BiConsumer<Goroutine, Throwable> h = handler;
        if (h != null) {
            try {
                h.accept(g, e);
            } catch (Throwable inHandler) {
                if (inHandler != e) {
                    inHandler.addSuppressed(e);
                }
                throw rethrow(inHandler);
            }
        } else if (taken) {
            return;
        } else if (exits) {
            die(g, e);
        } else {
            throw rethrow(e); // to the uncaught-exception handler
        }
    }

    /** Reports that {@code e} has left {@code g}, and ends the program, in a full heap as well. */
    static void die(G g, Throwable e) {
        try {
            fatal(report(g, e));
        } catch (OutOfMemoryError full) {
            halt();
        }
    }

    /** Prints {@code text} and ends the program. The first caller wins; the others never return. */
    static void fatal(String text) {
        if (DYING.compareAndSet(false, true)) {
            Events.fatal();
            System.out.flush();
            System.err.print(text);
            System.err.flush();
            // halt would skip the hooks that the program registered; exit from a goroutine may wait
            // for hooks that need this P, so it gets a thread of its own
            Thread.ofPlatform().name("jenny-exit").start(() -> System.exit(EXIT_CODE));
        }
        for (; ; ) {
            LockSupport.park(DYING);
            Thread.interrupted(); // or park would not park
        }
    }

    /**
     * Ends a program whose heap is so full that not even the panic can be reported: to hang would
     * be worse.
     */
    private static void halt() {
        try {
            STDERR.write(NO_MEMORY); // System.err needs memory
        } catch (IOException | OutOfMemoryError e) {
            // without words, then
        } finally {
            Runtime.getRuntime().halt(EXIT_CODE);
        }
    }

    /** True once a fatal report has begun. */
    static boolean dying() {
        return DYING.get();
    }

    /** A defect of Jenny's own, or no memory, in a thread that must go on. Never throws. */
    static void internal(Throwable t) {
        try {
            System.err.println("jenny: internal error in " + Thread.currentThread().getName());
            t.printStackTrace();
        } catch (Throwable e) {
            // In a full heap, say. A report is worth less than a thread of the scheduler.
        }
    }

    /**
     * Runs {@code loop}, again and again should it throw, as any code may in a full heap: even code
     * that allocates nothing, when compiled code is left for interpreted code. The handler is here
     * and not in the loop, since its method is compiled too and cannot be left without memory
     * either.
     *
     * @param loop returns true if its thread is to go on
     */
    static void keepGoing(BooleanSupplier loop) {
        for (; ; ) {
            try {
                if (!loop.getAsBoolean()) {
                    return;
                }
            } catch (Throwable t) {
                // Of many, ever fewer: 1st, 2nd, 4th, 8th ...
                if (Integer.bitCount(INTERNAL.incrementAndGet()) == 1) {
                    internal(t);
                }
                LockSupport.parkNanos(AFTER_INTERNAL);
            }
        }
    }

    /** {@code panic: …}, the goroutine's stack, and the causes. */
    static String report(G g, Throwable e) {
        StringBuilder b = new StringBuilder("panic: ").append(indented(describe(e)));
        b.append("\n\n");
        Dump.header(b, g.id, "running", 0, g.labels);
        Dump.frames(b, e.getStackTrace());
        Dump.footer(b, g);
        Set<Throwable> seen = Collections.newSetFromMap(new IdentityHashMap<>());
        seen.add(e);
        for (Throwable s : e.getSuppressed()) {
            related(b, "suppressed", s, seen);
        }
        for (Throwable c = e.getCause(); c != null && seen.add(c); c = c.getCause()) {
            related(b, "caused by", c, seen);
        }
        return b.toString();
    }

    private static void related(StringBuilder b, String how, Throwable t, Set<Throwable> seen) {
        if (how.equals("suppressed") && !seen.add(t)) {
            return;
        }
        b.append("\n").append(how).append(": ").append(indented(describe(t))).append('\n');
        Dump.frames(b, t.getStackTrace());
    }

    private static String describe(Throwable e) {
        try {
            return e.toString();
        } catch (Throwable inToString) {
            return e.getClass().getName() + " (its toString threw " + inToString.getClass() + ")";
        }
    }

    private static String indented(String s) {
        return s.replace("\n", "\n\t");
    }

    /**
     * Throws {@code t} as it is: the thread's uncaught-exception handler shall see the original.
     */
    @SuppressWarnings("unchecked")
    private static <T extends Throwable> RuntimeException rethrow(Throwable t) throws T {
        throw (T) t;
    }
}
