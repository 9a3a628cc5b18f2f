package dev.jenny.sync;

import static dev.jenny.support.Eventually.eventually;
import static dev.jenny.support.Fork.fork;
import static dev.jenny.support.Fork.joinAll;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jenny.Go;
import dev.jenny.support.Fork;
import dev.jenny.support.Fork.Kind;
import dev.jenny.support.Starved;
import dev.jenny.sync.SingleFlight.Result;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(60)
class SingleFlightTest {
    private final SingleFlight<String, String> flight = new SingleFlight<>();
    private final AtomicInteger calls = new AtomicInteger();
    private final CountDownLatch goOn = new CountDownLatch(1);

    /** Counts the call, and stays in it until {@code goOn}. */
    private String slow() throws InterruptedException {
        int n = calls.incrementAndGet();
        goOn.await();
        return "v" + n;
    }

    @Test
    void runReturnsTheResultAndIsNotACache() throws Exception {
        assertThat(flight.run("k", () -> "v" + calls.incrementAndGet())).isEqualTo("v1");
        assertThat(flight.run("k", () -> "v" + calls.incrementAndGet())).isEqualTo("v2");
        assertThat(flight.runShared("k", () -> null)).isEqualTo(new Result<>(null, false));
    }

    @Test
    void anExceptionReachesTheCaller() throws Exception {
        IOException boom = new IOException("boom");
        assertThatThrownBy(() ->
                        flight.run(
                                "k",
                                () -> {
                                    throw boom;
                                }))
                .isSameAs(boom);
        assertThat(flight.run("k", () -> "fine again")).isEqualTo("fine again");
    }

