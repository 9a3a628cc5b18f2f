package dev.jenny.context;

import static dev.jenny.support.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.jenny.Chan;
import dev.jenny.Go;
import dev.jenny.GoRuntime;
import dev.jenny.Goroutine;
import dev.jenny.internal.sched.CancelHook;
import dev.jenny.internal.sched.SideWaiter;
import dev.jenny.internal.sched.WaitReason;
import dev.jenny.support.Fork;
import dev.jenny.support.Starved;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Functions that start when a context is done. */
@Timeout(60)
class ContextAfterFuncTest {
    private static final Context.Key<String> KEY = Context.Key.of("key");

    @ParameterizedTest
    @EnumSource
    void startsWhenCancelledInAGoroutineOfItsOwn(Fork.Kind kind) throws Exception {
        Fork.fork(
                        kind,
                        () -> {
                            Context c = Context.background().withCancel();
                            Chan<Goroutine> who = Chan.make(2);
                            Context.AfterFunc f = c.afterFunc(() -> who.send(Go.current()));
                            assertThat(who.tryRecv()).isNull();
                            c.cancel();
                            Goroutine g = who.recv();
                            assertThat(g).isNotNull().isNotEqualTo(Go.current());
                            g.join();
                            c.cancel();
                            assertThat(who.tryRecv()).as("once").isNull();
                            assertThat(f.stop()).isFalse();
                        })
                .join();
    }

    @Test
    void startsWhenAContextAboveIsDone() throws Exception {
        Context c = Context.background().withCancel();
        Chan<String> ran = Chan.make(2);
        c.withValue(KEY, "v").afterFunc(() -> ran.send("value"));
        c.withCancel().afterFunc(() -> ran.send("child"));
        c.cancel();
        assertThat(ran.recv()).isIn("value", "child");
        assertThat(ran.recv()).isIn("value", "child");
    }

    @Test
    void startsWhenTheDeadlinePasses() throws Exception {
        Context c = Context.background().withTimeout(Duration.ofMillis(2));
        Chan<Throwable> ran = Chan.make();
        c.afterFunc(() -> ran.send(c.err()));
        assertThat(ran.recv()).isInstanceOf(DeadlineExceededException.class);
    }

    @Test
    void startsAtOnceIfTheContextIsDone() throws Exception {
        Context c = Context.background().withCancel();
        c.cancel();
        Chan<String> ran = Chan.make();
        Context.AfterFunc f = c.afterFunc(() -> ran.send("ran"));
        assertThat(ran.recv()).isEqualTo("ran");
        assertThat(f.stop()).isFalse();
    }

    @Test
    void seesTheContextDone() throws Exception {
        for (int i = 0; i < 200; i++) {
            Context c = Context.background().withCancel();
            IOException cause = new IOException();
            Chan<Boolean> seen = Chan.make();
            c.afterFunc(() -> seen.send(c.cause() == cause && c.done().isDrained()));
            c.cancel(cause);
            assertThat(seen.recv()).isTrue();
        }
    }

    @Test
    void stopPreventsIt() throws Exception {
        Context c = Context.background().withCancel();
        AtomicInteger runs = new AtomicInteger();
        Context.AfterFunc stopped = c.afterFunc(runs::incrementAndGet);
        Chan<String> ran = Chan.make();
        c.afterFunc(() -> ran.send("the other"));
        assertThat(stopped.stop()).isTrue();
        assertThat(stopped.stop()).isFalse();
        c.cancel();
        assertThat(ran.recv()).isEqualTo("the other");
        assertThat(stopped.stop()).isFalse();
        assertThat(runs).hasValue(0);
    }

    @Test
    void stopDoesNotWaitForOneThatRuns() throws Exception {
        Context c = Context.background().withCancel();
        Chan<String> running = Chan.make();
        Chan<String> end = Chan.make();
        Context.AfterFunc f =
                c.afterFunc(() -> {
                    running.send("running");
                    end.recv();
                });
        c.cancel();
        running.recv();
        assertThat(f.stop()).isFalse();
        end.close();
    }

    @Test
    void cancelDoesNotWaitForIt() throws Exception {
        Context c = Context.background().withCancel();
        Chan<String> end = Chan.make();
        c.afterFunc(end::recv);
        c.cancel();
        end.send("cancel has returned");
    }

    @Test
    void neverOnAContextThatIsNeverDone() {
        AtomicInteger runs = new AtomicInteger();
        Context.AfterFunc f = Context.background().afterFunc(runs::incrementAndGet);
        assertThat(f.stop()).isTrue();
        assertThat(f.stop()).isFalse();
        Context c = Context.background().withCancel();
        f = c.withoutCancel().afterFunc(runs::incrementAndGet);
        c.cancel();
        assertThat(f.stop()).isTrue();
        assertThat(runs).hasValue(0);
    }

