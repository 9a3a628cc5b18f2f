package dev.jenny.internal.sched;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.jenny.Go;
import dev.jenny.GoRuntime;
import dev.jenny.Goroutine;
import dev.jenny.support.JavaProcess;
import dev.jenny.sync.Mutex;
import dev.jenny.sync.WaitGroup;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class JdkLocksTest {
    /** Goroutines that park and wake all the time, while they are asked for their monitors. */
    static final class Busy {
        private static final int ASKED = 200_000;

        private static final Mutex MUTEX = new Mutex();
        private static final Object MONITOR = new Object();
        private static volatile boolean over;

        private static void enter() throws InterruptedException {
            MUTEX.lock();
            try {
                Go.gosched();
            } finally {
                MUTEX.unlock();
            }
            synchronized (MONITOR) {
                MONITOR.notifyAll();
                MONITOR.wait(0, 1);
            }
        }

        private static void work() throws InterruptedException {
            while (!over) {
                WaitGroup wg = new WaitGroup();
                for (int k = 0; k < 3; k++) {
                    wg.go(Busy::enter);
                }
                wg.await();
            }
        }

        public static void main(String[] args) throws InterruptedException {
            List<Goroutine> gs = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                gs.add(Go.go(Busy::work));
            }
            for (int i = 0; i < ASKED; i++) {
                JdkLocks.monitors(gs.get(i % gs.size()).thread());
            }
            over = true;
            for (Goroutine g : gs) {
                g.join();
            }
            System.out.println("none was lost");
        }
    }

    @Test
    void whoIsAskedForItsMonitorsIsNotDisturbed() throws Exception {
        assumeTrue(GoRuntime.mode().equals("custom"), "without it the JDK's locks tell nothing");
        JavaProcess.Result r = JavaProcess.of(Busy.class).embedded().run();
        assertThat(r.exitCode()).as(r.toString()).isZero();
        assertThat(r.out()).isEqualTo("none was lost\n");
    }
}
