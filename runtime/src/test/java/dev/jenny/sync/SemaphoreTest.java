package dev.jenny.sync;

import static dev.jenny.support.Fork.fork;
import static dev.jenny.support.Fork.forks;
import static dev.jenny.support.Fork.joinAll;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jenny.context.CancelledException;
import dev.jenny.context.Context;
import dev.jenny.context.DeadlineExceededException;
import dev.jenny.support.Fork;
import dev.jenny.support.Fork.Kind;
import dev.jenny.support.Starved;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(60)
class SemaphoreTest {
    @Test
    void countsPermits() throws Exception {
        Semaphore s = new Semaphore(3);
        s.acquire();
        s.acquire(2);
        assertThat(s.tryAcquire()).isFalse();
        assertThat(s.tryAcquire(0)).isTrue();
        s.release(3);
        assertThat(s.tryAcquire(4)).isFalse();
        assertThat(s.tryAcquire(3)).isTrue();
        assertThat(s).hasToString("sync.Semaphore[3 of 3 held]");
    }

    @Test
    void releasingMoreThanHeldIsRefusedAndChangesNothing() {
        Semaphore s = new Semaphore(2);
        assertThatThrownBy(s::release)
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("semaphore: released more than held");
        assertThat(s.tryAcquire()).isTrue();
        assertThatThrownBy(() -> s.release(2)).hasMessage("semaphore: released more than held");
        assertThat(s.tryAcquire(2)).isFalse();
        s.release();
        assertThat(s.tryAcquire(2)).isTrue();
    }

