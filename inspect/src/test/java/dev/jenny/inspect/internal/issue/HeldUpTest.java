package dev.jenny.inspect.internal.issue;

import static dev.jenny.Go.go;
import static org.assertj.core.api.Assertions.assertThat;

import dev.jenny.Goroutine;
import dev.jenny.internal.sched.HeldUp;
import dev.jenny.internal.sched.Probe;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class HeldUpTest {
    private static volatile boolean stop;

    @BeforeEach
    void begin() {
        stop = false;
    }

    private static void burn() {
        while (!stop) {
            Thread.onSpinWait();
        }
    }

    @Test
    void a_hog_is_reported_with_its_stack_and_again_when_it_lets_go() throws Exception {
        BlockingQueue<HeldUp.Report> reports = new LinkedBlockingQueue<>();
        Consumer<HeldUp.Report> listener = reports::add;
        HeldUp.watch(listener);
        try {
            Goroutine hog = go(HeldUpTest::burn);
            HeldUp.Report first = of(hog, reports);
            assertThat(first.over()).isFalse();
            assertThat(first.burns()).isTrue();
            assertThat(first.nanos()).isGreaterThanOrEqualTo(HeldUp.hogNanos());
            assertThat(first.stack()).anyMatch(f -> f.getMethodName().equals("burn"));
            assertThat(first.site()).isNotNull();
            assertThat(held(first)).isEqualTo("hog");
            stop = true;
            HeldUp.Report last = of(hog, reports);
            assertThat(held(last)).isEmpty();
            assertThat(last.over()).isTrue();
            assertThat(last.nanos()).isGreaterThan(first.nanos());
        } finally {
            stop = true;
            HeldUp.unwatch(listener);
        }
    }

    /** A wait in a class initializer cannot free the thread under it. */
    private static final class Slow {
        static final boolean DONE = block();

        private static boolean block() {
            while (!stop) {
                LockSupport.park();
            }
            return true;
        }
    }

    @Test
    void a_pinned_goroutine_is_reported() throws Exception {
        BlockingQueue<HeldUp.Report> reports = new LinkedBlockingQueue<>();
        Consumer<HeldUp.Report> listener = reports::add;
        HeldUp.watch(listener);
        Goroutine pinned = go(() -> assertThat(Slow.DONE).isTrue());
        try {
            HeldUp.Report first = of(pinned, reports);
            assertThat(first.burns()).isFalse();
            assertThat(first.over()).isFalse();
            assertThat(first.nanos()).isGreaterThanOrEqualTo(HeldUp.pinnedNanos());
            assertThat(first.stack()).anyMatch(f -> f.getMethodName().equals("block"));
            assertThat(held(first)).isEqualTo("pinned");
            stop = true;
            LockSupport.unpark(pinned.thread());
            HeldUp.Report last = of(pinned, reports);
            assertThat(last.over()).isTrue();
            assertThat(held(last)).isEmpty();
        } finally {
            stop = true;
            LockSupport.unpark(pinned.thread());
            HeldUp.unwatch(listener);
        }
    }

    /** What is said of the P that {@code r} is about. */
    private static String held(HeldUp.Report r) {
        return Probe.ps().stream().filter(p -> p.id() == r.p()).findFirst().orElseThrow().held();
    }

    private static HeldUp.Report of(Goroutine g, BlockingQueue<HeldUp.Report> reports)
            throws InterruptedException {
        for (; ; ) {
            HeldUp.Report r = reports.poll(20, TimeUnit.SECONDS);
            assertThat(r).as("report of " + g).isNotNull();
            if (r.id() == g.id()) {
                return r;
            }
        }
    }
}
