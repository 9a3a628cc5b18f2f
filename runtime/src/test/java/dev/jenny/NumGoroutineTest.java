package dev.jenny;

import static dev.jenny.Go.go;
import static dev.jenny.support.Blocked.blocked;
import static dev.jenny.support.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.jenny.support.JavaProcess;
import dev.jenny.support.JavaProcess.Result;
import dev.jenny.sync.WaitGroup;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** GoRuntime.numGoroutine. */
@Timeout(90)
class NumGoroutineTest {
    @Test
    void mainAloneIsOne() throws Exception {
        Result r = JavaProcess.of(Counts.class).run();
        assertThat(r.err()).isEmpty();
        assertThat(r.out()).isEqualTo("1\n11 in the dump 11\n1\n");
    }

    @Test
    void withoutGoroutinesItIsNone() throws Exception {
        Result r = JavaProcess.of(Embedded.class).embedded().run();
        assertThat(r.out()).as(r.toString()).isEqualTo("0\n");
    }

    static final class Counts {
        public static void main(String[] args) throws InterruptedException {
            System.out.println(GoRuntime.numGoroutine());
            Chan<Integer> release = Chan.make();
            List<Goroutine> all = new ArrayList<>();
            for (int i = 0; i < 10; i++) {
                all.add(go(release::recv));
            }
            all.forEach(g -> blocked(g));
            long dumped = GoRuntime.stack().lines().filter(l -> l.startsWith("goroutine ")).count();
            System.out.println(GoRuntime.numGoroutine() + " in the dump " + dumped);
            release.close();
            for (Goroutine g : all) {
                g.join();
            }
            System.out.println(GoRuntime.numGoroutine());
        }
    }

    static final class Embedded {
        public static void main(String[] args) {
            System.out.println(GoRuntime.numGoroutine());
        }
    }

    @Test
    void itCountsUpAndDownWhileManyStartAndEnd() throws Exception {
        int before = GoRuntime.numGoroutine();
        WaitGroup wg = new WaitGroup();
        for (int i = 0; i < 20_000; i++) {
            wg.go(() -> go(() -> {}).join());
        }
        wg.await();
        eventually(() -> GoRuntime.numGoroutine() <= before);
    }

    @Test
    void goroutinesThatEndByAPanicOrGoexitCountDownToo() throws Exception {
        int before = GoRuntime.numGoroutine();
        GoRuntime.onPanic((g, e) -> {});
        try {
            for (int i = 0; i < 100; i++) {
                go(
                                () -> {
                                    throw new IllegalStateException("boom");
                                })
                        .join();
                go(Go::goexit).join();
            }
        } finally {
            GoRuntime.onPanic(null);
        }
        eventually(() -> GoRuntime.numGoroutine() <= before);
    }
}
