package dev.jenny.sync;

import static dev.jenny.support.Fork.fork;
import static dev.jenny.support.Fork.forks;
import static dev.jenny.support.Fork.joinAll;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jenny.Go;
import dev.jenny.Task;
import dev.jenny.support.Fork;
import dev.jenny.support.Fork.Kind;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(60)
class OnceTest {
    private final Once once = new Once();
    private final AtomicInteger runs = new AtomicInteger();

    @ParameterizedTest
    @EnumSource
    void runsOnceHoweverManyAsk(Kind kind) throws Exception {
        int[] plain = {0};
        joinAll(
                forks(
                        kind,
                        20,
                        () -> {
                            once.run(() -> {
                                runs.incrementAndGet();
                                Thread.yield();
                                plain[0] = 1;
                            });
                            assertThat(plain[0]).isEqualTo(1);
                            assertThat(once.isDone()).isTrue();
                        }));
        assertThat(runs.get()).isEqualTo(1);
    }

    @ParameterizedTest
    @EnumSource
    void othersWaitUntilTheTaskHasEnded(Kind kind) throws Exception {
        CountDownLatch goOn = new CountDownLatch(1);
        Fork first = fork(kind, () -> once.run(goOn::await)).parked();
        Fork second = fork(kind, () -> once.run(runs::incrementAndGet)).blockedOn(once);
        assertThat(once.isDone()).isFalse();
        goOn.countDown();
        first.join();
        second.join();
        assertThat(runs.get()).isZero();
    }

    @Test
    void anExceptionGoesToTheFirstCallerAndCountsAsRun() throws Exception {
        IOException boom = new IOException("boom");
        Task failing =
                () -> {
                    runs.incrementAndGet();
                    throw boom;
                };
        assertThatThrownBy(() -> once.run(failing)).isSameAs(boom);
        assertThat(once.isDone()).isTrue();
        once.run(failing);
        once.run(failing);
        assertThat(runs.get()).isEqualTo(1);
    }

    @ParameterizedTest
    @EnumSource
    void waitersReturnNormallyWhenTheTaskThrows(Kind kind) throws Exception {
        CountDownLatch goOn = new CountDownLatch(1);
        Fork first =
                fork(
                                kind,
                                () ->
                                        assertThatThrownBy(() ->
                                                        once.run(() -> {
                                                            goOn.await();
                                                            throw new Error("x");
                                                        }))
                                                .hasMessage("x"))
                        .parked();
        Fork second = fork(kind, () -> once.run(runs::incrementAndGet)).blockedOn(once);
        goOn.countDown();
        joinAll(List.of(first, second));
        assertThat(runs.get()).isZero();
    }

    @Test
    void goexitCountsAsRun() throws Exception {
        Go.go(() -> once.run(Go::goexit)).join();
        once.run(runs::incrementAndGet);
        assertThat(runs.get()).isZero();
    }

    @Test
    void callingItselfIsRefused() throws Exception {
        once.run(() ->
                assertThatThrownBy(() -> once.run(runs::incrementAndGet))
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("inside its own task"));
        assertThat(runs.get()).isZero();
        assertThat(once.isDone()).isTrue();
    }

    @ParameterizedTest
    @EnumSource
    void anInterruptedWaiterLeavesTheRunAlone(Kind kind) throws Exception {
        CountDownLatch goOn = new CountDownLatch(1);
        Fork first = fork(kind, () -> once.run(goOn::await)).parked();
        Fork second =
                fork(
                                kind,
                                () ->
                                        assertThatThrownBy(() -> once.run(() -> {}))
                                                .isInstanceOf(InterruptedException.class))
                        .blockedOn(once);
        second.interrupt();
        second.join();
        assertThat(once.isDone()).isFalse();
        goOn.countDown();
        first.join();
        once.run(runs::incrementAndGet);
        assertThat(runs.get()).isZero();
    }
}
