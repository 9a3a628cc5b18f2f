package dev.jenny;

import static dev.jenny.Go.async;
import static dev.jenny.Go.go;
import static dev.jenny.support.Blocked.blocked;
import static dev.jenny.support.Eventually.eventually;
import static dev.jenny.support.Fork.fork;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jenny.support.Fork;
import dev.jenny.support.Fork.Kind;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** go, async, sleep, and the handle on a goroutine. */
@Timeout(60)
class GoTest {
    @Test
    void aGoroutineIsAVirtualThreadOfItsOwn() throws Exception {
        Chan<Thread> thread = Chan.make(1);
        Goroutine g = go(() -> thread.send(Thread.currentThread()));
        assertThat(thread.recv()).isSameAs(g.thread()).isNotSameAs(Thread.currentThread());
        assertThat(g.thread().isVirtual()).isTrue();
        assertThat(g.thread().isDaemon()).isTrue();
        g.join();
        assertThat(g.isAlive()).isFalse();
    }

    @Test
    void itIsAliveUntilItsTaskEnds() throws Exception {
        Chan<Integer> release = Chan.make();
        Goroutine g = go(release::recv);
        assertThat(g.isAlive()).isTrue();
        blocked(g);
        assertThat(g.isAlive()).isTrue();
        release.close();
        g.join();
        assertThat(g.isAlive()).isFalse();
        g.join(); // again, at once
    }

    @Test
    void currentIsTheHandleThatGoReturned() throws Exception {
        Chan<Goroutine> current = Chan.make(1);
        Goroutine g = go(() -> current.send(Go.current()));
        assertThat(current.recv()).isSameAs(g);
    }

    @Test
    void numbersAreUnique() throws Exception {
        Set<Long> ids = new HashSet<>();
        List<Goroutine> all = new ArrayList<>();
        for (int i = 0; i < 2000; i++) {
            Goroutine g = go(() -> {});
            all.add(g);
            assertThat(ids.add(g.id())).isTrue();
            assertThat(g.id()).isPositive();
        }
        for (Goroutine g : all) {
            g.join();
        }
    }

    @Test
    void joinMayBeInterrupted() throws Exception {
        Chan<Integer> release = Chan.make();
        Goroutine g = go(release::recv);
        Fork waiter =
                fork(
                        Kind.GOROUTINE,
                        () -> assertThatThrownBy(g::join).isInstanceOf(InterruptedException.class));
        waiter.parked().interrupt();
        waiter.join();
        release.close();
        g.join();
    }

    private int plain;

    @Test
    void whatTheCallerDidIsSeenAndWhatTheTaskDidIsSeenAfterJoin() throws Exception {
        for (int i = 0; i < 2000; i++) {
            plain = i;
            int expected = i;
            boolean[] seen = new boolean[1];
            Goroutine g =
                    go(() -> {
                        seen[0] = plain == expected;
                        plain = -1;
                    });
            g.join();
            assertThat(seen[0]).isTrue();
            assertThat(plain).isEqualTo(-1);
        }
    }

    @Test
    void nullIsRefusedInTheCaller() {
        assertThatThrownBy(() -> go(null))
                .isInstanceOf(NullPointerException.class)
                .hasMessage("go of nil func value");
        assertThatThrownBy(() -> async(null))
                .isInstanceOf(NullPointerException.class)
                .hasMessage("go of nil func value");
    }

    @Test
    void threadLocalsStayWithTheirGoroutine() throws Exception {
        ThreadLocal<String> local = ThreadLocal.withInitial(() -> "initial");
        InheritableThreadLocal<String> inherited = new InheritableThreadLocal<>();
        inherited.set("from the parent");
        Chan<String> got = Chan.make(2);
        go(() -> {
            local.set("mine");
            Go.gosched();
            got.send(local.get());
            got.send(inherited.get());
        });
        assertThat(got.recv()).isEqualTo("mine");
        assertThat(got.recv()).isEqualTo("from the parent");
        assertThat(local.get()).isEqualTo("initial");
        inherited.remove();
    }

