package dev.jenny.time;

import static dev.jenny.Select.otherwise;
import static dev.jenny.Select.recv;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jenny.Chan;
import dev.jenny.Go;
import dev.jenny.RecvChan;
import dev.jenny.Select;
import dev.jenny.support.Fork;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The timers without an object: after and tick. */
@Timeout(60)
class TimersTest {
    private static final Duration LONG = Duration.ofHours(1);

    @ParameterizedTest
    @EnumSource
    void afterWaits(Fork.Kind kind) throws Exception {
        Fork.fork(
                        kind,
                        () -> {
                            long start = System.nanoTime();
                            assertThat(Timers.after(Duration.ofMillis(10)).recv()).isNotNull();
                            assertThat(System.nanoTime() - start)
                                    .isGreaterThanOrEqualTo(10_000_000);
                        })
                .join();
    }

    @Test
    void afterZeroIsThereAtOnce() {
        assertThat(Timers.after(Duration.ZERO).tryRecv()).isNotNull();
    }

    @Test
    void afterTheOneThatIsDueIsReadyTheOtherNot() throws Exception {
        RecvChan<Instant> later = Timers.after(LONG);
        RecvChan<Instant> soon = Timers.after(Duration.ofMillis(1));
        for (RecvChan<Instant> c : List.of(later, soon)) {
            assertThat(c.cap()).isZero();
        }
        assertThat(Select.<String>select(recv(later, v -> "later"), recv(soon, v -> "soon")))
                .isEqualTo("soon");
        assertThat(Select.<String>select(recv(later, v -> "later"), otherwise(() -> "none")))
                .isEqualTo("none");
    }

    @Test
    void valuesAreInTheOrderOfTheDelays() throws Exception {
        List<RecvChan<Instant>> timers = new ArrayList<>();
        for (int i : new int[] {5, 3, 6, 8, 1, 7, 2, 4}) {
            timers.add(Timers.after(Duration.ofMillis(10 * i)));
        }
        Chan<Instant> values = Chan.make(timers.size());
        List<Fork> forks = new ArrayList<>();
        for (RecvChan<Instant> c : timers) {
            forks.add(Fork.fork(Fork.Kind.GOROUTINE, () -> values.send(c.recv())));
        }
        Fork.joinAll(forks);
        values.close();
        List<Instant> sorted = new ArrayList<>();
        values.forEach(sorted::add);
        sorted.sort(null);
        for (int i = 1; i < sorted.size(); i++) {
            assertThat(Duration.between(sorted.get(i - 1), sorted.get(i)))
                    .isGreaterThan(Duration.ofMillis(1));
        }
    }

    @Test
    void tickTicks() throws Exception {
        RecvChan<Instant> ticks = Timers.tick(Duration.ofMillis(1));
        Instant first = ticks.recv();
        assertThat(ticks.recv()).isAfter(first);
        Go.sleep(Duration.ofMillis(3));
        assertThat(ticks.recv()).isNotNull();
    }

    @Test
    void tickOfANonPositiveIntervalIsNullWhichASelectIgnores() throws Exception {
        assertThat(Timers.tick(Duration.ZERO)).isNull();
        RecvChan<Instant> none = Timers.tick(Duration.ofNanos(-1));
        assertThat(none).isNull();
        assertThat(Select.<String>select(recv(none, v -> "tick"), otherwise(() -> "none")))
                .isEqualTo("none");
    }

    @Test
    void nullIsRefused() {
        assertThatThrownBy(() -> Timers.after(null)).isInstanceOf(NullPointerException.class);
        assertThatThrownBy(() -> Timers.tick(null)).isInstanceOf(NullPointerException.class);
    }
}
