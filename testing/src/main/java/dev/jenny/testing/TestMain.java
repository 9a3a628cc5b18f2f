package dev.jenny.testing;

import dev.jenny.Chan;
import dev.jenny.Go;
import dev.jenny.Goroutine;
import dev.jenny.inspect.internal.model.LeakReport;
import dev.jenny.inspect.internal.model.WaitGraph;
import java.lang.ref.WeakReference;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.InvocationInterceptor.Invocation;

/**
 * The goroutine in which the methods of a test, or those around all tests of a class, run one after
 * the other, and the watch that JUnit's thread keeps over it.
 *
 * <p>Used by one of JUnit's threads at a time. While a method runs, nothing here leads to the
 * goroutine but a weak reference. So if it waits for ever, the search for leaks finds it, too, and
 * that is the proof of a deadlock. A goroutine that is given up, because of that or of a time
 * limit, gets no further method; the next one starts another.
 */
final class TestMain {
    private static final long FIRST_LOOK = TimeUnit.MILLISECONDS.toNanos(20);
    private static final long LAST_LOOK = TimeUnit.MILLISECONDS.toNanos(500);

    /**
     * How often to look for a deadlock before somebody moves again: a search takes a garbage
     * collection, and other tools may disturb it.
     */
    private static final int MAX_SEARCHES = 3;

    /** For a method that is interrupted, in milliseconds: its finally blocks take some time. */
    private static final long LEAST_GRACE = 1_000;

    private final TestScope scope;
    private final boolean dynamic;
    private @Nullable Chan<Step<?>> steps;
    private WeakReference<Thread> thread = new WeakReference<>(null);
    private long id;

    /** Whether the last search has found a circle of others, and a timer that may end its wait. */
    private boolean timerInTheWay;

    /**
     * @param dynamic whether it is of a dynamic test, one of several in {@code scope}
     */
    TestMain(TestScope scope, boolean dynamic) {
        this.scope = scope;
        this.dynamic = dynamic;
    }

    /** Lets the goroutine end, when it has nothing more to do. */
    void end() {
        Chan<Step<?>> s = steps;
        if (s != null) {
            s.close();
            steps = null;
        }
    }

    /** Runs a method of the test; returns what it returns, or throws what it throws. */
    <T extends @Nullable Object> T run(Invocation<T> invocation) throws Throwable {
        Step<T> step = new Step<>(invocation);
        start().send(step);
        try {
            watch(step);
        } catch (InterruptedException e) { // JUnit's own @Timeout, most often
            String dump = Texts.goroutines(scope.goroutines(true));
            scope.dumped(!dynamic);
            giveUp(step);
            throw new AssertionError("interrupted: " + scope.name() + "\n\n" + dump, e);
        }
        Throwable failure = step.failure();
        AssertionError panic = scope.isPanicked() ? Texts.panics(scope.takePanics()) : null;
        if (panic != null) {
            if (failure != null) {
                panic.addSuppressed(failure);
            }
            throw panic;
        }
        if (failure != null) {
            throw failure;
        }
        return step.result();
    }

    private Chan<Step<?>> start() throws Exception {
        Chan<Step<?>> s = steps;
        if (s == null) {
            Chan<Step<?>> fresh = Chan.make();
            scope.run(() -> started(loop(fresh)));
            steps = s = fresh;
        }
        return s;
    }

    private void started(Goroutine g) {
        thread = new WeakReference<>(g.thread());
        id = g.id();
    }

    private static Goroutine loop(Chan<Step<?>> steps) {
        return Go.go(() -> {
            while (true) {
                try {
                    Step<?> step = steps.recv();
                    if (step == null) {
                        return;
                    }
                    Thread.interrupted(); // as below, but it came together with the step
                    step.run();
                } catch (InterruptedException e) {
                    // meant for the method before, which has ended meanwhile
                }
            }
        });
    }

    /** Returns when the method has ended, or has been given up because of a panic. */
    private void watch(Step<?> step) throws InterruptedException {
        long start = System.nanoTime();
        long limit = TimeUnit.MILLISECONDS.toNanos(scope.settings().timeoutMillis());
        long pause = FIRST_LOOK;
        TestScope.Picture last = null;
        int still = 0;
        for (; ; ) {
            long left = limit == 0 ? pause : start + limit - System.nanoTime();
            if (step.await(Math.min(pause, left))) {
                return;
            }
            if (limit != 0 && System.nanoTime() - start >= limit) {
                throw timedOut(step);
            }
            if (scope.isPanicked()) {
                giveUp(step);
                return;
            }
            TestScope.Picture now = TestScope.picture(scope.goroutines(false));
            if (!now.asleep() || !now.equals(last)) {
                last = now;
                still = 0;
            } else if (still++ < MAX_SEARCHES || (timerInTheWay && !scope.mayTimeOut())) {
                AssertionError deadlock = deadlock(step);
                if (deadlock != null) {
                    throw deadlock;
                }
            }
            pause = Math.min(2 * pause, LAST_LOOK);
        }
    }

    /**
     * All goroutines of the test wait: proves that they do so for ever, if that is so. Null if not,
     * or if it cannot be proven.
     */
    private @Nullable AssertionError deadlock(Step<?> step) throws InterruptedException {
        List<WaitGraph.Cycle> cycles = scope.cycles();
        String dump = cycles.isEmpty() ? "" : Texts.goroutines(scope.goroutines(true));
        String proof = scope.searchLeaks();
        boolean inCycle = cycles.stream().anyMatch(c -> c.goroutines().contains(id));
        timerInTheWay = !cycles.isEmpty() && !inCycle && scope.mayTimeOut();
        if (step.isEnded()) {
            return null;
        }
        StringBuilder b = new StringBuilder("all goroutines of ");
        b.append(scope.name()).append(" are asleep - deadlock!\n\n").append(Texts.cycles(cycles));
        if (proof == null && thread.refersTo(null)) {
            LeakReport found = scope.takeLeaks();
            b.append(found == null ? "" : Texts.leaks(found));
        } else if (!cycles.isEmpty() && !timerInTheWay) {
            b.append(dump);
        } else {
            return null;
        }
        scope.dumped(!dynamic);
        giveUp(step);
        return new AssertionError(b.toString());
    }

    private AssertionError timedOut(Step<?> step) throws InterruptedException {
        String cycles = Texts.cycles(scope.cycles());
        String dump = Texts.goroutines(scope.goroutines(true));
        scope.dumped(!dynamic);
        giveUp(step);
        AssertionError e =
                new AssertionError(
                        "test timed out after "
                                + Texts.millis(scope.settings().timeoutMillis())
                                + ": "
                                + scope.name()
                                + (step.isEnded() ? "" : " (it does not react to an interrupt)")
                                + "\n\n"
                                + cycles
                                + dump);
        Throwable failure = step.failure();
        if (failure != null) {
            e.addSuppressed(failure);
        }
        return e;
    }

    /** Interrupts the method, and gives it time to end. */
    private void giveUp(Step<?> step) throws InterruptedException {
        Thread t = thread.get();
        if (t != null) {
            t.interrupt();
            long millis = Math.max(scope.settings().graceMillis(), LEAST_GRACE);
            step.await(TimeUnit.MILLISECONDS.toNanos(millis));
        }
        if (!step.isEnded()) {
            end();
        }
    }
}