    @Test
    void theContextClassLoaderIsInherited() throws Exception {
        Thread self = Thread.currentThread();
        ClassLoader before = self.getContextClassLoader();
        ClassLoader loader = new ClassLoader(before) {};
        Chan<ClassLoader> got = Chan.make(1);
        self.setContextClassLoader(loader);
        try {
            go(() -> got.send(Thread.currentThread().getContextClassLoader()));
            assertThat(got.recv()).isSameAs(loader);
        } finally {
            self.setContextClassLoader(before);
        }
    }

    // ---- async ----

    @Test
    void asyncGivesTheResult() throws Exception {
        assertThat(async(() -> 6 * 7).get()).isEqualTo(42);
        assertThat(async(() -> null).get()).isNull();
    }

    @Test
    void asyncKeepsTheException() {
        Future<String> f =
                async(() -> {
                    throw new IOException("lost");
                });
        assertThatThrownBy(f::get)
                .isInstanceOf(ExecutionException.class)
                .hasCauseInstanceOf(IOException.class)
                .hasMessageContaining("lost");
    }

    @Test
    void cancellingAnAsyncInterruptsIt() throws Exception {
        Chan<Integer> ch = Chan.make();
        Chan<Thread> started = Chan.make(1);
        AtomicBoolean interrupted = new AtomicBoolean();
        Future<Integer> f =
                async(() -> {
                    started.send(Thread.currentThread());
                    try {
                        return ch.recv();
                    } catch (InterruptedException e) {
                        interrupted.set(true);
                        throw e;
                    }
                });
        blocked(started.recv());
        assertThat(f.cancel(true)).isTrue();
        assertThatThrownBy(f::get).isInstanceOf(CancellationException.class);
        eventually(interrupted::get);
        assertThat(ch.trySend(1)).isFalse();
    }

    // ---- sleep ----

    @ParameterizedTest
    @EnumSource(Kind.class)
    void sleepTakesAtLeastItsTime(Kind kind) throws Exception {
        fork(
                        kind,
                        () -> {
                            for (int ms : new int[] {1, 5, 20}) {
                                long start = System.nanoTime();
                                Go.sleep(Duration.ofMillis(ms));
                                assertThat(System.nanoTime() - start)
                                        .isGreaterThanOrEqualTo(ms * 1_000_000L);
                            }
                        })
                .join();
    }

    @Test
    void sleepOfNothingReturnsAtOnce() throws Exception {
        for (int i = 0; i < 100_000; i++) {
            Go.sleep(Duration.ZERO);
            Go.sleep(Duration.ofSeconds(-1));
        }
        assertThatThrownBy(() -> Go.sleep(null)).isInstanceOf(NullPointerException.class);
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void anInterruptEndsASleep(Kind kind) throws Exception {
        for (Duration d :
                List.of(Duration.ofHours(1), Duration.ofSeconds(Long.MAX_VALUE, 999_999_999))) {
            Fork f =
                    fork(
                            kind,
                            () ->
                                    assertThatThrownBy(() -> Go.sleep(d))
                                            .isInstanceOf(InterruptedException.class));
            blocked(f.thread());
            f.interrupt();
            f.join();
        }
    }

    @Test
    void anInterruptBeforeASleepEndsItToo() throws Exception {
        fork(
                        Kind.GOROUTINE,
                        () -> {
                            Thread.currentThread().interrupt();
                            assertThatThrownBy(() -> Go.sleep(Duration.ofHours(1)))
                                    .isInstanceOf(InterruptedException.class);
                            assertThat(Thread.currentThread().isInterrupted()).isFalse();
                        })
                .join();
    }

    @Test
    void theJdksSleepAndYieldWorkInAGoroutine() throws Exception {
        fork(
                        Kind.GOROUTINE,
                        () -> {
                            long start = System.nanoTime();
                            Thread.sleep(2);
                            Thread.yield();
                            assertThat(System.nanoTime() - start)
                                    .isGreaterThanOrEqualTo(2_000_000L);
                        })
                .join();
    }
}
