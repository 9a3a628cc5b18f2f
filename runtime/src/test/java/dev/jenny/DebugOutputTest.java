package dev.jenny;

import static dev.jenny.Go.go;
import static dev.jenny.support.Mode.assumeCustom;
import static org.assertj.core.api.Assertions.assertThat;

import dev.jenny.support.JavaProcess;
import dev.jenny.support.JavaProcess.Result;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** JENNYDEBUG: the scheduler's trace in Go's format, and the boot steps. */
@Timeout(90)
class DebugOutputTest {
    private static final String SCHED =
            "SCHED \\d+ms: gomaxprocs=\\d+ idleprocs=\\d+ threads=\\d+ spinningthreads=\\d+"
                    + " needspinning=\\d+ idlethreads=\\d+ runqueue=\\d+";
    private static final String BRIEF = SCHED + " \\[ (\\d+ )+\\] schedticks=\\[ (\\d+ )+\\]";
    private static final String DETAIL =
            SCHED
                    + " gcwaiting=(true|false) nmidlelocked=\\d+ stopwait=\\d+ sysmonwait=(true|false)";
    private static final String P =
            "  P\\d+: status=\\d+ schedtick=\\d+ syscalltick=\\d+ m=(\\d+|nil) runqsize=\\d+"
                    + " gfreecnt=\\d+ timerslen=\\d+";
    private static final String M =
            "  M\\d+: p=(\\d+|nil) curg=(\\d+|nil) mallocing=\\d+ throwing=\\d+ preemptoff= locks=\\d+"
                    + " dying=\\d+ spinning=(true|false) blocked=(true|false) lockedg=(\\d+|nil)";
    private static final String G =
            "  G\\d+: status=\\d+\\([^()]*(\\(no cases\\))?\\) m=(\\d+|nil) lockedm=(\\d+|nil)";

    static final class Work {
        public static void main(String[] args) throws InterruptedException {
            Chan<Integer> ch = Chan.make();
            go(() -> {
                for (; ; ) {
                    ch.send(1);
                }
            });
            go(() -> Select.select());
            long end = System.nanoTime() + Duration.ofMillis(400).toNanos();
            while (System.nanoTime() < end) {
                ch.recv();
            }
        }
    }

    @Test
    void schedtrace() throws Exception {
        assumeCustom("schedtrace");
        Result r = JavaProcess.of(Work.class).maxprocs(3).env("JENNYDEBUG", "schedtrace=50").run();
        List<String> lines = r.err().lines().toList();
        assertThat(lines).as(r.toString()).hasSizeGreaterThan(2).allMatch(l -> l.matches(BRIEF));
        assertThat(lines.getFirst()).startsWith("SCHED 0ms: gomaxprocs=3 ");
        String queues = lines.getLast().replaceAll(".* \\[ (.*)\\] schedticks.*", "$1");
        assertThat(queues.strip().split(" ")).as("one for each P").hasSize(3);
        assertThat(r.exitCode()).isZero();
    }

    @Test
    void scheddetail() throws Exception {
        assumeCustom("schedtrace");
        Result r =
                JavaProcess.of(Work.class)
                        .maxprocs(2)
                        .env("JENNYDEBUG", "schedtrace=50,scheddetail=1")
                        .run();
        List<String> lines = r.err().lines().toList();
        assertThat(lines)
                .as(r.toString())
                .allMatch(l -> l.matches(DETAIL) || l.matches(P) || l.matches(M) || l.matches(G));
        assertThat(lines.getFirst()).matches(DETAIL);
        assertThat(lines).anyMatch(l -> l.matches(P) && l.startsWith("  P1: "));
        assertThat(lines).anyMatch(l -> l.matches(M));
        assertThat(lines).anyMatch(l -> l.startsWith("  G1: status="));
        assertThat(lines).anyMatch(l -> l.contains("status=4(select (no cases)) m=nil"));
    }

    @Test
    void boottrace() throws Exception {
        Result r = JavaProcess.of(Nothing.class).env("JENNYDEBUG", "boottrace=1").run();
        List<String> lines = r.err().lines().toList();
        assertThat(lines).as(r.toString()).hasSizeGreaterThan(3);
        assertThat(lines).allMatch(l -> l.startsWith("BOOT "));
        assertThat(lines.subList(0, lines.size() - 1))
                .allMatch(l -> l.matches("BOOT +\\d+[.,]\\d+ms \\+\\d+[.,]\\d+ms .+"));
        assertThat(r.err()).contains("cpus: ", "scheduler: ", "main: goroutine 1");
        assertThat(r.exitCode()).isZero();
    }

    @Test
    void withoutItNothingIsPrinted() throws Exception {
        Result r = JavaProcess.of(Nothing.class).run();
        assertThat(r.err()).isEmpty();
        assertThat(r.out()).isEmpty();
    }

    @Test
    void whatIsNotUnderstoodIsNamed() throws Exception {
        Result r =
                JavaProcess.of(Nothing.class)
                        .env("JENNYDEBUG", "schedtarce=100,schedtrace=often")
                        .run();
        assertThat(r.err()).contains("schedtarce=100").contains("schedtrace=often").hasLineCount(2);
        assertThat(r.exitCode()).isZero();
    }

    static final class Nothing {
        public static void main(String[] args) {
            if (Go.current() == null) {
                throw new AssertionError("main is no goroutine");
            }
        }
    }
}
