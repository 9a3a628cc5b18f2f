package dev.jenny;

import static dev.jenny.Go.go;
import static org.assertj.core.api.Assertions.assertThat;

import dev.jenny.support.JavaProcess;
import dev.jenny.support.JavaProcess.Result;
import dev.jenny.support.Mode;
import dev.jenny.sync.WaitGroup;
import dev.jenny.time.Timers;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Without access to java.lang: the same API, and one line that says what is off. */
@Timeout(90)
class FallbackModeTest {
    @Test
    void oneLineSaysWhatIsOffAndHowToTurnItOn() throws Exception {
        Result r = JavaProcess.of(Program.class).fallback().run();
        assertThat(r.out()).as(r.toString()).isEqualTo("fallback 100\n");
        assertThat(r.err())
                .hasLineCount(1)
                .contains("java.lang is not open")
                .contains("--add-opens java.base/java.lang=ALL-UNNAMED");
        assertThat(r.exitCode()).isZero();
    }

    @Test
    void theLineCanBeSilenced() throws Exception {
        Result r = JavaProcess.of(Program.class).fallback().option("-Djenny.quiet=true").run();
        assertThat(r.out()).as(r.toString()).isEqualTo("fallback 100\n");
        assertThat(r.err()).isEmpty();
    }

    @Test
    void itCanBeAskedFor() throws Exception {
        Result r = JavaProcess.of(Program.class).option("-Djenny.mode=fallback").run();
        assertThat(r.out()).as(r.toString()).isEqualTo("fallback 100\n");
    }

    @Test
    void theTestsRunInTheModeThatTheBuildMeans() {
        String meant = System.getProperty("jenny.test.mode");
        if (meant != null) {
            assertThat(GoRuntime.mode()).isEqualTo(meant);
        }
        assertThat(Mode.isCustom()).isEqualTo(GoRuntime.mode().equals("custom"));
    }

    @Test
    void aTimerMayStillStartAGoroutineWhenTheLastHasEnded() throws Exception {
        Result r = JavaProcess.of(TimerAfterMain.class).fallback().run();
        assertThat(r.out()).as(r.toString()).isEqualTo("fired\n");
        assertThat(r.err()).contains("no goroutines (main called");
        assertThat(r.exitCode()).isEqualTo(2);
    }

    static final class TimerAfterMain {
        public static void main(String[] args) {
            Timers.afterFunc(Duration.ofMillis(50), () -> System.out.println("fired"));
            Go.goexit();
        }
    }

    static final class Program {
        public static void main(String[] args) throws InterruptedException {
            WaitGroup wg = new WaitGroup();
            AtomicInteger n = new AtomicInteger();
            Chan<Integer> ch = Chan.make();
            for (int i = 0; i < 100; i++) {
                wg.go(() -> n.addAndGet(ch.recv()));
            }
            for (int i = 0; i < 100; i++) {
                go(() -> ch.send(1));
            }
            wg.await();
            Go.sleep(Duration.ofMillis(1));
            System.out.println(GoRuntime.mode() + " " + n);
        }
    }
}
