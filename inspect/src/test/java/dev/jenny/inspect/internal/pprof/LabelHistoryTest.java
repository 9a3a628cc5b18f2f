package dev.jenny.inspect.internal.pprof;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jenny.Chan;
import dev.jenny.Go;
import dev.jenny.Goroutine;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class LabelHistoryTest {
    private static final Map<String, String> A = Map.of("svc", "a");
    private static final Map<String, String> B = Map.of("svc", "b");

    /** A goroutine that has labels while it is told to. */
    private static final class Subject implements AutoCloseable {
        private final Chan<Map<String, String>> in = Chan.make();
        private final Chan<Long> out = Chan.make(2);
        private final Goroutine g = Go.go(this::serve);

        private void serve() throws Exception {
            for (Map<String, String> labels : in) {
                Go.withLabels(
                        labels,
                        () -> {
                            out.send(System.nanoTime());
                            in.recv();
                        });
                out.send(System.nanoTime());
            }
        }

        /** A time at which it has them, as it still has. */
        long begin(Map<String, String> labels) throws InterruptedException {
            in.send(labels);
            return out.recv();
        }

        /** A time at which it has them no longer. */
        long end() throws InterruptedException {
            in.send(Map.of());
            return out.recv();
        }

        long thread() {
            return g.thread().threadId();
        }

        @Override
        public void close() throws InterruptedException {
            in.close();
            g.join();
        }
    }

    @Test
    void labelsAreThoseOfTheTime() throws Exception {
        try (Subject subject = new Subject();
                LabelHistory history = new LabelHistory(1000)) {
            long before = System.nanoTime();
            long a = subject.begin(A);
            long between = subject.end();
            long b = subject.begin(B);
            long after = subject.end();
            history.fetch();
            long thread = subject.thread();
            assertThat(history.at(thread, before)).isEmpty();
            assertThat(history.at(thread, a)).isEqualTo(A);
            assertThat(history.at(thread, between)).isEmpty();
            assertThat(history.at(thread, b)).isEqualTo(B);
            assertThat(history.at(thread, after)).isEmpty();
            assertThat(history.at(Thread.currentThread().threadId(), a)).isEmpty();
            assertThat(history.unknown()).isZero();
        }
    }

    @Test
    void whoHadThemBeforeTheBeginningHasThemUntilTheyChange() throws Exception {
        try (Subject stays = new Subject();
                Subject changes = new Subject()) {
            stays.begin(A);
            changes.begin(B);
            try (LabelHistory history = new LabelHistory(1000)) {
                long first = System.nanoTime();
                long then = changes.end();
                history.fetch();
                assertThat(history.at(stays.thread(), then)).isEqualTo(A);
                assertThat(history.at(changes.thread(), first)).isEqualTo(B);
                assertThat(history.at(changes.thread(), then)).isEmpty();
            }
            stays.end();
        }
    }

    @Test
    void aShortGoroutineHasTheOnesThatItInherits() throws Exception {
        try (LabelHistory history = new LabelHistory(1000)) {
            long[] time = new long[1];
            Goroutine[] g = new Goroutine[1];
            Go.withLabels(A, () -> g[0] = Go.go(() -> time[0] = System.nanoTime()));
            g[0].join();
            history.fetch();
            assertThat(history.at(g[0].thread().threadId(), time[0])).isEqualTo(A);
        }
    }

    @Test
    void whatIsForgottenLeavesTheLabelsOfThoseThatLive() throws Exception {
        try (Subject lives = new Subject();
                LabelHistory history = new LabelHistory(1000)) {
            int empty = history.size();
            lives.begin(A);
            for (int i = 0; i < 100; i++) {
                Go.withLabels(B, () -> Go.go(() -> {}).join());
            }
            long now = System.nanoTime();
            history.fetch();
            assertThat(history.size()).isGreaterThan(100);
            history.forget(now);
            assertThat(history.size()).isEqualTo(empty + 1);
            assertThat(history.at(lives.thread(), now)).isEqualTo(A);
            lives.end();
        }
    }

    @Test
    void whatFindsNoRoomIsNotGuessedAndWhoLivesIsKnownAgain() throws Exception {
        try (Subject subject = new Subject();
                Subject other = new Subject();
                LabelHistory history = new LabelHistory(4)) {
            long a = subject.begin(A);
            for (int i = 0; i < 10; i++) {
                other.begin(B);
                other.end();
            }
            long lost = System.nanoTime();
            history.fetch();
            assertThat(history.at(subject.thread(), a)).isEqualTo(A);
            assertThat(history.unknown()).isZero();
            assertThat(history.at(subject.thread(), lost)).isEmpty();
            assertThat(history.unknown()).isEqualTo(1);
            assertThat(history.size()).isLessThanOrEqualTo(4);

            history.forget(lost); // makes room
            long b = other.begin(B);
            history.fetch();
            assertThat(history.at(other.thread(), b)).isEqualTo(B);
            long now = System.nanoTime();
            assertThat(history.at(subject.thread(), now)).isEqualTo(A);
            assertThat(history.unknown()).isEqualTo(1);
            other.end();
            subject.end();
        }
    }

    @Test
    void severalListenAtTheSameTime() throws Exception {
        try (Subject subject = new Subject();
                LabelHistory first = new LabelHistory(1000)) {
            long a = subject.begin(A);
            try (LabelHistory second = new LabelHistory(1000)) {
                subject.end();
                long b = subject.begin(B);
                second.fetch();
                assertThat(second.at(subject.thread(), b)).isEqualTo(B);
            }
            long after = subject.end();
            first.fetch();
            assertThat(first.at(subject.thread(), a)).isEqualTo(A);
            assertThat(first.at(subject.thread(), after)).isEmpty();
        }
    }
}