    @Test
    void negativeNumbersAreRefused() {
        Semaphore s = new Semaphore(1);
        assertThatThrownBy(() -> s.acquire(-1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> s.tryAcquire(-1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> s.release(-1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Semaphore(-1)).isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @EnumSource
    void neverLetsInMoreThanItsSize(Kind kind) throws Exception {
        int size = 4;
        Semaphore s = new Semaphore(size);
        AtomicLong held = new AtomicLong();
        joinAll(
                forks(
                        kind,
                        8,
                        () -> {
                            for (int i = 0; i < 1_000; i++) {
                                long n = ThreadLocalRandom.current().nextLong(size + 1);
                                if (i % 3 != 0 || !s.tryAcquire(n)) {
                                    s.acquire(n);
                                }
                                assertThat(held.addAndGet(n)).isLessThanOrEqualTo(size);
                                if (i % 10 == 0) {
                                    Thread.yield();
                                }
                                held.addAndGet(-n);
                                s.release(n);
                            }
                        }));
        assertThat(s.tryAcquire(size)).isTrue();
    }

    @ParameterizedTest
    @EnumSource
    void aSmallRequestDoesNotOvertakeABigOne(Kind kind) throws Exception {
        Semaphore s = new Semaphore(3);
        s.acquire(2);
        List<String> order = new ArrayList<>();
        Fork big =
                fork(
                                kind,
                                () -> {
                                    s.acquire(3);
                                    order.add("big");
                                    s.release(3);
                                })
                        .blockedOn(s);
        assertThat(s.tryAcquire()).isFalse(); // one is free, but somebody waits
        Fork small =
                fork(
                                kind,
                                () -> {
                                    s.acquire();
                                    order.add("small");
                                    s.release();
                                })
                        .blockedOn(s);
        s.release(2);
        big.join();
        small.join();
        assertThat(order).containsExactly("big", "small");
    }

    @ParameterizedTest
    @EnumSource
    void oneReleaseServesAllThatFit(Kind kind) throws Exception {
        Semaphore s = new Semaphore(5);
        s.acquire(5);
        List<Fork> fit = List.of(waiter(kind, s, 1), waiter(kind, s, 2), waiter(kind, s, 1));
        Fork tooBig = waiter(kind, s, 2);
        Fork behind = waiter(kind, s, 1);
        s.release(5);
        joinAll(fit);
        tooBig.blockedOn(s);
        behind.blockedOn(s);
        s.release(1);
        tooBig.join();
        behind.blockedOn(s);
        s.release(1);
        behind.join();
        assertThat(s).hasToString("sync.Semaphore[5 of 5 held]");
    }

    @ParameterizedTest
    @EnumSource
    void anInterruptedRequestMakesWayForThoseBehindIt(Kind kind) throws Exception {
        Semaphore s = new Semaphore(2);
        s.acquire();
        Fork big =
                fork(
                                kind,
                                () ->
                                        assertThatThrownBy(() -> s.acquire(2))
                                                .isInstanceOf(InterruptedException.class))
                        .blockedOn(s);
        Fork small = waiter(kind, s, 1);
        big.interrupt();
        big.join();
        small.join();
        s.release(2);
        assertThat(s.tryAcquire(2)).isTrue();
    }

    @ParameterizedTest
    @EnumSource
    void aRequestForMoreThanTheSizeWaitsUntilCancelledAndKeepsNobodyWaiting(Kind kind)
            throws Exception {
        Semaphore s = new Semaphore(2);
        assertThat(s.tryAcquire(3)).isFalse();
        Fork doomed =
                fork(
                                kind,
                                () ->
                                        assertThatThrownBy(() -> s.acquire(3))
                                                .isInstanceOf(InterruptedException.class))
                        .blockedOn(s);
        Context ctx = Context.background().withCancel();
        Fork doomedByContext =
                fork(
                                kind,
                                () ->
                                        assertThatThrownBy(() -> s.acquire(ctx, 4))
                                                .isInstanceOf(CancelledException.class))
                        .blockedOn(s);
        assertThat(s.tryAcquire(2)).isTrue();
        s.release(2);
        assertThat(s.tryAcquire(3, Duration.ofMillis(5))).isFalse();
        doomed.interrupt();
        doomed.join();
        ctx.cancel();
        doomedByContext.join();
    }

    @ParameterizedTest
    @EnumSource
    void timedRequestsGiveUpOrSucceed(Kind kind) throws Exception {
        Semaphore s = new Semaphore(1);
        s.acquire();
        fork(
                        kind,
                        () -> {
                            assertThat(s.tryAcquire(1, Duration.ofMillis(5))).isFalse();
                            assertThat(s.tryAcquire(1, Duration.ZERO)).isFalse();
                        })
                .join();
        Fork waiter =
                fork(kind, () -> assertThat(s.tryAcquire(1, Duration.ofHours(1))).isTrue())
                        .blockedOn(s);
        s.release();
        waiter.join();
        s.release();
        assertThat(s.tryAcquire()).isTrue();
    }

    @Test
    void interruptedThreadsAreRefusedEvenIfPermitsAreFree() {
        Semaphore s = new Semaphore(1);
        Thread.currentThread().interrupt();
        assertThatThrownBy(s::acquire).isInstanceOf(InterruptedException.class);
        Thread.currentThread().interrupt();
        assertThatThrownBy(() -> s.tryAcquire(1, Duration.ofDays(1)))
                .isInstanceOf(InterruptedException.class);
        assertThat(s.tryAcquire()).isTrue();
    }

    @ParameterizedTest
    @EnumSource
    void cancellingTheContextEndsTheWait(Kind kind) throws Exception {
        Semaphore s = new Semaphore(2);
        s.acquire();
        Context ctx = Context.background().withCancel();
        IllegalStateException cause = new IllegalStateException("why");
        Fork waiter =
                fork(
                                kind,
                                () ->
                                        assertThatThrownBy(() -> s.acquire(ctx, 2))
                                                .isInstanceOf(CancelledException.class)
                                                .hasCause(cause))
                        .blockedOn(s);
        Fork behind = waiter(kind, s, 1);
        ctx.cancel(cause);
        waiter.join();
        behind.join();
        assertThat(s).hasToString("sync.Semaphore[2 of 2 held]");
    }

    @ParameterizedTest
    @EnumSource
    void cancellingTheContextEndsTheWaitAlthoughThereIsNoMemoryForAGoroutine(Kind kind)
            throws Exception {
        Semaphore s = new Semaphore(1);
        s.acquire();
        Context ctx = Context.background().withCancel();
        Fork waiter =
                fork(
                                kind,
                                () ->
                                        assertThatThrownBy(() -> s.acquire(ctx, 1))
                                                .isInstanceOf(CancelledException.class))
                        .blockedOn(s);
        Starved.run(ctx::cancel, () -> true);
        waiter.join();
    }

    @ParameterizedTest
    @EnumSource
    void aContextThatIsDoneBeforeThePermitsAreFreeWins(Kind kind) throws Exception {
        for (int i = 0; i < 100; i++) { // the function that takes it out of the queue may be first
            Semaphore s = new Semaphore(1);
            s.acquire();
            Context ctx = Context.background().withCancel();
            Fork waiter =
                    fork(
                                    kind,
                                    () ->
                                            assertThatThrownBy(() -> s.acquire(ctx, 1))
                                                    .isInstanceOf(CancelledException.class))
                            .blockedOn(s);
            ctx.cancel();
            s.release();
            waiter.join();
            assertThat(s.tryAcquire()).isTrue();
        }
    }

    @Test
    void aContextThatIsDoneWinsOverFreePermits() throws Exception {
        Semaphore s = new Semaphore(2);
        Context ctx = Context.background().withTimeout(Duration.ZERO);
        assertThatThrownBy(() -> s.acquire(ctx, 1)).isInstanceOf(DeadlineExceededException.class);
        assertThat(s.tryAcquire(2)).isTrue();
        s.release(2);
        s.acquire(Context.background(), 2);
        assertThat(s.tryAcquire()).isFalse();
    }

    @ParameterizedTest
    @EnumSource
    void grantsThatRaceWithInterruptsAndCancellationsAreNotLost(Kind kind) throws Exception {
        for (int i = 0; i < 300; i++) {
            boolean withContext = i % 2 == 0;
            Semaphore s = new Semaphore(1);
            s.acquire();
            Context ctx = Context.background().withCancel();
            boolean[] got = {false};
            Fork waiter =
                    fork(
                                    kind,
                                    () -> {
                                        try {
                                            if (withContext) {
                                                s.acquire(ctx, 1);
                                            } else {
                                                s.acquire();
                                            }
                                            got[0] = true;
                                        } catch (InterruptedException | CancelledException e) {
                                            // nothing taken
                                        }
                                    })
                            .blockedOn(s);
            Fork releaser = fork(kind, s::release);
            if (withContext) {
                ctx.cancel();
            } else {
                waiter.interrupt();
            }
            releaser.join();
            waiter.join();
            assertThat(s.tryAcquire()).isEqualTo(!got[0]);
        }
    }

    private static Fork waiter(Kind kind, Semaphore s, long n) {
        return fork(kind, () -> s.acquire(n)).blockedOn(s);
    }
}
