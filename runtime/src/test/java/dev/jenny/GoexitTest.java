package dev.jenny;

import static dev.jenny.Go.go;
import static dev.jenny.support.Mode.assumeCustom;
import static org.assertj.core.api.Assertions.assertThat;

import dev.jenny.support.JavaProcess;
import dev.jenny.support.JavaProcess.Result;
import dev.jenny.sync.WaitGroup;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** goexit ends a goroutine, and nothing else. */
@Timeout(90)
class GoexitTest {
    @Test
    void finallyBlocksRunAndWhatFollowsDoesNot() throws Exception {
        List<String> log = new ArrayList<>();
        Goroutine g =
                go(() -> {
                    try {
                        try {
                            log.add("before");
                            Go.goexit();
                            log.add("after");
                        } finally {
                            log.add("inner");
                        }
                    } catch (Exception e) {
                        log.add("caught " + e);
                    } finally {
                        log.add("outer");
                    }
                    log.add("end");
                });
        g.join();
        assertThat(log).containsExactly("before", "inner", "outer");
    }

    @Test
    void itIsNotAPanic() throws Exception {
        List<Throwable> panics = new ArrayList<>();
        GoRuntime.onPanic((g, e) -> panics.add(e));
        try {
            go(Go::goexit).join();
        } finally {
            GoRuntime.onPanic(null);
        }
        assertThat(panics).isEmpty();
    }

    @Test
    void inAFinallyBlockItAbortsThePanic() throws Exception {
        List<Throwable> panics = new ArrayList<>();
        GoRuntime.onPanic((g, e) -> panics.add(e));
        try {
            Goroutine g =
                    go(() -> {
                        try {
                            throw new IllegalStateException("aborted");
                        } finally {
                            exit();
                        }
                    });
            g.join();
        } finally {
            GoRuntime.onPanic(null);
        }
        assertThat(panics).isEmpty();
    }

    private static void exit() {
        Go.goexit();
    }

    @Test
    void aWaitGroupCountsTheGoroutineAsDone() throws Exception {
        WaitGroup wg = new WaitGroup();
        for (int i = 0; i < 10; i++) {
            wg.go(Go::goexit);
        }
        wg.await();
    }

    @Test
    void afterMainsGoexitTheOthersGoOn() throws Exception {
        Result r = JavaProcess.of(MainExits.class).args("exit").run();
        assertThat(r.out()).as(r.toString()).isEqualTo("finally\nother\n");
        assertThat(r.exitCode()).isEqualTo(3);
    }

    @Test
    void afterMainsGoexitTheEndOfTheOthersIsADeadlock() throws Exception {
        assumeCustom("deadlock reports");
        Result r = JavaProcess.of(MainExits.class).args("end").run();
        assertThat(r.out()).as(r.toString()).isEqualTo("finally\nother\n");
        assertThat(r.err())
                .startsWith("fatal error: no goroutines (main called Go.goexit) - deadlock!\n")
                .doesNotContain("goroutine ");
        assertThat(r.exitCode()).isEqualTo(2);
    }

    static final class MainExits {
        public static void main(String[] args) {
            Chan<Integer> ch = Chan.make();
            go(() -> {
                ch.recv();
                System.out.println("other");
                if (args[0].equals("exit")) {
                    System.exit(3);
                }
            });
            try {
                Go.goexit();
            } finally {
                System.out.println("finally");
                ch.close();
            }
        }
    }
}