    @ParameterizedTest
    @EnumSource
    void thoseWhoAskMeanwhileShareTheResult(Kind kind) throws Exception {
        List<Fork> all = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            all.add(
                    fork(
                            kind,
                            () ->
                                    assertThat(flight.runShared("k", this::slow))
                                            .isEqualTo(new Result<>("v1", true))));
            all.getLast().parked();
        }
        Fork other = fork(kind, () -> assertThat(flight.run("other", () -> "o")).isEqualTo("o"));
        other.join(); // another key does not wait
        goOn.countDown();
        joinAll(all);
        assertThat(calls.get()).isEqualTo(1);
    }

    @ParameterizedTest
    @EnumSource
    void anExceptionReachesEverybodyWhoWaits(Kind kind) throws Exception {
        AssertionError boom = new AssertionError("boom");
        Callable<String> failing =
                () -> {
                    slow();
                    throw boom;
                };
        Fork first =
                fork(kind, () -> assertThatThrownBy(() -> flight.run("k", failing)).isSameAs(boom))
                        .parked();
        Fork second =
                fork(kind, () -> assertThatThrownBy(() -> flight.run("k", failing)).isSameAs(boom))
                        .blockedOn(flight);
        Future<Result<String>> future = flight.async("k", failing);
        goOn.countDown();
        first.join();
        second.join();
        assertThatThrownBy(() -> future.get(10, TimeUnit.SECONDS))
                .isInstanceOf(ExecutionException.class)
                .hasCause(boom);
        assertThat(calls.get()).isEqualTo(1);
    }

    @ParameterizedTest
    @EnumSource
    void anInterruptOfTheCallIsNotTakenForOneOfThoseWhoWait(Kind kind) throws Exception {
        Fork first =
                fork(
                                kind,
                                () ->
                                        assertThatThrownBy(() -> flight.run("k", this::slow))
                                                .isInstanceOf(InterruptedException.class))
                        .parked();
        Fork second =
                fork(
                                kind,
                                () ->
                                        assertThatThrownBy(() -> flight.run("k", this::slow))
                                                .isInstanceOf(ExecutionException.class)
                                                .hasCauseInstanceOf(InterruptedException.class))
                        .blockedOn(flight);
        first.interrupt();
        first.join();
        second.join();
    }

    @ParameterizedTest
    @EnumSource
    void anInterruptedWaiterLeavesWithoutDisturbingTheCall(Kind kind) throws Exception {
        Fork first =
                fork(kind, () -> assertThat(flight.run("k", this::slow)).isEqualTo("v1")).parked();
        Fork second =
                fork(
                                kind,
                                () ->
                                        assertThatThrownBy(() -> flight.run("k", this::slow))
                                                .isInstanceOf(InterruptedException.class))
                        .blockedOn(flight);
        second.interrupt();
        second.join();
        assertThat(first.hasEnded()).isFalse();
        goOn.countDown();
        first.join();
    }

    @ParameterizedTest
    @EnumSource
    void forgetMakesTheNextCallerCallAnew(Kind kind) throws Exception {
        Fork first =
                fork(kind, () -> assertThat(flight.run("k", this::slow)).isEqualTo("v1")).parked();
        flight.forget("k");
        Fork second =
                fork(kind, () -> assertThat(flight.run("k", this::slow)).isEqualTo("v2")).parked();
        Fork third =
                fork(kind, () -> assertThat(flight.run("k", this::slow)).isEqualTo("v2"))
                        .blockedOn(flight);
        goOn.countDown(); // the end of the forgotten call must not end the second
        joinAll(List.of(first, second, third));
        assertThat(calls.get()).isEqualTo(2);
        flight.forget("nobody asked for this");
    }

    @ParameterizedTest
    @EnumSource
    void theEndOfAForgottenCallLeavesTheNextCallAlone(Kind kind) throws Exception {
        CountDownLatch endFirst = new CountDownLatch(1);
        Fork first =
                fork(
                                kind,
                                () ->
                                        flight.run(
                                                "k",
                                                () -> {
                                                    endFirst.await();
                                                    return "forgotten";
                                                }))
                        .parked();
        flight.forget("k");
        Fork second =
                fork(kind, () -> assertThat(flight.run("k", this::slow)).isEqualTo("v1")).parked();
        endFirst.countDown();
        first.join();
        Fork third =
                fork(kind, () -> assertThat(flight.run("k", this::slow)).isEqualTo("v1"))
                        .blockedOn(flight);
        goOn.countDown();
        joinAll(List.of(second, third));
    }

    @ParameterizedTest
    @EnumSource
    void whoIsInterruptedHasNotSharedTheResult(Kind kind) throws Exception {
        Fork first =
                fork(
                                kind,
                                () ->
                                        assertThat(flight.runShared("k", this::slow))
                                                .isEqualTo(new Result<>("v1", false)))
                        .parked();
        Fork second =
                fork(
                                kind,
                                () ->
                                        assertThatThrownBy(() -> flight.run("k", this::slow))
                                                .isInstanceOf(InterruptedException.class))
                        .blockedOn(flight);
        second.interrupt();
        second.join();
        goOn.countDown();
        first.join();
    }

    /** These two are what a CompletableFuture takes for something else. */
    @Test
    void theFutureFailsWithWhatTheCallThrew() throws Exception {
        for (RuntimeException thrown :
                List.of(
                        new CancellationException("of another future"),
                        new CompletionException(new IOException("within")))) {
            Future<Result<String>> future =
                    flight.async(
                            "k",
                            () -> {
                                throw thrown;
                            });
            assertThatThrownBy(() -> future.get(10, TimeUnit.SECONDS))
                    .isInstanceOf(ExecutionException.class)
                    .cause()
                    .isSameAs(thrown);
            assertThat(future.isCancelled()).isFalse();
            assertThat(future.state()).isEqualTo(Future.State.FAILED);
            assertThat(future.exceptionNow()).isSameAs(thrown);
        }
    }

    @Test
    void asyncSharesToo() throws Exception {
        Future<Result<String>> a = flight.async("k", this::slow);
        Future<Result<String>> b = flight.async("k", this::slow);
        Future<Result<String>> cancelled = flight.async("k", this::slow);
        Fork waiter =
                fork(
                                Kind.PLATFORM,
                                () ->
                                        assertThat(flight.runShared("k", this::slow))
                                                .isEqualTo(new Result<>("v1", true)))
                        .blockedOn(flight);
        assertThat(cancelled.cancel(true)).isTrue();
        goOn.countDown();
        assertThat(a.get(10, TimeUnit.SECONDS)).isEqualTo(new Result<>("v1", true));
        assertThat(b.get(10, TimeUnit.SECONDS)).isEqualTo(new Result<>("v1", true));
        waiter.join();
        assertThat(flight.async("k", () -> "alone").get(10, TimeUnit.SECONDS))
                .isEqualTo(new Result<>("alone", false));
    }

    @Test
    void goexitInTheCallIsAnErrorForThoseWhoWait() throws Exception {
        Callable<String> exiting =
                () -> {
                    slow();
                    Go.goexit();
                    return "never";
                };
        Fork waiter;
        var g = Go.go(() -> flight.run("k", exiting));
        waiter =
                fork(
                        Kind.PLATFORM,
                        () -> {
                            while (calls.get() == 0) {
                                Thread.onSpinWait();
                            }
                            assertThatThrownBy(() -> flight.run("k", exiting))
                                    .isInstanceOf(IllegalStateException.class)
                                    .hasMessageContaining("goexit");
                        });
        waiter.blockedOn(flight);
        goOn.countDown();
        waiter.join();
        g.join();
    }

    @Test
    void askingForItsOwnResultIsRefused() throws Exception {
        String v =
                flight.run(
                        "k",
                        () -> {
                            assertThatThrownBy(() -> flight.run("k", () -> "inner"))
                                    .isInstanceOf(IllegalStateException.class)
                                    .hasMessageContaining("its own result");
                            return flight.run("other", () -> "fine");
                        });
        assertThat(v).isEqualTo("fine");
    }

    /** A key that cannot be found any more once its call ends. */
    private record Spoilt(AtomicBoolean spoilt) {
        @Override
        public int hashCode() {
            if (spoilt.get()) {
                throw new IllegalStateException("spoilt");
            }
            return 1;
        }

        @Override
        public boolean equals(Object o) {
            return o == this;
        }
    }

    @Test
    void aKeyThatThrowsDoesNotLeaveOthersWaiting() throws Exception {
        SingleFlight<Spoilt, String> flight = new SingleFlight<>();
        Spoilt key = new Spoilt(new AtomicBoolean());
        CountDownLatch inside = new CountDownLatch(1);
        Fork first =
                fork(
                        Kind.GOROUTINE,
                        () ->
                                assertThatThrownBy(() ->
                                                flight.run(
                                                        key,
                                                        () -> {
                                                            inside.countDown();
                                                            goOn.await();
                                                            key.spoilt.set(true);
                                                            return "v";
                                                        }))
                                        .hasMessage("spoilt"));
        inside.await();
        Fork second =
                fork(
                                Kind.GOROUTINE,
                                () ->
                                        assertThatThrownBy(() -> flight.run(key, () -> "other"))
                                                .hasMessage("spoilt"))
                        .blockedOn(flight);
        goOn.countDown();
        joinAll(List.of(first, second));
    }

    @Test
    void whoWaitsForACallThatFindsNoMemoryForItsGoroutineIsToldSo() throws Exception {
        List<Future<Result<String>>> others = new ArrayList<>();
        Starved.run(
                () ->
                        assertThatThrownBy(() -> flight.async("k", () -> "never"))
                                .hasMessage("as if"),
                () -> others.add(flight.async("k", () -> "never")));
        assertThat(others).hasSize(1);
        assertThat(others.get(0).exceptionNow())
                .isInstanceOf(OutOfMemoryError.class)
                .hasMessage("as if");
        assertThat(flight.run("k", () -> "again")).isEqualTo("again");
    }

    @Test
    void aFailureThatCannotBePrintedReachesAll() throws Exception {
        RuntimeException unprintable =
                new RuntimeException() {
                    @Override
                    public String toString() {
                        throw new IllegalStateException("in toString");
                    }
                };
        Future<Result<String>> future =
                flight.async(
                        "k",
                        () -> {
                            throw unprintable;
                        });
        eventually(future::isDone);
        assertThat(future.exceptionNow() == unprintable).isTrue();
    }
}
