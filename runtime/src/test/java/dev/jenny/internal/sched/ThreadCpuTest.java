package dev.jenny.internal.sched;

import static dev.jenny.support.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

class ThreadCpuTest {
    private volatile boolean over;
    private volatile boolean parks;

    @Test
    void the_letter_behind_the_name_is_the_state() {
        assertThat(ThreadCpu.isRunnable("17 (jenny-m0) R 1 17 17 0")).isTrue();
        assertThat(ThreadCpu.isRunnable("17 (jenny-m0) S 1 17 17 0")).isFalse();
        assertThat(ThreadCpu.isRunnable("17 (a) R (b) D 1 17 17 0")).isFalse();
        assertThat(ThreadCpu.isRunnable("17 (a b) R 1")).isTrue();
        assertThat(ThreadCpu.isRunnable("")).isFalse();
    }

    /** However little of the CPU it gets, and whether the kernel has counted that or not. */
    @Test
    void a_thread_that_computes_is_runnable_and_one_that_is_parked_is_not() throws Exception {
        CompletableFuture<ThreadCpu> figures = new CompletableFuture<>();
        Thread t =
                Thread.ofPlatform()
                        .start(() -> {
                            figures.complete(ThreadCpu.ofCurrentThread());
                            while (!over) {
                                if (parks) {
                                    LockSupport.park();
                                }
                            }
                        });
        try {
            ThreadCpu cpu = figures.get();
            assumeTrue(cpu != null);
            eventually(cpu::runnable);
            parks = true;
            eventually(() -> !cpu.runnable());
            cpu.close();
        } finally {
            over = true;
            LockSupport.unpark(t);
            t.join();
        }
    }
}
