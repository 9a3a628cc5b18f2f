package dev.jenny.inspect;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jenny.Chan;
import dev.jenny.Go;
import dev.jenny.GoRuntime;
import dev.jenny.Goroutine;
import dev.jenny.inspect.internal.model.InTurn;
import dev.jenny.inspect.internal.model.Model;
import dev.jenny.sync.Mutex;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What is found to be wrong makes the recorder write what led there. */
@Timeout(60)
class FlightRecorderIssuesTest {
    @TempDir Path dir;

    @BeforeEach
    void customMode() {
        Assumptions.assumeTrue(GoRuntime.mode().equals("custom"));
    }

    private static Path await(FlightRecorder r) throws InterruptedException {
        Path file = r.lastDump();
        while (file == null) {
            Go.sleep(Duration.ofMillis(1));
            file = r.lastDump();
        }
        return file;
    }

    @Test
    void aPartialDeadlockIsRecorded() throws Exception {
        Mutex a = new Mutex();
        Mutex b = new Mutex();
        CountDownLatch both = new CountDownLatch(2);
        try (FlightRecorder r = FlightRecorder.with().directory(dir).onDeadlock().start()) {
            Goroutine g1 = Go.go(() -> lockBoth(a, b, both));
            Goroutine g2 = Go.go(() -> lockBoth(b, a, both));
            assertThat(await(r).getFileName().toString()).endsWith("-deadlock.trace");
            g1.thread().interrupt();
            g1.join();
            g2.join();
        }
    }

    @Test
    void nobodyLooksOnceItIsClosedUntilAnotherIsThere() throws Exception {
        aPartialDeadlockIsRecorded();
        Thread looks =
                Thread.getAllStackTraces().keySet().stream()
                        .filter(t -> t.getName().equals("jenny-issues"))
                        .findFirst()
                        .orElseThrow();
        while (looks.getState() != Thread.State.WAITING) { // with no time limit
            Go.sleep(Duration.ofMillis(1));
        }
        aPartialDeadlockIsRecorded();
    }

    private static void lockBoth(Mutex first, Mutex second, CountDownLatch both) {
        try {
            InTurn.lock(first, second, both);
        } catch (InterruptedException e) {
            // gives way
        }
    }

    @Test
    void aLeakIsRecorded() throws Exception {
        Assumptions.assumeTrue(Model.leaksUnsupported() == null);
        try (FlightRecorder r = FlightRecorder.with().directory(dir).onLeak().start()) {
            leak();
            while (!Leaks.find().contains("FlightRecorderIssuesTest")) {
                Go.sleep(Duration.ofMillis(1));
            }
            assertThat(await(r).getFileName().toString()).endsWith("-1-leak.trace");
        }
    }

    private static void leak() throws InterruptedException {
        Goroutine g = Go.go(() -> Chan.<Integer>make().recv());
        while (g.thread().getState() != Thread.State.WAITING) {
            Thread.onSpinWait();
        }
    }
}
