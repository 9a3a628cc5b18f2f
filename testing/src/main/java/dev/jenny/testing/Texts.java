package dev.jenny.testing;

import dev.jenny.inspect.internal.model.Dumps;
import dev.jenny.inspect.internal.model.Frame;
import dev.jenny.inspect.internal.model.GoroutineInfo;
import dev.jenny.inspect.internal.model.Leak;
import dev.jenny.inspect.internal.model.LeakReport;
import dev.jenny.inspect.internal.model.Listing;
import dev.jenny.inspect.internal.model.Times;
import dev.jenny.inspect.internal.model.WaitGraph;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Findings in words: Go's dumps, without what is JUnit's and this module's on the stacks. */
final class Texts {
    private static final String LOOP = TestMain.class.getName() + ".";
    private static final List<String> MACHINERY =
            List.of(
                    LOOP,
                    Step.class.getName() + ".",
                    "org.junit.",
                    "java.lang.reflect.",
                    "java.util.",
                    "jdk.internal.reflect.");

    private Texts() {}

    /** Goroutines one by one. */
    static String goroutines(Listing l) {
        List<GoroutineInfo> shown = l.goroutines().stream().map(Texts::trimmed).toList();
        StringBuilder b = new StringBuilder();
        try {
            Dumps.text(b, new Listing(shown, l.matched(), l.total(), l.takenNanos()), true);
        } catch (IOException e) {
            throw new UncheckedIOException(e); // a StringBuilder does not throw it
        }
        return b.toString();
    }

    /** Leaked goroutines, alike ones together. */
    static String leaks(LeakReport r) {
        List<Leak> shown = r.leaks().stream().map(Texts::trimmed).toList();
        StringBuilder b = new StringBuilder();
        try {
            Dumps.leaks(
                    b,
                    new LeakReport(shown, List.of(), r.total(), r.checked(), 0, 0, r.psHeldUp()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return b.toString();
    }

    /** Circles of locks; {@code ""} if there are none. */
    static String cycles(List<WaitGraph.Cycle> cycles) {
        StringBuilder b = new StringBuilder();
        for (WaitGraph.Cycle c : cycles) {
            b.append("cycle:\n").append(c.text().indent(2)).append('\n');
        }
        return b.toString();
    }

    /** The first panic as a failure; the others are suppressed by it. Null if there are none. */
    static @Nullable AssertionError panics(List<TestScope.Panic> panics) {
        return first(
                panics.stream().map(p -> new AssertionError(p.report(), p.exception())).toList());
    }

    /** The first of several failures, which suppresses the others; null if there are none. */
    static @Nullable AssertionError first(List<AssertionError> failures) {
        for (AssertionError e : failures) {
            if (e != failures.getFirst()) {
                failures.getFirst().addSuppressed(e);
            }
        }
        return failures.isEmpty() ? null : failures.getFirst();
    }

    static String millis(long millis) {
        return Times.text(TimeUnit.MILLISECONDS.toNanos(millis));
    }

    private static GoroutineInfo trimmed(GoroutineInfo g) {
        boolean own = isOwn(g.site());
        return new GoroutineInfo(
                g.id(),
                g.state(),
                g.reason(),
                g.waitNanos(),
                g.object(),
                g.parent(),
                own ? null : g.site(),
                g.labels(),
                g.threadName(),
                g.threadId(),
                g.p(),
                g.adopted(),
                trimmed(g.stack()));
    }

    private static Leak trimmed(Leak l) {
        boolean own = isOwn(l.site());
        return new Leak(
                l.count(),
                l.reason(),
                l.objectKind(),
                own ? null : l.site(),
                l.labels(),
                l.oldestNanos(),
                l.goroutines(),
                trimmed(l.stack()),
                l.stackOf());
    }

    /** Whether that is where the goroutine of the test itself was started: in no code of users'. */
    private static boolean isOwn(@Nullable Frame site) {
        return site != null && site.function().startsWith(LOOP);
    }

    /** The stack without how this module and JUnit came to call the test. */
    private static List<Frame> trimmed(List<Frame> stack) {
        if (stack.isEmpty() || !stack.getLast().function().startsWith(LOOP)) {
            return stack;
        }
        int end = stack.size();
        while (end > 0 && isMachinery(stack.get(end - 1))) {
            end--;
        }
        return stack.subList(0, end);
    }

    private static boolean isMachinery(Frame f) {
        return MACHINERY.stream().anyMatch(f.function()::startsWith);
    }
}
