package dev.jenny.internal.sched;

import static dev.jenny.Go.go;
import static dev.jenny.support.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.jenny.Goroutine;
import dev.jenny.internal.loom.Coroutine;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Wake-ups and interrupts that come when what they were meant for is over. */
@Timeout(60)
class LateWakeTest {
    @BeforeEach
    void drivenDirectly() {
        assumeTrue(Coroutine.AVAILABLE, "needs goroutines that are driven directly");
    }

    @Test
    void aGoroutineThatWaitsInJdkCodeForALimitedTimeHearsWhatComesAfter() throws Exception {
        BlockingQueue<String> queue = new LinkedBlockingQueue<>();
        CompletableFuture<String> got = new CompletableFuture<>();
        G g = (G) go(() -> got.complete(queue.poll(1, TimeUnit.HOURS)));
        eventually(() -> g.thread().getState() == Thread.State.TIMED_WAITING);
        g.unpark(); // of a waker whose waiter has left without it
        queue.put("x");
        assertThat(got.get(20, TimeUnit.SECONDS)).isEqualTo("x");
    }

    @Test
    void aGoroutineThatSleepsInJdkCodeCanBeInterruptedAfterALateWakeUp() throws Exception {
        CompletableFuture<String> end = new CompletableFuture<>();
        Goroutine g =
                go(() -> {
                    try {
                        Thread.sleep(3_600_000);
                    } catch (InterruptedException e) {
                        end.complete("interrupted");
                    }
                });
        eventually(() -> g.thread().getState() == Thread.State.TIMED_WAITING);
        ((G) g).unpark();
        g.thread().interrupt();
        assertThat(end.get(20, TimeUnit.SECONDS)).isEqualTo("interrupted");
    }

    @Test
    void aQueueEntryThatHasBeenOvertakenLeavesTheThreadWakeable() throws Exception {
        CompletableFuture<String> end = new CompletableFuture<>();
        BlockingQueue<String> queue = new LinkedBlockingQueue<>();
        G g = (G) go(() -> end.complete(queue.take()));
        eventually(() -> g.thread().getState() == Thread.State.WAITING);
        if (Coroutine.unpark(g.thread())) { // what such an entry does
            Sched.ready(g);
        }
        queue.put("x");
        assertThat(end.get(20, TimeUnit.SECONDS)).isEqualTo("x");
    }

    @Test
    void anInterruptThatHitsAnIdleMDoesNotKeepItAwake() {
        List<Thread> all =
                Thread.getAllStackTraces().keySet().stream()
                        .filter(t -> t.getName().matches("jenny-m\\d+"))
                        .toList();
        all.forEach(Thread::interrupt);
        eventually(() -> all.stream().noneMatch(Thread::isInterrupted));
    }
}
