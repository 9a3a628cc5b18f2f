package dev.jenny.testing;

import dev.jenny.inspect.internal.model.LeakReport;
import dev.jenny.inspect.internal.model.Listing;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The check when a test or class is over: waits until its goroutines have ended, and says what is
 * wrong with those that do not.
 *
 * <p>A goroutine that is leaked stays so, so there is no need to wait for the end of the grace: the
 * search takes place as soon as all that are left have stood still for a moment, and again at the
 * end of the grace, if it has left any.
 */
final class AfterTest {
    private static final long STILL = TimeUnit.MILLISECONDS.toNanos(20);
    private static final long FIRST_PAUSE = TimeUnit.MICROSECONDS.toNanos(50);
    private static final long LAST_PAUSE = TimeUnit.MILLISECONDS.toNanos(5);

    private final TestScope scope;
    private @Nullable String unproven;

    private AfterTest(TestScope scope) {
        this.scope = scope;
    }

    /** What is wrong; the first failure has the others as suppressed ones. Null if nothing is. */
    static @Nullable AssertionError check(TestScope scope) {
        return new AfterTest(scope).check();
    }

    private @Nullable AssertionError check() {
        if (!scope.isDumped() && !awaitEnd()) {
            unproven = scope.searchLeaks();
        }
        List<AssertionError> failures = new ArrayList<>();
        AssertionError panics = Texts.panics(scope.takePanics());
        if (panics != null) {
            judge(scope.settings().panics(), panics, failures);
        }
        LeakReport leaks = scope.takeLeaks();
        if (leaks != null) {
            failures.add(new AssertionError(scope.name() + ": " + Texts.leaks(leaks)));
        }
        Listing left = scope.mustEnd(true);
        if (!scope.isPartlyDumped() && left.matched() > 0) {
            judge(scope.settings().running(), new AssertionError(stillRunning(left)), failures);
        }
        return Texts.first(failures);
    }

    private static void judge(Strictness s, AssertionError e, List<AssertionError> failures) {
        switch (s) {
            case FAIL, DEFAULT -> failures.add(e);
            case REPORT -> {
                System.err.println("jenny: " + e.getMessage());
                for (Throwable more : e.getSuppressed()) {
                    System.err.println("jenny: " + more.getMessage());
                }
            }
            case IGNORE -> {}
        }
    }

    /** Whether all goroutines end within the grace; leaked ones are gone, too. */
    private boolean awaitEnd() {
        long grace = TimeUnit.MILLISECONDS.toNanos(scope.settings().graceMillis());
        long start = System.nanoTime();
        long since = start;
        long pause = FIRST_PAUSE;
        boolean searched = false;
        TestScope.Picture last = TestScope.picture(scope.mustEnd(false));
        while (!last.waits().isEmpty()) {
            long now = System.nanoTime();
            if (now - start >= grace) {
                return false;
            }
            if (last.asleep() && !searched && now - since >= STILL) {
                searched = true;
                scope.searchLeaks();
            } else {
                LockSupport.parkNanos(this, pause);
                pause = Math.min(2 * pause, LAST_PAUSE);
            }
            TestScope.Picture next = TestScope.picture(scope.mustEnd(false));
            if (!next.equals(last)) {
                last = next;
                since = System.nanoTime();
                searched = false;
            }
        }
        return true;
    }

    private String stillRunning(Listing left) {
        StringBuilder b = new StringBuilder(scope.name()).append(": ").append(left.matched());
        b.append(left.matched() == 1 ? " goroutine" : " goroutines").append(" still running ");
        b.append(Texts.millis(scope.settings().graceMillis()));
        b.append(" after the ").append(scope.kind().text()).append("\n\n");
        b.append(Texts.cycles(scope.cycles())).append(Texts.goroutines(left));
        if (unproven != null) {
            b.append("Leaked ones may be among them: ").append(unproven).append('\n');
        }
        return b.toString();
    }
}
