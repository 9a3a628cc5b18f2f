package dev.jenny.sync;

import static dev.jenny.support.Eventually.eventually;
import static dev.jenny.support.Fork.fork;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jenny.Go;
import dev.jenny.context.CancelledException;
import dev.jenny.context.Context;
import dev.jenny.support.Fork;
import dev.jenny.support.Fork.Kind;
import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(60)
class ErrGroupTest {
    private final ErrGroup group = new ErrGroup();
    private final CountDownLatch goOn = new CountDownLatch(1);

    @Test
    void awaitWaitsForAllAndReturnsIfNoneFailed() throws Exception {
        AtomicInteger n = new AtomicInteger();
        for (int i = 0; i < 100; i++) {
            group.go(n::incrementAndGet);
        }
        group.await();
        assertThat(n.get()).isEqualTo(100);
        group.await();
        new ErrGroup().await();
    }

    @Test
    void awaitThrowsTheFirstErrorAfterAllHaveEnded() throws Exception {
        IOException first = new IOException("first");
        AtomicInteger ended = new AtomicInteger();
        group.go(() -> {
            throw first;
        });
        eventually(() -> group.active() == 0);
        group.go(() -> {
            ended.incrementAndGet();
            throw new IllegalStateException("second");
        });
        group.go(ended::incrementAndGet);
        assertThatThrownBy(group::await).isSameAs(first);
        assertThat(ended.get()).isEqualTo(2);
    }

    @Test
    void anErrorCountsAsTheTasksErrorAndIsNoPanic() {
        AssertionError boom = new AssertionError("boom");
        group.go(() -> {
            throw boom;
        });
        assertThatThrownBy(group::await).isSameAs(boom);
    }

    @Test
    void anInterruptedTaskIsNotTakenForAnInterruptedCaller() {
        InterruptedException e = new InterruptedException();
        group.go(() -> {
            throw e;
        });
        assertThatThrownBy(group::await).isInstanceOf(ExecutionException.class).hasCause(e);
    }

    @Test
    void goexitEndsATaskWithoutError() throws Exception {
        group.setLimit(1);
        group.go(Go::goexit);
        group.go(Go::goexit);
        group.await();
    }

    @Test
    void theFirstErrorCancelsTheContextWithItselfAsTheCause() throws Exception {
        IOException boom = new IOException("boom");
        try (Context parent = Context.background().withCancel()) {
            ErrGroup g = ErrGroup.withContext(parent);
            g.go(() -> {
                assertThat(g.context().done().recv()).isNull();
                assertThat(g.context().cause()).isSameAs(boom);
                throw new IllegalStateException("later");
            });
            g.go(() -> {
                throw boom;
            });
            assertThatThrownBy(g::await).isSameAs(boom);
            assertThat(g.context().err()).isInstanceOf(CancelledException.class);
            assertThat(g.context().cause()).isSameAs(boom);
            assertThat(parent.err()).isNull();
        }
    }

    @Test
    void awaitCancelsTheContextInTheEnd() throws Exception {
        ErrGroup g = ErrGroup.withContext(Context.background());
        g.go(() -> assertThat(g.context().err()).isNull());
        g.await();
        assertThat(g.context().err()).isInstanceOf(CancelledException.class);
        assertThat(g.context().cause()).isSameAs(g.context().err());
    }

    @Test
    void cancellingTheParentReachesTheTasks() throws Exception {
        Context parent = Context.background().withCancel();
        ErrGroup g = ErrGroup.withContext(parent);
        g.go(() -> {
            g.context().done().recv();
            g.context().throwIfDone();
        });
        parent.cancel();
        assertThatThrownBy(g::await).isInstanceOf(CancelledException.class);
    }

    @Test
    void withoutContextThereIsTheBackground() {
        assertThat(group.context()).isSameAs(Context.background());
    }

    @Test
    void theLimitIsNeverExceeded() throws Exception {
        int limit = 3;
        group.setLimit(limit);
        AtomicInteger active = new AtomicInteger();
        AtomicInteger max = new AtomicInteger();
        for (int i = 0; i < 500; i++) {
            group.go(() -> {
                max.accumulateAndGet(active.incrementAndGet(), Math::max);
                Thread.yield();
                active.decrementAndGet();
            });
        }
        group.await();
        assertThat(max.get()).isBetween(1, limit);
    }

    @ParameterizedTest
    @EnumSource
    void goWaitsAtTheLimit(Kind kind) throws Exception {
        group.setLimit(1);
        AtomicInteger started = new AtomicInteger();
        group.go(goOn::await);
        Fork second =
                fork(
                                kind,
                                () -> {
                                    group.go(started::incrementAndGet);
                                    assertThat(Thread.interrupted()).isTrue();
                                })
                        .parked();
        second.interrupt(); // is kept for later
        assertThat(started.get()).isZero();
        goOn.countDown();
        second.join();
        group.await();
        assertThat(started.get()).isEqualTo(1);
    }

    @Test
    void tryGoStartsOnlyBelowTheLimit() throws Exception {
        group.setLimit(2);
        assertThat(group.tryGo(goOn::await)).isTrue();
        assertThat(group.tryGo(goOn::await)).isTrue();
        assertThat(group.tryGo(goOn::await)).isFalse();
        goOn.countDown();
        group.await();
        assertThat(group.tryGo(() -> {})).isTrue();
        group.await();
        group.setLimit(0);
        assertThat(group.tryGo(() -> {})).isFalse();
        group.setLimit(-1);
        for (int i = 0; i < 100; i++) {
            assertThat(group.tryGo(() -> {})).isTrue();
        }
        group.await();
    }

    @Test
    void theLimitCannotBeChangedWhileGoroutinesAreActive() throws Exception {
        group.setLimit(5);
        group.go(goOn::await);
        group.go(goOn::await);
        assertThatThrownBy(() -> group.setLimit(3))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage(
                        "errgroup: modify limit while 2 goroutines in the group are still active");
        goOn.countDown();
        group.await();
        group.setLimit(3);
    }

    @ParameterizedTest
    @EnumSource
    void anInterruptedAwaitLeavesTheGroupAsItIs(Kind kind) throws Exception {
        ErrGroup g = ErrGroup.withContext(Context.background());
        g.go(goOn::await);
        Fork waiter =
                fork(
                                kind,
                                () ->
                                        assertThatThrownBy(g::await)
                                                .isInstanceOf(InterruptedException.class))
                        .parked();
        waiter.interrupt();
        waiter.join();
        assertThat(g.context().err()).isNull();
        goOn.countDown();
        g.await();
    }

    @Test
    void nullTasksAreRefused() throws Exception {
        group.setLimit(1);
        assertThatThrownBy(() -> group.go(null)).isInstanceOf(NullPointerException.class);
        assertThatThrownBy(() -> group.tryGo(null)).isInstanceOf(NullPointerException.class);
        group.go(() -> {});
        group.await();
    }

    @Test
    void whatCannotBeCountedGivesItsPlaceBack() throws Exception {
        ErrGroup group = new ErrGroup();
        group.setLimit(1);
        group.running.add(Integer.MAX_VALUE);
        assertThatThrownBy(() -> group.go(() -> {})).isInstanceOf(IllegalStateException.class);
        group.running.add(-Integer.MAX_VALUE);
        assertThat(group.tryGo(() -> {})).isTrue();
        group.await();
    }
}
