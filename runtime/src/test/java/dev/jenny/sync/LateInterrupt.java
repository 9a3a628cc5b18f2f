package dev.jenny.sync;

import static dev.jenny.support.Fork.fork;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.jenny.Go;
import dev.jenny.GoRuntime;
import dev.jenny.Goroutine;
import dev.jenny.support.Blocked;
import dev.jenny.support.Fork.Kind;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Lock;

/** A waiter for a lock that is woken, and interrupted before it runs. */
final class LateInterrupt {
    private LateInterrupt() {}

    /**
     * Fails if the waiter waits on: {@code first} is taken before it runs, so that it cannot have
     * {@code wanted}. Leaves both unlocked.
     */
    static void assertIsNotMissed(Lock wanted, Lock first) throws Exception {
        assumeTrue(GoRuntime.mode().equals("custom"), "needs Go's order at GOMAXPROCS=1");
        int procs = GoRuntime.gomaxprocs(1);
        try {
            CompletableFuture<String> end = new CompletableFuture<>();
            boolean[] taken = {false};
            fork(
                            Kind.GOROUTINE,
                            () -> {
                                wanted.lock();
                                Goroutine waiter =
                                        Go.go(() -> {
                                            try {
                                                wanted.lockInterruptibly();
                                                wanted.unlock();
                                                end.complete("locked");
                                            } catch (InterruptedException e) {
                                                end.complete("interrupted");
                                            }
                                        });
                                Go.gosched();
                                Blocked.blocked(waiter);
                                wanted.unlock();
                                waiter.thread().interrupt();
                                taken[0] = first.tryLock();
                            })
                    .join();
            // on a busy machine the waiter may run in between, and lock it
            assertThat(end.get(20, TimeUnit.SECONDS)).isIn("interrupted", taken[0] ? "" : "locked");
            if (taken[0]) {
                first.unlock();
            }
        } finally {
            GoRuntime.gomaxprocs(procs);
        }
    }
}
