package dev.jenny.sync;

import static dev.jenny.support.Eventually.eventually;
import static dev.jenny.support.Fork.fork;
import static dev.jenny.support.Fork.forks;
import static dev.jenny.support.Fork.joinAll;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jenny.Go;
import dev.jenny.support.Fork.Kind;
import java.io.IOException;
import java.lang.ref.WeakReference;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(60)
class OnceValueTest {
    private final AtomicInteger calls = new AtomicInteger();

    @ParameterizedTest
    @EnumSource
    void isComputedOnceAtFirstUse(Kind kind) throws Exception {
        OnceValue<Integer> v = OnceValue.of(calls::incrementAndGet);
        assertThat(calls.get()).isZero();
        joinAll(forks(kind, 10, () -> assertThat(v.get()).isEqualTo(1)));
        assertThat(calls.get()).isEqualTo(1);
    }

    @Test
    void mayBeNull() throws Exception {
        OnceValue<String> v =
                OnceValue.of(() -> {
                    calls.incrementAndGet();
                    return null;
                });
        assertThat(v.get()).isNull();
        assertThat(v.get()).isNull();
        assertThat(calls.get()).isEqualTo(1);
    }

    @Test
    void aFailureIsThrownAtEveryCall() {
        for (Throwable t : new Throwable[] {new IOException("x"), new AssertionError("y")}) {
            AtomicInteger n = new AtomicInteger();
            OnceValue<String> v =
                    OnceValue.of(() -> {
                        n.incrementAndGet();
                        if (t instanceof Error e) {
                            throw e;
                        }
                        throw (Exception) t;
                    });
            for (int i = 0; i < 3; i++) {
                assertThatThrownBy(v::get).isSameAs(t);
            }
            assertThat(n.get()).isEqualTo(1);
        }
    }

    @Test
    void anInterruptOfTheComputationIsNotTakenForOneOfLaterCallers() {
        InterruptedException interrupted = new InterruptedException();
        OnceValue<String> v =
                OnceValue.of(() -> {
                    throw interrupted;
                });
        assertThatThrownBy(v::get).isSameAs(interrupted);
        assertThatThrownBy(v::get).isInstanceOf(ExecutionException.class).hasCause(interrupted);
    }

    @Test
    void goexitInTheComputationIsAFailureForLaterCallers() throws Exception {
        OnceValue<String> v =
                OnceValue.of(() -> {
                    Go.goexit();
                    return "never";
                });
        Go.go(v::get).join();
        assertThatThrownBy(v::get)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("goexit");
    }

    @Test
    void callingItselfIsRefused() {
        OnceValue<?>[] self = new OnceValue<?>[1];
        self[0] = OnceValue.of(() -> self[0].get());
        assertThatThrownBy(self[0]::get)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("inside its own task");
    }

    @Test
    void theComputationIsReleasedAfterwards() throws Exception {
        Callable<Object> callable =
                new Callable<>() {
                    @Override
                    public Object call() {
                        return "v";
                    }
                };
        WeakReference<Callable<Object>> weak = new WeakReference<>(callable);
        OnceValue<Object> v = OnceValue.of(callable);
        callable = null;
        v.get();
        eventually(() -> {
            System.gc();
            return weak.get() == null;
        });
        assertThat(v.get()).isEqualTo("v");
        fork(Kind.PLATFORM, v::get).join();
    }
}
