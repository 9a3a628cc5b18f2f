package dev.jenny;

import static dev.jenny.Go.go;
import static dev.jenny.support.Fork.fork;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jenny.support.Fork;
import dev.jenny.support.Fork.Kind;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code for (T v : ch)}. */
@Timeout(60)
class ChanIterationTest {
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 10})
    void theLoopEndsWhenTheChannelIsClosedAndDrained(int cap) {
        Chan<Integer> ch = Chan.make(cap);
        go(() -> {
            for (int i = 0; i < 100; i++) {
                ch.send(i);
            }
            ch.close();
        });
        List<Integer> got = new ArrayList<>();
        for (int v : ch) {
            got.add(v);
        }
        assertThat(got).hasSize(100).isSorted();
        for (int v : ch) {
            throw new AssertionError("a drained channel had " + v);
        }
    }

    @Test
    void severalLoopsShareTheValues() throws Exception {
        Chan<Integer> ch = Chan.make();
        AtomicLong sum = new AtomicLong();
        List<Fork> loops =
                Fork.forks(
                        Kind.GOROUTINE,
                        4,
                        () -> {
                            for (int v : ch) {
                                sum.addAndGet(v);
                            }
                        });
        for (int i = 1; i <= 1000; i++) {
            ch.send(i);
        }
        ch.close();
        Fork.joinAll(loops);
        assertThat(sum).hasValue(500_500);
    }

    @Test
    void hasNextReceivesOnceAndNextDoesNotNeedIt() throws Exception {
        Chan<Integer> ch = Chan.make(3);
        ch.send(1);
        ch.send(2);
        ch.close();
        Iterator<Integer> it = ch.iterator();
        assertThat(it.hasNext()).isTrue();
        assertThat(it.hasNext()).isTrue();
        assertThat(ch.len()).isEqualTo(1);
        assertThat(it.next()).isEqualTo(1);
        assertThat(it.next()).isEqualTo(2);
        assertThat(it.hasNext()).isFalse();
        assertThatThrownBy(it::next).isInstanceOf(NoSuchElementException.class);
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void anInterruptEndsTheLoopWithACancellation(Kind kind) throws Exception {
        Chan<Integer> ch = Chan.make();
        Fork loop =
                fork(
                        kind,
                        () -> {
                            assertThatThrownBy(
                                            () -> {
                                                for (int v : ch) {
                                                    throw new AssertionError("got " + v);
                                                }
                                            })
                                    .isInstanceOf(CancellationException.class)
                                    .hasCauseInstanceOf(InterruptedException.class);
                            assertThat(Thread.currentThread().isInterrupted()).isTrue();
                        });
        loop.blockedOn(ch);
        loop.interrupt();
        loop.join();
        assertThat(ch.trySend(1)).as("a receiver is still queued").isFalse();
    }

    @Test
    void anInterruptBeforeTheLoopTakesNoValue() throws Exception {
        Chan<Integer> ch = Chan.make(1);
        ch.send(1);
        fork(
                        Kind.GOROUTINE,
                        () -> {
                            Thread.currentThread().interrupt();
                            assertThatThrownBy(() -> ch.iterator().hasNext())
                                    .isInstanceOf(CancellationException.class);
                        })
                .join();
        assertThat(ch.len()).isEqualTo(1);
    }
}