    @Test
    void anExceptionIsAPanicAndTheOthersRun() throws Exception {
        Chan<Throwable> panics = Chan.make(1);
        GoRuntime.onPanic((g, e) -> panics.trySend(e));
        try {
            Context c = Context.background().withCancel();
            IOException e = new IOException("on purpose");
            Chan<String> ran = Chan.make();
            c.afterFunc(() -> {
                throw e;
            });
            c.afterFunc(() -> ran.send("ran"));
            c.cancel();
            assertThat(ran.recv()).isEqualTo("ran");
            assertThat(panics.recv()).isSameAs(e);
        } finally {
            GoRuntime.onPanic(null);
        }
    }

    /** The pattern of Go's documentation: a done context ends a wait of another kind. */
    @Test
    void mayInterruptABlockedGoroutine() throws Exception {
        Context c = Context.background().withCancel();
        Chan<String> never = Chan.make();
        Chan<String> result = Chan.make();
        Goroutine g =
                Go.go(() -> {
                    String r;
                    try {
                        r = never.recv();
                    } catch (InterruptedException e) {
                        r = "interrupted";
                    }
                    result.send(r);
                });
        c.afterFunc(() -> g.thread().interrupt());
        c.cancel();
        assertThat(result.recv()).isEqualTo("interrupted");
    }

    /** Whatever the interleaving: stop says true, or the function runs, never both. */
    @Test
    void stopAgainstCancel() throws Exception {
        for (int i = 0; i < 500; i++) {
            Context c = Context.background().withCancel();
            AtomicInteger runs = new AtomicInteger();
            AtomicInteger stops = new AtomicInteger();
            Context.AfterFunc[] fs = new Context.AfterFunc[8];
            for (int j = 0; j < fs.length; j++) {
                fs[j] = c.afterFunc(runs::incrementAndGet);
            }
            Fork cancel = Fork.fork(Fork.Kind.GOROUTINE, c::cancel);
            Fork stop =
                    Fork.fork(
                            Fork.Kind.GOROUTINE,
                            () -> {
                                for (Context.AfterFunc f : fs) {
                                    if (f.stop()) {
                                        stops.incrementAndGet();
                                    }
                                }
                            });
            cancel.join();
            stop.join();
            eventually(() -> runs.get() + stops.get() == fs.length);
        }
    }

    /** Who stops one in a finally block has something to lose: permits of a semaphore, say. */
    @Test
    void toStopItTakesNoMemory() {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        Context c = Context.background().withCancel();
        List<Context.AfterFunc> hooks = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            hooks.add(c.afterFunc(() -> {}));
        }
        hooks.get(0).stop(); // loads what it needs
        long before = threads.getCurrentThreadAllocatedBytes();
        for (int i = 1; i < 100; i++) {
            hooks.get(i).stop();
        }
        assertThat(threads.getCurrentThreadAllocatedBytes() - before).isZero();
    }

    @Test
    void startsOnceThereIsMemoryForTheGoroutine() throws Exception {
        Context c = Context.background().withCancel();
        Context behind = c.withCancel();
        Chan<Map<String, String>> ran = Chan.make(2);
        Context.AfterFunc f = c.afterFunc(() -> ran.send(Go.labels()));
        AtomicInteger tries = new AtomicInteger();
        Starved.run(
                () -> Go.withLabels(Map.of("by", "canceller"), c::cancel),
                () -> tries.getAndIncrement() == 0);
        assertThat(tries.get()).as("it has been short of memory").isPositive();
        assertThat(behind.err()).isNotNull();
        assertThat(f.stop()).as("it will have started").isFalse();
        assertThat(ran.recv()).containsEntry("by", "canceller");
    }

    /** So it may wake the goroutine that registers it. */
    @ParameterizedTest
    @EnumSource
    void aHookOfOurOwnRunsOnWhoeverEndsTheContextOrFindsItDone(Fork.Kind kind) throws Exception {
        Fork.fork(
                        kind,
                        () -> {
                            Context c = Context.background().withCancel();
                            SideWaiter early = new SideWaiter();
                            CancelHook wakeEarly = early::ready;
                            c.afterFunc(wakeEarly);
                            c.cancel();
                            assertThat(early.isReady()).isTrue();
                            SideWaiter late = new SideWaiter();
                            CancelHook wakeLate = late::ready;
                            c.afterFunc(wakeLate);
                            late.awaitUninterruptibly(WaitReason.SEMACQUIRE, c);
                        })
                .join();
    }
}
