package dev.jenny.context;

import static dev.jenny.context.ContextTreeTest.assertCancelled;
import static dev.jenny.context.ContextTreeTest.assertNotDone;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jenny.support.Fork;
import java.lang.reflect.Method;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Deadlines and timeouts. */
@Timeout(60)
class ContextDeadlineTest {
    private static final Context.Key<String> KEY = Context.Key.of("key");
    private static final Duration LONG = Duration.ofHours(1);

    private static void assertExceeded(Context... contexts) {
        for (Context c : contexts) {
            assertThat(c.err())
                    .isInstanceOf(DeadlineExceededException.class)
                    .hasMessage("context deadline exceeded");
            assertThat(c.done().isDrained()).isTrue();
        }
    }

    @ParameterizedTest
    @EnumSource
    void aTimeoutEndsItNotBeforeItsTime(Fork.Kind kind) throws Exception {
        Fork.fork(
                        kind,
                        () -> {
                            long start = System.nanoTime();
                            Context c = Context.background().withTimeout(Duration.ofMillis(10));
                            Context below = c.withCancel().withValue(KEY, "v").withTimeout(LONG);
                            assertThat(below.done().recv()).isNull();
                            assertThat(System.nanoTime() - start)
                                    .isGreaterThanOrEqualTo(10_000_000);
                            assertExceeded(c, below);
                            assertThat(below.err()).isSameAs(c.err());
                        })
                .join();
    }

    @Test
    void aDeadlineEndsIt() throws Exception {
        Instant deadline = Instant.now().plusMillis(10);
        Context c = Context.background().withDeadline(deadline);
        assertThat(c.deadline()).contains(deadline);
        c.done().recv();
        assertExceeded(c);
    }

    /** The wall clock may have been set since the parent was made: here by an hour. */
    @Test
    void whichEndsFirstIsToldByAClockThatNobodySets() throws Exception {
        Method make =
                Context.class.getDeclaredMethod(
                        "withDeadline", Instant.class, long.class, Throwable.class);
        make.setAccessible(true);
        Instant before = Instant.now().minus(LONG);
        Context parent =
                (Context) make.invoke(Context.background(), before, LONG.toNanos() * 2, null);
        Context child = parent.withTimeout(Duration.ofMillis(10));
        child.done().recv();
        assertExceeded(child);
        assertNotDone(parent);
        parent.cancel();
    }

    @Test
    void aTimeoutIsADeadline() {
        Instant before = Instant.now();
        Context c = Context.background().withTimeout(LONG);
        assertThat(c.deadline().orElseThrow())
                .isBetween(before.plus(LONG), Instant.now().plus(LONG));
        assertNotDone(c);
        c.cancel();
    }

    @Test
    void childrenShowTheDeadline() {
        try (Context c = Context.background().withTimeout(LONG)) {
            assertThat(c.withValue(KEY, "v").deadline()).isEqualTo(c.deadline());
            assertThat(c.withCancel().withCancel().deadline()).isEqualTo(c.deadline());
            assertThat(c.withoutCancel().deadline()).isEmpty();
        }
    }

    @Test
    void theEarlierOneCounts() throws Exception {
        Instant soon = Instant.now().plusMillis(10);
        try (Context parent = Context.background().withDeadline(soon)) {
            Context child = parent.withTimeout(LONG);
            assertThat(child.deadline()).contains(soon);
            child.done().recv();
            assertExceeded(child);
        }
        try (Context parent = Context.background().withTimeout(LONG)) {
            Instant childs = Instant.now().plusMillis(10);
            Context child = parent.withDeadline(childs);
            assertThat(child.deadline()).contains(childs);
            child.done().recv();
            assertExceeded(child);
            assertNotDone(parent);
        }
    }

    @Test
    void inThePastEndsItAtOnce() {
        for (Context c :
                List.of(
                        Context.background().withDeadline(Instant.now()),
                        Context.background().withDeadline(Instant.EPOCH),
                        Context.background().withDeadline(Instant.MIN),
                        Context.background().withTimeout(Duration.ZERO),
                        Context.background().withTimeout(Duration.ofNanos(-1)),
                        Context.background().withTimeout(Duration.ofSeconds(Long.MIN_VALUE)))) {
            assertExceeded(c, c.withCancel(), c.withTimeout(LONG));
        }
    }

    @Test
    void beyondAllTimeNeverEndsIt() throws Exception {
        for (Context c :
                List.of(
                        Context.background().withDeadline(Instant.MAX),
                        Context.background().withTimeout(Duration.ofSeconds(Long.MAX_VALUE)))) {
            assertThat(c.deadline()).contains(Instant.MAX);
            assertNotDone(c);
            c.cancel();
            assertCancelled(c);
        }
    }

    @Test
    void cancelBeforeItCounts() throws Exception {
        Context c = Context.background().withTimeout(LONG);
        c.cancel();
        assertCancelled(c);
        assertThat(c.deadline()).as("is still shown").isPresent();
    }

    @Test
    void cancelAfterItDoesNot() throws Exception {
        Context c = Context.background().withTimeout(Duration.ofMillis(1));
        c.done().recv();
        c.cancel();
        assertExceeded(c);
    }

    @Test
    void manyAtOnceAllEnd() throws Exception {
        List<Fork> forks =
                Fork.forks(
                        Fork.Kind.GOROUTINE,
                        200,
                        () -> {
                            for (int i = 0; i < 5; i++) {
                                try (Context c =
                                        Context.background().withTimeout(Duration.ofMillis(2))) {
                                    c.done().recv();
                                    assertExceeded(c);
                                }
                            }
                        });
        Fork.joinAll(forks);
    }

    @Test
    void nullIsRefused() {
        Context b = Context.background();
        assertThatThrownBy(() -> b.withTimeout(null)).isInstanceOf(NullPointerException.class);
        assertThatThrownBy(() -> b.withDeadline(null)).isInstanceOf(NullPointerException.class);
    }
}
