package dev.jenny;

import static dev.jenny.Go.go;
import static org.assertj.core.api.Assertions.assertThat;

import dev.jenny.support.JavaProcess;
import dev.jenny.support.JavaProcess.Result;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** How a program under jenny run ends. */
@Timeout(90)
class MainExitTest {
    @Test
    void mainIsGoroutineOne() throws Exception {
        Result r = JavaProcess.of(Ends.class).args("id").run();
        assertThat(r.out()).as(r.toString()).isEqualTo("1\nhook\n");
        assertThat(r.exitCode()).isZero();
    }

    @Test
    void whenMainReturnsTheOthersAreDropped() throws Exception {
        Result r = JavaProcess.of(Ends.class).args("return").run();
        assertThat(r.out()).as(r.toString()).isEqualTo("main returns\nhook\n");
        assertThat(r.err()).isEmpty();
        assertThat(r.exitCode()).isZero();
    }

    @Test
    void systemExitIsHonouredFromAnyGoroutine() throws Exception {
        Result r = JavaProcess.of(Ends.class).args("exit").run();
        assertThat(r.out()).as(r.toString()).isEqualTo("exits\nhook\n");
        assertThat(r.exitCode()).isEqualTo(3);
    }

    @Test
    void aSignalEndsItWithHooks() throws Exception {
        Process p = JavaProcess.of(Ends.class).args("wait").start();
        byte[] ready = p.getInputStream().readNBytes("ready\n".length());
        assertThat(new String(ready)).isEqualTo("ready\n");
        p.toHandle().destroy(); // SIGTERM; Process.destroy would close our ends, too
        Result r = JavaProcess.await(p);
        assertThat(r.out()).as(r.toString()).isEqualTo("hook\n");
        assertThat(r.err()).isEmpty();
        assertThat(r.exitCode()).isEqualTo(128 + 15);
    }

    @Test
    void aPanicWhoseHandlerFailsEndsIt() throws Exception {
        for (String how : new String[] {"handler throws", "handler rethrows"}) {
            Result r = JavaProcess.of(Ends.class).args(how).run();
            assertThat(r.out()).as(r.toString()).isEqualTo("hook\n");
            assertThat(r.err()).contains("panic: ", "boom").doesNotContain("Self-suppression");
            assertThat(r.exitCode()).isEqualTo(2);
        }
        Result r = JavaProcess.of(Ends.class).args("handler goexits").run();
        assertThat(r.out()).as(r.toString()).isEqualTo("hook\n");
        assertThat(r.exitCode()).isEqualTo(2);
    }

    static final class Ends {
        public static void main(String[] args) throws InterruptedException {
            Runtime.getRuntime().addShutdownHook(new Thread(() -> System.out.println("hook")));
            Chan<Integer> never = Chan.make();
            switch (args[0]) {
                case "handler throws" -> {
                    GoRuntime.onPanic((g, e) -> {
                        throw new IllegalArgumentException("the handler's");
                    });
                    throw new IllegalStateException("boom");
                }
                case "handler rethrows" -> {
                    GoRuntime.onPanic((g, e) -> {
                        throw (IllegalStateException) e;
                    });
                    throw new IllegalStateException("boom");
                }
                case "handler goexits" -> {
                    GoRuntime.onPanic((g, e) -> Go.goexit());
                    throw new IllegalStateException("boom");
                }
                case "id" -> System.out.println(Go.current().id());
                case "return" -> {
                    for (int i = 0; i < 100; i++) {
                        go(() -> {
                            try {
                                never.recv();
                            } finally {
                                System.out.println("a dropped goroutine's finally");
                            }
                        });
                    }
                    Go.gosched();
                    System.out.println("main returns");
                }
                case "exit" -> {
                    go(() -> {
                        System.out.println("exits");
                        System.exit(3);
                    });
                    never.recv();
                }
                case "wait" -> {
                    // A timer keeps this from being a deadlock.
                    go(() -> Go.sleep(java.time.Duration.ofHours(1)));
                    System.out.println("ready");
                    never.recv();
                }
                default -> throw new AssertionError(args[0]);
            }
        }
    }
}
