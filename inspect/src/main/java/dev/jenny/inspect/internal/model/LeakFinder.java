package dev.jenny.inspect.internal.model;

import dev.jenny.Chan;
import dev.jenny.Go;
import dev.jenny.internal.sched.Loose;
import dev.jenny.internal.sched.Probe;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Proves leaks: goroutines blocked for ever on something that nothing live can reach.
 *
 * <p>A parked virtual thread is an object like any other. What leads to it is whatever may wake it:
 * the queue of a channel or lock, a timer, a poller, a handle. If nothing live leads to any of
 * these, nothing can ever wake it, and the collector may have it. It would take it, if only the
 * registry did not hold every goroutine for the sake of dumps. So the search notes what there is to
 * know about all parked goroutines, lets the registry loosen its grip on them, and collects: what
 * is gone then was leaked, and nothing else can be. The others are held firmly again.
 *
 * <p>The JDK must not hold on to virtual threads either, hence {@code -Djdk.trackAllThreads=false};
 * a goroutine of the search's own, leaked on purpose, shows whether it works here.
 */
final class LeakFinder {
    private static final long FORGET_NANOS = 50_000_000;
    private static final long CANARY_NANOS = 2_000_000_000;

    /**
     * What else the tools do keeps a goroutine for as long as they look at it. So a collection that
     * leaves the search's own goroutine is repeated, after a pause.
     */
    private static final long[] PAUSES_NANOS = {0, 20_000_000, 100_000_000, 500_000_000};

    /** The goroutine that the search leaks itself. */
    private static final String CANARY = "jenny-leak-canary";

    private LeakFinder() {}

    /** Why leaks cannot be proven in this JVM; null if they can. */
    static @Nullable String whyNot() {
        if (!Probe.custom()) {
            return "leaks cannot be proven in fallback mode, where goroutines run on the JDK's"
                    + " scheduler: start the program with ./jenny run, or with --add-opens"
                    + " java.base/java.lang=ALL-UNNAMED -Djdk.trackAllThreads=false";
        }
        if (!"false".equalsIgnoreCase(System.getProperty("jdk.trackAllThreads"))) {
            return "leaks cannot be proven while the JDK keeps track of all virtual threads: start"
                    + " the program with ./jenny run, or with -Djdk.trackAllThreads=false";
        }
        return null;
    }

    /** Runs {@code action} while no search is under way. */
    static synchronized void exclusively(Runnable action) {
        action.run();
    }

    /**
     * Searches; one at a time.
     *
     * @throws IllegalStateException if leaks cannot be proven in this JVM; the message says why,
     *     and what to do
     */
    static LeakReport find() {
        return find(labels -> true, LeakFinder::collect);
    }

    /**
     * As {@link #find()}, among goroutines with such labels only; the others are held as before.
     */
    static LeakReport find(Predicate<Map<String, String>> labels) {
        return find(labels, LeakFinder::collect);
    }

    /**
     * As {@link #find(Predicate)}, with another collector, for tests. It returns how many Ps did
     * not let go of what they had run.
     */
    static synchronized LeakReport find(
            Predicate<Map<String, String>> labels, ToIntFunction<WeakReference<Thread>> collector) {
        String whyNot = whyNot();
        if (whyNot != null) {
            throw new IllegalStateException(whyNot);
        }
        long start = Probe.now();
        WeakReference<Thread> canary = leakOne();
        LeakNote.Book book = new LeakNote.Book();
        List<Loose> loosened = List.of();
        long gc = 0;
        int heldUp = 0;
        ArrayList<LeakNote> leaked = new ArrayList<>();
        boolean proven = false;
        try {
            loosened =
                    Probe.loosen(
                            (g, before) ->
                                    labels.test(g.labels()) || g.labels().containsKey(CANARY)
                                            ? book.note(g)
                                            : before,
                            null);
            long gcStart = Probe.now();
            heldUp = collector.applyAsInt(canary);
            gc = Probe.now() - gcStart;
            leaked.ensureCapacity(loosened.size()); // what is counted out must be told
            for (Loose l : loosened) {
                LeakNote note = (LeakNote) l.note();
                // A collection may come in between.
                if (!Probe.reap(l) && (Probe.tighten(l) || !Probe.reap(l))) {
                    continue;
                }
                if (note.labels().containsKey(CANARY)) {
                    proven = true;
                } else {
                    leaked.add(note);
                }
            }
        } catch (RuntimeException | Error e) { // the heap may be full, which is why one looks
            Probe.tightenAll(false);
            end(canary);
            if (leaked.isEmpty()) {
                throw e;
            }
            // What has been counted out already cannot be found again: it is told now.
        }
        Thread left = end(canary);
        if (!proven && leaked.isEmpty()) { // those that are gone were leaked, whatever else was not
            throw new IllegalStateException(
                    left != null && heldUp > 0
                            ? "leaks cannot be proven now: goroutines hold up Ps ("
                                    + heldUp
                                    + "), which therefore do not let go of what they ran before;"
                                    + " `jenny issues` names them. Search again when they are done"
                            : left == null
                                    ? "leaks cannot be proven: the search was disturbed; search again"
                                    : "leaks cannot be proven: the garbage collector leaves a goroutine that"
                                            + " nothing can reach. Remove -XX:+DisableExplicitGC, and set"
                                            + " jdk.trackAllThreads=false on the command line, not later;"
                                            + " or search again, if other tools look at the program now");
        }
        LeakReport report =
                new LeakReport(
                        LeakNote.Book.leaks(leaked, start),
                        LeakNote.Book.goroutines(leaked, start),
                        leaked.size(),
                        loosened.size() - 1,
                        Probe.now() - start,
                        gc,
                        heldUp);
        LeakHistory.add(report);
        return report;
    }

    /** A goroutine that waits on a channel that nobody has. */
    private static WeakReference<Thread> leakOne() {
        AtomicReference<@Nullable Thread> started = new AtomicReference<>();
        try {
            Go.withLabels(
                    CANARY, "", () -> started.set(Go.go(LeakFinder::waitForNothing).thread()));
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
        Thread t = started.getAndSet(null);
        if (t == null) {
            throw new AssertionError("go gives a goroutine");
        }
        long end = Probe.now() + CANARY_NANOS;
        while (t.getState() != Thread.State.WAITING && Probe.now() < end) {
            LockSupport.parkNanos(50_000);
        }
        return new WeakReference<>(t);
    }

    /** Ends the canary, if it is still there: what was to prove that leaks are found. */
    private static @Nullable Thread end(WeakReference<Thread> canary) {
        Thread left = canary.get();
        if (left != null) {
            left.interrupt();
        }
        return left;
    }

    /** The task of the canary. An exception out of a goroutine would end the program. */
    private static void waitForNothing() {
        try {
            Chan.<Boolean>make().recv();
        } catch (InterruptedException e) {
            // the search was in vain, and this goroutine is no longer needed
        }
    }

    /**
     * Collects until what nothing can reach is gone; a collection may be partial, or be refused.
     * Returns how many Ps had not let go before the last collection.
     */
    private static int collect(WeakReference<Thread> canary) {
        int heldUp = 0;
        for (long pause : PAUSES_NANOS) {
            LockSupport.parkNanos(pause);
            heldUp = Probe.forget(FORGET_NANOS);
            System.gc();
            if (canary.refersTo(null)) {
                break;
            }
        }
        return heldUp;
    }
}
