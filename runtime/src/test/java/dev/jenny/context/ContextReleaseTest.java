package dev.jenny.context;

import static dev.jenny.context.ContextTreeTest.assertCancelled;
import static dev.jenny.support.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.jenny.GoRuntime;
import dev.jenny.internal.sched.Runtimes;
import java.lang.ref.Reference;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A context that is done leaves nothing behind; large trees. */
@Timeout(60)
class ContextReleaseTest {
    private static final Context.Key<String> KEY = Context.Key.of("key");
    private static final Duration LONG = Duration.ofHours(1);

    @Test
    void aCancelledDeadlineLeavesNoTimer() {
        int before = Runtimes.timers();
        List<Context> contexts = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            contexts.add(Context.background().withTimeout(LONG));
        }
        assertThat(Runtimes.timers()).isEqualTo(before + 100);
        contexts.forEach(Context::cancel);
        assertThat(Runtimes.timers()).isEqualTo(before);
    }

    @Test
    void aDeadlineBelowACancelledContextLeavesNoTimer() {
        int before = Runtimes.timers();
        Context parent = Context.background().withCancel();
        for (int i = 0; i < 100; i++) {
            parent.withValue(KEY, "v").withTimeout(LONG);
        }
        assertThat(Runtimes.timers()).isEqualTo(before + 100);
        parent.cancel();
        assertThat(Runtimes.timers()).isEqualTo(before);
        parent.withTimeout(LONG);
        assertThat(Runtimes.timers()).as("the parent is done").isEqualTo(before);
    }

    @Test
    void aDeadlineThatIsNotTheEarliestNeedsNoTimer() {
        int before = Runtimes.timers();
        try (Context parent = Context.background().withTimeout(LONG)) {
            parent.withTimeout(LONG.multipliedBy(2));
            assertThat(Runtimes.timers()).isEqualTo(before + 1);
        }
        Context.background().withTimeout(Duration.ZERO);
        assertThat(Runtimes.timers()).isEqualTo(before);
    }

    @Test
    void aDeadlineThatHasPassedLeavesNoTimer() throws Exception {
        int before = Runtimes.timers();
        Context.background().withTimeout(Duration.ofMillis(2)).done().recv();
        assertThat(Runtimes.timers()).isEqualTo(before);
    }

    @Test
    void noGoroutineWatches() {
        // others may end meanwhile, none may come
        int before = GoRuntime.numGoroutine();
        List<Context> contexts = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            Context c = Context.background().withTimeout(LONG).withValue(KEY, "v").withCancel();
            c.afterFunc(() -> {});
            contexts.add(c);
        }
        assertThat(GoRuntime.numGoroutine()).isLessThanOrEqualTo(before);
        contexts.forEach(Context::cancel);
        eventually(() -> GoRuntime.numGoroutine() <= before);
    }

    @Test
    void theParentLetsGoOfADoneChild() {
        Context parent = Context.background().withCancel();
        isCollected(() -> {
            Context c = parent.withCancel();
            c.cancel();
            return c.node;
        });
        isCollected(() -> {
            Context c = parent.withTimeout(LONG);
            c.withCancel().withCancel();
            c.close();
            return c.node;
        });
        isCollected(() -> {
            Context c = parent.withTimeout(Duration.ofMillis(1));
            try {
                c.done().recv();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
            return c.node;
        });
        isCollected(() -> parent.withTimeout(Duration.ZERO).node);
        Reference.reachabilityFence(parent);
    }

    @Test
    void theParentLetsGoOfAStoppedFunction() {
        Context parent = Context.background().withCancel();
        isCollected(() -> {
            AtomicInteger captured = new AtomicInteger();
            Context.AfterFunc f = parent.afterFunc(captured::incrementAndGet);
            f.stop();
            return captured;
        });
        Reference.reachabilityFence(parent);
    }

    /** The order in which children leave must not matter to those that stay. */
    @Test
    void childrenMayLeaveInAnyOrder() throws Exception {
        Context parent = Context.background().withCancel();
        List<Context> all = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            all.add(parent.withCancel());
        }
        for (int i : new int[] {0, 9, 4, 5, 1}) {
            all.get(i).cancel();
        }
        for (int i : new int[] {2, 3, 6, 7, 8}) {
            ContextTreeTest.assertNotDone(all.get(i));
        }
        isCollected(() -> {
            Context c = parent.withCancel();
            c.cancel();
            return c.node;
        });
        parent.cancel();
        assertCancelled(all.toArray(new Context[0]));
    }

    @Test
    void aWideTree() throws Exception {
        Context parent = Context.background().withCancel();
        Context[] children = new Context[100_000];
        for (int i = 0; i < children.length; i++) {
            children[i] = i % 2 == 0 ? parent.withCancel() : children[i - 1].withValue(KEY, "v");
        }
        parent.cancel();
        assertCancelled(children);
    }

    /** Deeper than any stack: cancellation does not recurse. */
    @Test
    void aDeepTree() throws Exception {
        Context root = Context.background().withCancel();
        Context c = root;
        Context beside = c;
        for (int i = 0; i < 100_000; i++) {
            beside = c.withCancel();
            c = c.withCancel();
        }
        root.cancel();
        assertCancelled(c, beside);
    }

    private static void isCollected(Supplier<Object> make) {
        WeakReference<Object> ref = new WeakReference<>(make.get());
        eventually(() -> {
            System.gc();
            return ref.get() == null;
        });
    }
}
