package dev.jenny;

import static dev.jenny.Go.async;
import static dev.jenny.Go.go;
import static org.assertj.core.api.Assertions.assertThat;

import java.lang.Thread.UncaughtExceptionHandler;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What gets an exception that leaves a goroutine in an application: the JVM lives on. */
@Timeout(60)
class PanicHandlerTest {
    private record Panic(Goroutine goroutine, Throwable exception, Goroutine current) {}

    private final Chan<Panic> panics = Chan.make(10);
    private final Chan<Throwable> uncaught = Chan.make(10);
    private UncaughtExceptionHandler before;

    @BeforeEach
    void setHandlers() {
        before = Thread.getDefaultUncaughtExceptionHandler();
        Thread.setDefaultUncaughtExceptionHandler((t, e) -> uncaught.trySend(e));
    }

    @AfterEach
    void resetHandlers() {
        GoRuntime.onPanic(null);
        Thread.setDefaultUncaughtExceptionHandler(before);
    }

    private void handle() {
        GoRuntime.onPanic((g, e) -> panics.trySend(new Panic(g, e, Go.current())));
    }

    @Test
    void theHandlerIsCalledOnTheGoroutine() throws Exception {
        handle();
        RuntimeException boom = new RuntimeException("boom");
        Goroutine g =
                go(() -> {
                    throw boom;
                });
        Panic p = panics.recv();
        assertThat(p.goroutine()).isSameAs(g);
        assertThat(p.current()).isSameAs(g);
        assertThat(p.exception()).isSameAs(boom);
        g.join();
        assertThat(uncaught.tryRecv()).isNull();
    }

    @Test
    void checkedExceptionsAndErrorsArePanicsToo() throws Exception {
        handle();
        go(() -> {
            throw new Exception("checked");
        });
        assertThat(panics.recv().exception()).isExactlyInstanceOf(Exception.class);
        go(() -> {
            throw new AssertionError("error");
        });
        assertThat(panics.recv().exception()).isInstanceOf(AssertionError.class);
        go(() -> overflow(0));
        assertThat(panics.recv().exception()).isInstanceOf(StackOverflowError.class);
        go(() -> {
            throw new InterruptedException();
        });
        assertThat(panics.recv().exception()).isInstanceOf(InterruptedException.class);
    }

    private static int overflow(int n) {
        return n == Integer.MAX_VALUE ? 0 : overflow(n + 1) + 1;
    }

    @Test
    void withoutAHandlerItGoesToTheUncaughtExceptionHandler() throws Exception {
        RuntimeException boom = new RuntimeException("boom");
        Goroutine g =
                go(() -> {
                    throw boom;
                });
        assertThat(uncaught.recv()).isSameAs(boom);
        g.join();
        assertThat(g.isAlive()).isFalse();
    }

    @Test
    void whatTheHandlerThrowsGoesToTheUncaughtExceptionHandler() throws Exception {
        IllegalStateException inHandler = new IllegalStateException("in the handler");
        RuntimeException boom = new RuntimeException("boom");
        GoRuntime.onPanic((g, e) -> {
            throw inHandler;
        });
        go(() -> {
            throw boom;
        });
        Throwable got = uncaught.recv();
        assertThat(got).isSameAs(inHandler);
        assertThat(got.getSuppressed()).containsExactly(boom);
    }

    @Test
    void goroutinesOfTheThreadFactoryAndTheExecutorAreTreatedAlike() throws Exception {
        handle();
        RuntimeException boom = new RuntimeException("boom");
        Go.threadFactory()
                .newThread(() -> {
                    throw boom;
                })
                .start();
        assertThat(panics.recv().exception()).isSameAs(boom);
        try (var executor = Go.executor()) {
            executor.execute(() -> {
                throw boom;
            });
        }
        assertThat(panics.recv().exception()).isSameAs(boom);
    }

    @Test
    void anExceptionThatAFutureKeepsIsNoPanic() throws Exception {
        handle();
        try {
            async(
                            () -> {
                                throw new IllegalStateException("kept");
                            })
                    .get();
        } catch (ExecutionException e) {
            assertThat(e).hasRootCauseMessage("kept");
        }
        try (var executor = Go.executor()) {
            executor.submit(() -> {
                throw new IllegalStateException("kept");
            });
        }
        assertThat(panics.tryRecv()).isNull();
        assertThat(uncaught.tryRecv()).isNull();
    }

    @Test
    void otherGoroutinesAreNotAffected() throws Exception {
        handle();
        Chan<Integer> ch = Chan.make();
        Goroutine other = go(() -> ch.send(7));
        go(
                        () -> {
                            throw new RuntimeException("boom");
                        })
                .join();
        assertThat(ch.recv()).isEqualTo(7);
        other.join();
    }
}
